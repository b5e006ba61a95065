/* fetch/vcs/git.h: what git.c, gitrun.c and gitrefs.c share.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FETCH_VCS_GIT_H
#define FETCH_VCS_GIT_H

#include "fetch/vcs/vcs.h"

/* What a server may list: a million tags are some 70 MB. */
#define GIT_MAX_REFS (128u << 20)

#define GIT_SHA1_DIGITS 40
#define GIT_SHA256_DIGITS 64

/* Of the kept repository: what the server listed. What has this file is whole. */
#define GIT_REFS_FILE "stoa-refs"

struct git_ref {
	struct str name;
	struct str hash;
};

struct git {
	size_t digits;		/* of a whole commit id; 0: not known yet */
	struct buf text;	/* what the server listed */
	struct git_ref *refs;	/* sorted by name; views into text */
	size_t n;
	bool fresh;		/* asked for by this job */
	bool here;		/* the repository has been made */
};

/* Fills r->env. */
int git_make_env(struct vcs_repo *r, struct err *err) WARN_UNUSED;

/* git with its fixed settings and these words, up to NULL. As vcs_run(). */
int git_run(struct vcs_repo *r, const char *const *words, struct vcs_said *s,
	    struct err *err) WARN_UNUSED;

#define GIT_RUN(r, s, err, ...) \
	git_run((r), (const char *const[]){ __VA_ARGS__, NULL }, (s), (err))

bool git_is_hex(struct str s);

/* Asks the server, and keeps what it lists. */
int git_ask_refs(struct vcs_repo *r, struct err *err) WARN_UNUSED;

/* The same, unless that has been asked within list_ttl. */
int git_need_refs(struct vcs_repo *r, struct err *err) WARN_UNUSED;

/* prefix: "refs/tags/". NULL: there is none. */
const struct git_ref *git_find_ref(const struct git *g, const char *prefix, struct str name);

#endif
