/* admin/tree.h: what is in the cache's mod folder, or in a tree of that form.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ADMIN_TREE_H
#define ADMIN_TREE_H

#include "base/str.h"

struct err;

enum tree_what {
	TREE_FILE,	/* a regular file */
	TREE_FOLDER,	/* before what is in it */
	TREE_OTHER	/* a link, a socket, ... */
};

/* `path` is relative to the root of the walk. A negative value ends the walk. */
typedef int tree_fn(void *ctx, int dir, struct str path, enum tree_what what, struct err *err);

/* Walks below dir/start, each folder's names in bytewise order; names that begin
 * with a dot are passed over. `dir` of fn is the root's descriptor. A start that
 * is not there is an empty walk. */
int tree_walk(int dir, const char *start, tree_fn *fn, void *ctx, struct err *err) WARN_UNUSED;

/* Whether a walk comes to file a before file b (negative), as strcmp() says it: a
 * folder's files stay together, "a/b" is before "a-b". */
int tree_cmp(struct str a, struct str b);

/* A list of paths. */
struct paths {
	char **path;
	size_t n;
	size_t room;
};

#define PATHS() ((struct paths){ NULL, 0, 0 })

void paths_add(struct paths *f, struct str path);
void paths_free(struct paths *f);

#endif
