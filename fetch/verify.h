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

/* k's .zip or .mod has this hash: compared with the one that was published first
 * and with the checksum database, as far as the settings want it asked. -1 with
 * FAULT_INTEGRITY "checksum mismatch: wanted h1:..., got h1:...", or why it
 * cannot be known. */
int verify_hash(struct job *j, const struct key *k, struct str h1, struct err *err) WARN_UNUSED;

/* The same without the database: what the cache itself knows. */
int verify_first(const struct job *j, const struct key *k, struct str h1,
		 struct err *err) WARN_UNUSED;

#endif
