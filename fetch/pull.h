/* fetch/pull.h: getting files from the sources of a job: each one on its own
 * way through the list, all of them at the same time.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FETCH_PULL_H
#define FETCH_PULL_H

#include "fetch/body.h"
#include "fetch/net.h"
#include "fetch/plan.h"

struct job;
struct key;
struct pull;

/* Looks at an answer before it counts: -1 and err make it a failure of its
 * source. After FAULT_INTEGRITY the source is asked again verify_retries times;
 * then the bytes go into quarantine, and the next one is asked. */
typedef int pull_check_fn(struct pull *p, struct err *err);

struct pull {
	const struct key *key;		/* borrowed */
	struct buf h1;			/* of the answer, where check knows one */
	pull_check_fn *check;		/* NULL: anything goes */
	void *ctx;			/* for check */
	const struct goproxy *only;	/* instead of the job's list; NULL: that */
	size_t skip;			/* so much of the key's URL is in the base */
	bool aside;			/* the job is not about this: the log names
					 * another source */
	/* the outcome */
	struct err err;			/* fault NONE: body holds the answer */
	struct body body;
	const struct goproxy_entry *entry;	/* who answered */
	enum walk_end end;		/* without an answer: how the walk ended */
	int status;			/* the last HTTP status, 0 for none */
	bool direct;			/* the repository itself was asked */
	/* ours */
	struct walk walk;
	struct net_request request;
	struct buf url;
	int64_t wrong;			/* how often the entry served wrong bytes */
	bool again;			/* ask it once more */
	bool done;
};

void pull_init(struct pull *p, const struct key *k, pull_check_fn *check, void *ctx);
void pull_release(struct pull *p);

/* Begins, without waiting: what was begun must be waited for, or cancelled. */
void pull_start(struct job *j, struct pull *p);

/* Runs one that was begun to its end. */
void pull_wait(struct job *j, struct pull *p);

/* Ends one that was begun, at once. */
void pull_cancel(struct job *j, struct pull *p);

/* Runs them all to their ends; each has its own outcome. */
void pull_all(struct job *j, struct pull *const *pulls, size_t n);

/* The same for one; its error is moved into err. */
int pull_one(struct job *j, struct pull *p, struct err *err) WARN_UNUSED;

/* The URL of a key below an entry's base, appended; a query of the base's stays
 * behind the path. */
void pull_url(struct str base, struct str rel, struct buf *out);

#endif
