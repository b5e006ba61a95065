/* fetch/vcs/discover.h: where a module's repository is.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FETCH_VCS_DISCOVER_H
#define FETCH_VCS_DISCOVER_H

#include "base/buf.h"
#include "base/limits.h"

struct err;
struct job;

struct place_found {
	struct buf vcs;		/* "git"; "mod" for a proxy */
	struct buf root;	/* the path that it stands for */
	struct buf url;
	struct buf subdir;	/* of the repository, "" for its root */
};

#define PLACE_FOUND() ((struct place_found){ BUF(MAX_NAME), BUF(MAX_URI), BUF(MAX_URL), \
					     BUF(MAX_URI) })

void place_found_release(struct place_found *p);

/* Finds out: by a table of hosts, by what the path itself says (".git"), or by asking
 * the path's host, as the go command does. FAULT_NOT_FOUND when nothing is there;
 * FAULT_DENIED when the setting vcs does not allow it. */
int discover(struct job *j, struct str path, struct place_found *ret, struct err *err) WARN_UNUSED;

/* The path matches the setting insecure. */
bool discover_is_insecure(const struct job *j, struct str path);

#endif
