/* cache/lock.h: byte-range locks on CACHE/state/locks.
 *
 * Each lock is an open file description of its own; closing its last
 * descriptor, in this process or in a child that inherited it, gives it up,
 * and so does the kernel when the processes die: there is no stale lock. The
 * file is never renamed, unlinked or truncated.
 *
 * A key's lock is the byte at its 62-bit hash; the helpers' turns are the bytes
 * from LOCK_TURNS on.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CACHE_LOCK_H
#define CACHE_LOCK_H

#include "base/buf.h"

struct cache;
struct err;
struct key;

/* Above every key's byte; off_t is 63 bits wide. */
#define LOCK_TURNS ((int64_t)1 << 62)

/* Behind all turns. */
#define LOCK_HELPER (LOCK_TURNS + 65536)

/* Takes k's lock, waiting until the deadline (milliseconds on clock_ms(); 0:
 * does not wait). 1 and *ret_fd; 0 when somebody else has it; -1 on error. */
int lock_key(const struct cache *c, const struct key *k, int64_t deadline_ms, int *ret_fd,
	     struct err *err) WARN_UNUSED;

/* The same for something else that has a name of its own below the cache's
 * folder, such as "state/vcs/<hash>". */
int lock_name(const struct cache *c, struct str name, int64_t deadline_ms, int *ret_fd,
	      struct err *err) WARN_UNUSED;

/* Takes one of `most` helpers' turns, in the same way. */
int lock_turn(const struct cache *c, int64_t most, int64_t deadline_ms, int *ret_fd,
	      struct err *err) WARN_UNUSED;

/* The lock under which a lingering helper is started or leaves. */
int lock_helper(const struct cache *c, int64_t deadline_ms, int *ret_fd,
		struct err *err) WARN_UNUSED;

#endif
