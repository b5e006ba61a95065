/* fetch/sumdb.h: the form of a checksum database's answers.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FETCH_SUMDB_H
#define FETCH_SUMDB_H

#include "base/str.h"

struct err;

/* Text without control characters; a lookup begins with a line that is the
 * record's number. -1 with FAULT_UPSTREAM. */
int sumdb_check_text(struct str body, bool lookup, struct err *err) WARN_UNUSED;

/* The tile ("8/0/x001/234.p/5") has the size that its name says; a data tile
 * any but none. */
int sumdb_check_tile(struct str tile, int64_t size, struct err *err) WARN_UNUSED;

#endif
