/* fetch/vcs/modzip.h: making a module zip from a zip of a repository's tree, by
 * the rules of x/mod/zip: Create and its checkFiles.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FETCH_VCS_MODZIP_H
#define FETCH_VCS_MODZIP_H

#include "base/buf.h"

struct body;
struct early;
struct err;
struct reuse;

struct modzip {
	struct str path;		/* the module's */
	struct str version;
	struct str folder;		/* of the tree, "" for all of it */
	const struct buf *license;	/* the tree's own, for a folder that has none; or NULL */
	struct reuse *reuse;		/* the zip before; or NULL */
	struct early *early;		/* what has been packed; or NULL */
	struct buf *ret_sum;		/* gets digest_text() of the directory; or NULL */
};

/* Files up to this are packed in memory, whole. */
#define MODZIP_SMALL (256u << 10)

/* Reads the zip behind fd, whose names begin with one folder, and writes the
 * module's. The same tree gives the same bytes. -1 with FAULT_NOT_FOUND and the rule
 * when no module zip can be made of it. */
int modzip_make(const struct modzip *z, int fd, struct body *out, struct err *err) WARN_UNUSED;

#endif
