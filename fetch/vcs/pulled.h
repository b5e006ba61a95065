/* fetch/vcs/pulled.h: what programs have in common whose repositories are kept whole
 * and pulled when what is known is older than list_ttl. For drivers.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FETCH_VCS_PULLED_H
#define FETCH_VCS_PULLED_H

#include "fetch/vcs/vcs.h"

typedef int vcs_stat_fn(struct vcs_repo *r, struct str rev, struct vcs_rev *ret, struct err *err);

/* Asks the other side for what is new. */
typedef int vcs_ask_fn(struct vcs_repo *r, struct err *err);

struct pulled {
	bool fresh;		/* pulled by this job, or lately */
	bool asked;		/* pulled by this job */
};

/* Calls create() where nothing whole is kept, with an empty `folder` of the repository's,
 * or the repository's own for ""; leaves nothing of one that cannot be made. */
int pulled_open(struct vcs_repo *r, struct pulled *p, const char *folder, vcs_ask_fn *create,
		struct err *err) WARN_UNUSED;

/* A repository was made or pulled. */
int pulled_now(struct vcs_repo *r, struct pulled *p, struct err *err) WARN_UNUSED;

/* Pulls when that is due. */
int pulled_need(struct vcs_repo *r, struct pulled *p, vcs_ask_fn *pull,
		struct err *err) WARN_UNUSED;

/* What stat() says, after a pull that is due or when it is unknown. */
int pulled_stat(struct vcs_repo *r, struct pulled *p, struct str rev, vcs_stat_fn *stat,
		vcs_ask_fn *pull, struct vcs_rev *ret, struct err *err) WARN_UNUSED;

/* A revision that is unknown may be younger than what is known: what stat() says, and
 * then, unless the other side was asked by then (*asked), what it says after ask(). */
int stat_or_ask(struct vcs_repo *r, struct str rev, vcs_stat_fn *stat, const bool *asked,
		vcs_ask_fn *ask, struct vcs_rev *ret, struct err *err) WARN_UNUSED;

/* Throws away what is kept, because of err. -1 with it, or with why that cannot be. */
int pulled_give_up(struct vcs_repo *r, struct err *err);

/* Letters, digits and ._/@+~- with no dash in front: nothing that a program takes for an
 * option or a call. */
bool is_plain_name(struct str rev);

/* Tags as they are read; the texts are the caller's. */
struct tags {
	struct vcs_tag *items;
	size_t n;
	size_t room;
};

#define TAGS() ((struct tags){ NULL, 0, 0 })

void tags_add(struct tags *t, struct str name);

/* As struct vcs_driver's tags() returns them. */
void tags_give(struct tags *t, struct vcs_tag **ret, size_t *ret_n);

#endif
