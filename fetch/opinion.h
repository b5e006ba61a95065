/* fetch/opinion.h: what libzip says about a zip.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FETCH_OPINION_H
#define FETCH_OPINION_H

#include "base/sys.h"

struct err;
struct zipdir;

/* libzip keeps some 250 bytes for each entry. A zip with more entries than this
 * is shown to it in parts. */
#define OPINION_MOST 4096

/* d was read whole and found good. Each of its entries passes libzip's strict
 * check (ZIP_CHECKCONS); up to OPINION_MOST, the file as it is. The position of
 * d's descriptor is undefined afterwards. -1 with FAULT_UPSTREAM and
 * RULE_CONSISTENCY, or FAULT_LOCAL. */
int opinion_ask(const struct zipdir *d, struct err *err) WARN_UNUSED;

#endif
