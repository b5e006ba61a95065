/* serve/helper.h: running the fetch helper, for one job or as one that lingers.
 *
 * A lingering helper is found by its socket (cache/jobsock.h) and started when
 * there is none, under a lock, so that there is one. A helper that dies with a
 * job is replaced and asked again; a job that two of them died with runs in a
 * process of its own, so that it can take nobody else along.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SERVE_HELPER_H
#define SERVE_HELPER_H

#include <pthread.h>

#include "base/err.h"

struct cache;
struct config;
struct key;

/* Helpers that we started and that may still be there. */
#define HELPER_PIDS 32

struct helper {
	const struct config *config;
	const struct cache *cache;
	bool detached;		/* we end before our helpers do (CGI) */
	int leash[2];		/* a pipe that tells helpers when we end */
	pthread_mutex_t lock;	/* of what follows */
	pid_t pids[HELPER_PIDS];
};

/* What a helper holds while it works, so that the locks outlive us. */
struct locks {
	int key;
	int turn;
};

#define LOCKS() ((struct locks){ -1, -1 })
void locks_release(struct locks *l);

int helper_init(struct helper *h, const struct config *config, const struct cache *cache,
		bool detached, struct err *err) WARN_UNUSED;
void helper_release(struct helper *h);

/* Has the job done and waits for it. 0: the helper says that it is in the
 * cache; -1 with the fault. */
int helper_run(struct helper *h, const struct key *k, const struct locks *l,
	       struct err *err) WARN_UNUSED;

/* Has it done by somebody who outlives us, without waiting. */
int helper_post(struct helper *h, const struct key *k, const struct locks *l,
		struct err *err) WARN_UNUSED;

/* Whether it can be run at all: runs it with --version. */
int helper_check(struct helper *h, struct err *err) WARN_UNUSED;

/* Takes note of helpers that have ended. */
void helper_reap(struct helper *h);

/* Asks the lingering helpers that we started to stop, and waits for them at
 * most so long. */
void helper_stop(struct helper *h, int64_t deadline_ms);

#endif
