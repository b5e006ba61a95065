/* fetch/vcs/code.h: from a repository to the versions of a module in it: what
 * cmd/go/internal/modfetch's codeRepo computes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FETCH_VCS_CODE_H
#define FETCH_VCS_CODE_H

#include "fetch/vcs/vcs.h"

struct body;

struct code {
	struct vcs_repo *repo;	/* borrowed */
	struct str path;	/* the module's; borrowed */
	struct str prefix;	/* of the path, without the major: views into it */
	struct str major;	/* "/v2", ".v2", "" */
	struct buf root;	/* the path that the repository stands for */
	struct buf dir;		/* where in the repository the module is */
	bool knows_retracted;
	struct names low;	/* the intervals that are retracted */
	struct names high;
};

#define CODE() ((struct code){ .root = BUF(MAX_URI), .dir = BUF(MAX_URI) })

/* root: the path that the repository stands for; subdir: a folder in it, or "". -1
 * with FAULT_NOT_FOUND when the module cannot be in there. */
int code_init(struct code *c, struct vcs_repo *repo, struct str root, struct str subdir,
	      struct str path, struct err *err) WARN_UNUSED;
void code_release(struct code *c);

/* A version, and where it comes from. */
struct code_info {
	struct buf version;
	struct vcs_rev rev;
	struct buf tag_prefix;	/* for Origin */
	struct buf tag_sum;	/* "" for none */
	struct buf repo_sum;	/* "" for none */
};

#define CODE_INFO() ((struct code_info){ BUF(MAX_URI), VCS_REV(), BUF(MAX_URI), BUF(MAX_NAME), \
				       BUF(MAX_NAME) })

void code_info_release(struct code_info *i);

/* Versions(""): those that the tags name, in order. */
int code_versions(struct code *c, struct names *ret, struct err *err) WARN_UNUSED;

/* Stat: the version that a tag, a branch, a commit or a pseudo-version is. */
int code_stat(struct code *c, struct str rev, struct code_info *ret, struct err *err) WARN_UNUSED;

/* What the go command's query "latest" finds. */
int code_latest(struct code *c, struct code_info *ret, struct err *err) WARN_UNUSED;

/* Appends the .info: as the go command keeps it when `kept`, else with what it
 * says about the tags that mattered. */
void code_json(const struct code *c, const struct code_info *i, bool kept, struct buf *out);

/* 0 when code_stat() of the version, which is canonical, gives that version. */
int code_check(struct code *c, struct str version, struct err *err) WARN_UNUSED;

/* GoMod, appended; and Zip. The version is canonical and fits the path. */
int code_mod(struct code *c, struct str version, struct buf *out, struct err *err) WARN_UNUSED;
int code_zip(struct code *c, struct str version, struct body *out, struct err *err) WARN_UNUSED;

#endif
