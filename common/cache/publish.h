/* cache/publish.h: the only writer of final names in the cache.
 *
 * Bytes land in a file of state/stage, on the cache's own file system; after
 * they are verified, publish_key() syncs the file, gives it its final name at
 * once and syncs the folder. A reader sees the whole file or none. An
 * immutable name that exists already is left as it is.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CACHE_PUBLISH_H
#define CACHE_PUBLISH_H

#include "base/buf.h"

struct cache;
struct err;
struct key;

struct stage {
	const struct cache *cache;
	int fd;			/* read and write, at the end of what was written */
	char name[48];		/* below the cache's folder; "" for none */
};

#define STAGE() ((struct stage){ NULL, -1, "" })

int stage_open(struct stage *s, const struct cache *c, struct err *err) WARN_UNUSED;

/* FAULT_LOCAL with the reason ("no space left on device"). */
int stage_write(struct stage *s, const void *p, size_t n, struct err *err) WARN_UNUSED;

/* Forgets the bytes; the file is empty again. */
int stage_restart(struct stage *s, struct err *err) WARN_UNUSED;

/* Closes, and removes the file unless it was published. */
void stage_release(struct stage *s);

/* Publishes under the key's file. `when` is the file's time, (time_t)-1 for
 * now. The stage is released. */
int publish_key(struct stage *s, const struct key *k, time_t when, bool sync,
		struct err *err) WARN_UNUSED;

/* The same under a path below the cache's folder that the caller vouches for
 * (".ziphash", "state/sumdb/NAME/base"); immutable says whether an existing
 * file wins. */
int publish_file(struct stage *s, const char *relpath, bool immutable, time_t when, bool sync,
		 struct err *err) WARN_UNUSED;

/* A small text under a key. Where a mutable file says it already, that file gets the
 * time alone. */
int publish_text(const struct cache *c, const struct key *k, struct str text, time_t when,
		 bool sync, struct err *err) WARN_UNUSED;

/* Removes files of state/stage that nobody has touched for a day. */
void stage_sweep(const struct cache *c);

#endif
