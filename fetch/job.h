/* fetch/job.h: one job: obtain one thing, verify it, publish it; or record why
 * not.
 *
 * A job is a function of its arguments and the cache. What lives longer than
 * one (connections) is in the struct net that it borrows, so that one process
 * can run many.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FETCH_JOB_H
#define FETCH_JOB_H

#include <time.h>

#include "base/buf.h"
#include "fetch/plan.h"

struct cache;
struct key;
struct net;
struct sumdb;
struct sumdb_ask;
struct vcs_repo;

struct job {
	const struct cache *cache;
	const struct settings *settings;	/* for the key's module */
	const char *const *env;			/* for children */
	struct net *net;
	int64_t deadline_ms;			/* on clock_ms(), for all of it */
	struct plan plan;			/* made at the first question */
	struct sumdb *sumdb;			/* what jobs share of the checksum database;
						 * NULL: the job makes its own */
	struct sumdb *own_sumdb;
	struct sumdb_ask *ask;			/* sumdb_prefetch() */
	bool unchecked;				/* the last check failed for the database's
						 * sake: no other source can help */
	/* told of each .mod that a source gave, before its hash is verified, since
	 * that may take as long as the transfer did; NULL: nobody */
	void (*on_mod)(void *ctx, int depth, const struct key *k, struct str text);
	void *on_mod_ctx;
	int depth;				/* 0: a client asked for it */
	struct vcs_repo *repo;			/* left open for the job's next question */
	bool composed;				/* published from the cache alone */
	/* for the log */
	struct buf source;			/* who answered last, redacted */
	int64_t bytes;				/* of all answers */
};

void job_init(struct job *j, const struct cache *cache, const struct settings *settings,
	      const char *const *env, struct net *net);
void job_release(struct job *j);

/* Obtains what k names. 0: it is in the cache now, or was there already and
 * never changes. -1: err says why, and a refusal with the fault's lifetime is
 * in the cache. Where an older answer is, or one was composed, the refusal holds
 * for list_ttl at least: sources are asked once in that time, come what may. */
int job_run(struct job *j, const struct key *k, struct err *err) WARN_UNUSED;

/* Publishes a small text under the key, and forgets a refusal of it. `when` is
 * the file's time, JOB_NOW or CACHE_COMPOSED. */
int job_publish(struct job *j, const struct key *k, struct str text, time_t when,
		struct err *err) WARN_UNUSED;

#define JOB_NOW ((time_t)-1)

#endif
