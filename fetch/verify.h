/* fetch/verify.h: whether bytes are the module that the world, or this cache,
 * knows under that name and version.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FETCH_VERIFY_H
#define FETCH_VERIFY_H

#include "base/str.h"

struct err;
struct job;
struct key;

/* Begins to ask the checksum database about k's version, without waiting. */
void verify_begin(struct job *j, const struct key *k);

/* k's .zip or .mod has this hash: compared with the checksum database's or, where
 * the settings do not want that asked, with the one that was published first. -1
 * with FAULT_INTEGRITY "checksum mismatch: ..." and both hashes, or why it cannot
 * be known (sumdb_verify()). */
int verify_hash(struct job *j, const struct key *k, struct str h1, struct err *err) WARN_UNUSED;

#endif
