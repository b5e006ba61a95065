/* cache/cache.h: the cache's folders, and looking something up in them.
 *
 * The format is described in stoa-cache(5). Reading opens once, and uses that
 * descriptor: a file that is replaced meanwhile does not matter.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CACHE_CACHE_H
#define CACHE_CACHE_H

#include <time.h>

#include "base/buf.h"

struct err;
struct key;

struct cache {
	int root;	/* the cache's folder */
	char *dir;	/* its path, as the administrator named it */
};

#define CACHE() ((struct cache){ -1, NULL })

/* Opens the cache; makes what is missing of it (the folder, mod/, state/ and
 * state's folders). -1 with FAULT_LOCAL. */
int cache_open(struct cache *c, const char *dir, struct err *err) WARN_UNUSED;
void cache_release(struct cache *c);

/* The time of a list or @latest that was composed from what the cache holds: in
 * 1970, so that it is old from the start and asked for again. */
#define CACHE_COMPOSED ((time_t)1)

struct entry {
	int fd;			/* -1: nothing there */
	off_t size;
	struct timespec mtime;
};

#define ENTRY() ((struct entry){ -1, 0, { 0, 0 } })

void entry_release(struct entry *e);

/* 0 with e->fd >= 0 for a hit, 0 with e->fd == -1 for a miss; -1 (FAULT_LOCAL)
 * when the file system says something else. One open, one fstat. */
int cache_lookup(const struct cache *c, const struct key *k, struct entry *e,
		 struct err *err) WARN_UNUSED;

/* Only whether it is there. */
bool cache_has(const struct cache *c, const struct key *k);

/* Calls fn for each version that the cache holds of k's module: the names of
 * .info, .mod and .zip files, unescaped, each version once, in no order;
 * pseudo-versions included. `c` of the module may be missing: no calls. */
typedef void cache_version_fn(void *ctx, struct str version);
int cache_versions(const struct cache *c, const struct key *k, cache_version_fn *fn, void *ctx,
		   struct err *err) WARN_UNUSED;

/* Writes and removes a file in state/stage: 0 when the cache is writable. */
int cache_check_writable(const struct cache *c, struct err *err) WARN_UNUSED;

#endif
