/* fetch/vcs/vcs.h: a kept repository, and what version arithmetic asks a
 * version-control program.
 *
 * A repository lies in state/vcs/<hash of its kind and URL>, is fetched
 * incrementally, and is used by one job at a time, which holds its lock. What it
 * says about the other side (tags, branches) is as old as list_ttl at most.
 *
 * A program is one struct vcs_driver: one file, and a line in vcs.c's table.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FETCH_VCS_VCS_H
#define FETCH_VCS_VCS_H

#include <stdatomic.h>
#include <time.h>

#include "base/buf.h"
#include "base/limits.h"
#include "fetch/vcs/names.h"
#include "fetch/vcs/run.h"

struct err;
struct job;
struct stage;
struct vcs_driver;

/* A revision. */
struct vcs_rev {
	struct buf name;	/* the whole commit id */
	struct buf brief;	/* as pseudo-versions have it: 12 digits */
	struct buf version;	/* the tag that was asked for, else the name */
	struct buf ref;		/* for Origin.Ref: "refs/tags/v1.0.0", "HEAD", or "" */
	time_t time;		/* of the commit, as the committer says */
	struct buf fraction;	/* of its second: ".25", or "" */
	struct names tags;	/* that lie on it, sorted */
};

#define VCS_REV() ((struct vcs_rev){ BUF(MAX_URI), BUF(MAX_URI), BUF(MAX_URI), BUF(MAX_URI), 0, \
				     BUF(MAX_NAME), NAMES() })

void vcs_rev_release(struct vcs_rev *r);
void vcs_rev_copy(const struct vcs_rev *from, struct vcs_rev *to);

struct vcs_tag {
	struct str name;	/* "v1.0.0", "sub/v1.0.0" */
	struct str hash;	/* of the commit; "" where the program has none */
};

struct vcs_known;
struct vcs_memo;

struct vcs_repo {
	const struct vcs_driver *driver;
	struct job *job;
	const char *url;		/* owned */
	char *dir;			/* owned; absolute */
	struct buf rel;			/* "state/vcs/<hash>", below the cache */
	int lock;
	bool insecure;			/* no certificate checks */
	atomic_bool damaged;		/* what is here makes no sense: see vcs_rebuild() */
	struct vcs_env env;
	struct vcs_memo *memo;		/* revisions that this job asked for */
	struct vcs_known *known;	/* and files */
	void *state;			/* the driver's */
};

/* Opens the repository, waiting for whoever else works in it; makes it when it is
 * not there. -1: FAULT_NOT_FOUND when there is no such repository, FAULT_AUTH,
 * FAULT_UPSTREAM, FAULT_TIMEOUT, FAULT_LOCAL; *ret is NULL then,
 * unless what is kept is damaged. */
int vcs_open(struct job *j, const struct vcs_driver *d, struct str url, bool insecure,
	     struct vcs_repo **ret, struct err *err) WARN_UNUSED;
void vcs_close(struct vcs_repo *r);

/* r (or NULL) is that repository, opened in that way. To open it once more would be to
 * wait for oneself. */
bool vcs_is_open(const struct vcs_repo *r, const struct vcs_driver *d, struct str url,
		 bool insecure);

/* Throws away what is kept of it, after a failure that left r->damaged set. */
int vcs_discard(struct vcs_repo *r, struct err *err) WARN_UNUSED;

/* The driver of that name ("git"), or NULL. */
const struct vcs_driver *vcs_driver_named(struct str name);

/* The revision that a tag, a branch, a commit or its beginning names; remembered
 * until the repository is closed. -1 with FAULT_NOT_FOUND "unknown revision ...". */
int vcs_stat(struct vcs_repo *r, struct str rev, const struct vcs_rev **ret,
	     struct err *err) WARN_UNUSED;

/* A file's bytes, appended; remembered likewise. 1; 0: it is not there. */
int vcs_file(struct vcs_repo *r, const struct vcs_rev *rev, struct str path, struct buf *out,
	     struct err *err) WARN_UNUSED;

typedef bool vcs_allowed_fn(void *ctx, struct str tag);

/* --- for drivers --- */

/* A file that came along with something else: vcs_file() has it then. */
void vcs_know_file(struct vcs_repo *r, struct str rev, struct str path, struct str text);

/* Appends the name of a file of the repository, below the cache. */
void vcs_rel_file(const struct vcs_repo *r, const char *name, struct buf *out);

/* Writes such a file, at once. */
int vcs_write_file(struct vcs_repo *r, const char *name, struct str text,
		   struct err *err) WARN_UNUSED;

/* After a run that touched nothing but what is here, and that cannot fail unless that
 * is damaged. */
int vcs_must_work(struct vcs_repo *r, const struct vcs_said *s, const char *doing,
		  struct err *err) WARN_UNUSED;

/* For recent_tag: puts a tag into `best` if it is allowed and higher. */
void vcs_offer_tag(struct str tag, struct str prefix, vcs_allowed_fn *allowed, void *ctx,
		   struct buf *best);

/* FAULT_DENIED unless the URL's scheme is among the setting transports: for programs that
 * have no such setting themselves. */
int vcs_check_transport(const struct vcs_repo *r, struct err *err) WARN_UNUSED;

/* FAULT_DENIED unless the URL is no more than a host and a path: for programs that read
 * escapes in a host's name, or options behind a path. */
int vcs_check_url(const struct vcs_repo *r, struct err *err) WARN_UNUSED;

/* FAULT_NOT_FOUND "unknown revision ...". Returns -1. */
int vcs_unknown(struct str rev, struct err *err);

struct vcs_driver {
	const char *name;
	const char *const *schemes;	/* of URLs, in the order of trying; ends with NULL */
	size_t state_size;
	bool sums_tags;		/* Origin has TagPrefix and TagSum */
	bool counts;		/* revisions are numbers: Origin has no Hash */

	/* r->dir is locked and may be missing. */
	int (*open)(struct vcs_repo *r, struct err *err);
	void (*close)(struct vcs_repo *r);

	/* All tags that begin with the prefix, sorted by name; the array is the
	 * caller's to free, the texts live as long as r. */
	int (*tags)(struct vcs_repo *r, struct str prefix, struct vcs_tag **ret, size_t *ret_n,
		    struct err *err);

	int (*stat)(struct vcs_repo *r, struct str rev, struct vcs_rev *ret, struct err *err);

	/* Appends the commit that the tag most likely is, when that needs no run of the
	 * program. NULL: never. */
	bool (*guess)(struct vcs_repo *r, struct str tag, struct buf *ret);

	/* The head of the default branch. FAULT_NOT_FOUND "no commits". */
	int (*latest)(struct vcs_repo *r, struct vcs_rev *ret, struct err *err);

	/* Appends the file's bytes as they are stored. 1; 0: no such file there. */
	int (*file)(struct vcs_repo *r, const struct vcs_rev *rev, struct str path,
		    struct buf *out, struct err *err);

	/* Appends the highest version tag with that prefix that is allowed and lies
	 * on the revision or one before it; nothing when there is none. */
	int (*recent_tag)(struct vcs_repo *r, const struct vcs_rev *rev, struct str prefix,
			  vcs_allowed_fn *allowed, void *ctx, struct buf *ret, struct err *err);

	/* 1: the tag lies on the revision or one before it; 0: it does not. NULL, as
	 * recent_tag, where the program cannot know. */
	int (*descends)(struct vcs_repo *r, const struct vcs_rev *rev, struct str tag,
			struct err *err);

	/* Appends Origin's RepoSum, a digest of all that the repository calls by a name;
	 * NULL where there is no such thing. */
	int (*repo_sum)(struct vcs_repo *r, struct buf *out, struct err *err);

	/* Writes a zip of the tree, or of a folder of it, to the file of `to`; names begin
	 * with one folder. 1; 0: there is no such folder. What has `guess` may be asked
	 * for it by a thread of its own, with the name of the revision alone. */
	int (*archive)(struct vcs_repo *r, const struct vcs_rev *rev, struct str subdir,
		       struct stage *to, struct err *err);
};

extern const struct vcs_driver vcs_bzr;
extern const struct vcs_driver vcs_fossil;
extern const struct vcs_driver vcs_git;
extern const struct vcs_driver vcs_hg;
extern const struct vcs_driver vcs_svn;

/* git's part of an environment, for whoever runs git for us. */
int vcs_git_env(struct vcs_env *e, const struct job *j, bool insecure, struct err *err) WARN_UNUSED;

/* Removes a folder below `at` and what is in it; links are not followed. 0 or -errno. */
int vcs_remove_tree(int at, const char *name) WARN_UNUSED;

#endif
