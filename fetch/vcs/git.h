/* fetch/vcs/git.h: what git.c, gitlook.c, gitrefs.c and gitrun.c share.
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
	struct str hash;	/* of the commit */
	struct str object;	/* what the name is: that commit, or an annotated tag */
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

/* A commit that is here. 1 with its whole name and time; 0: it is not. */
int git_look(struct vcs_repo *r, struct str rev, struct vcs_rev *ret, struct err *err) WARN_UNUSED;

/* The same by its whole id, in one run with a file of it, which vcs_file() has then. */
int git_look_with(struct vcs_repo *r, struct str hash, struct str path, struct vcs_rev *ret,
		  struct err *err) WARN_UNUSED;

/* The driver's `file`. */
int git_file(struct vcs_repo *r, const struct vcs_rev *rev, struct str path, struct buf *out,
	     struct err *err) WARN_UNUSED;

bool git_is_hex(struct str s);

/* Loads what was learnt within max_age seconds, if that is at most max_size bytes. 1, or
 * 0: there is no such thing. */
int git_load_refs(struct vcs_repo *r, int64_t max_age, size_t max_size);
void git_forget_refs(struct git *g);

/* Asks the server, and keeps what it lists. */
int git_ask_refs(struct vcs_repo *r, struct err *err) WARN_UNUSED;

/* They are loaded, or were learnt within list_ttl and are loaded now. */
bool git_have_refs(struct vcs_repo *r);

/* Asks the server unless git_have_refs(). */
int git_need_refs(struct vcs_repo *r, struct err *err) WARN_UNUSED;

/* prefix: "refs/tags/". NULL: there is none. */
const struct git_ref *git_find_ref(const struct git *g, const char *prefix, struct str name);

#endif
