/* fetch/ahead.h: fetching what a client will ask next, before it asks.
 *
 * The go command loads the go.mod files of what an unpruned module (one whose
 * go line is below 1.17) requires, and of everything below it
 * (cmd/go/internal/modload, readModGraph). So a .mod that was just published
 * for a client says which ones follow. Those of a pruned module tell which ones
 * the client's own module probably requires (likely.h); the client asks for these
 * first, so they are fetched first. A few threads fetch, each only what nobody
 * else is at; a client that comes meanwhile waits for that fetch instead of making
 * its own. Never zips; never what is offline.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FETCH_AHEAD_H
#define FETCH_AHEAD_H

#include <pthread.h>

#include "base/str.h"
#include "fetch/likely.h"

struct cache;
struct config;
struct job;
struct net;
struct sumdb;
struct wish;

struct ahead {
	const struct config *config;
	const struct cache *cache;
	struct net *net;
	struct sumdb *sumdb;	/* for its jobs; NULL: each has its own */
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct wish *first;	/* what is to be fetched, oldest first */
	struct wish **last;
	int waiting;		/* wishes in the list */
	int running;		/* being fetched */
	int threads;
	bool ending;
	struct likely likely;
	int64_t asked_ms;	/* when a client last asked, on clock_ms() */
	int64_t put;		/* how many wishes there were since */
};

void ahead_init(struct ahead *a, const struct config *config, const struct cache *cache,
		struct net *net);

/* The job's .mod files, when it publishes some, are looked at. */
void ahead_watch(struct ahead *a, struct job *j);

bool ahead_busy(struct ahead *a);

/* Forgets what has not begun, and begins nothing more. */
void ahead_stop(struct ahead *a);

/* Waits for the threads. */
void ahead_release(struct ahead *a);

#endif
