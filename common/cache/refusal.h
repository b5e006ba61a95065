/* cache/refusal.h: "no" with a reason and a lifetime, kept in state/refused.
 *
 * One small file each, named after the hash of the key's file; the key stands
 * in it and is compared. Writing one removes expired ones from the same of 256
 * folders, so that they do not pile up.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CACHE_REFUSAL_H
#define CACHE_REFUSAL_H

#include <time.h>

#include "base/buf.h"

struct cache;
struct err;
struct key;

/* Looks for a refusal of k that has not expired. true: *ret (caller's ERR())
 * holds its fault, text, and the seconds left as retry_after where its fault
 * has such a header. An unreadable or foreign file counts as none. */
bool refusal_find(const struct cache *c, const struct key *k, struct err *ret);

/* Remembers `why` for k during `seconds`. */
int refusal_write(const struct cache *c, const struct key *k, const struct err *why,
		  int64_t seconds, struct err *err) WARN_UNUSED;

/* Forgets it (a publication does this). */
void refusal_clear(const struct cache *c, const struct key *k);

#endif
