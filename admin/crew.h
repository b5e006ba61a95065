/* admin/crew.h: one function for many items, on all processors.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ADMIN_CREW_H
#define ADMIN_CREW_H

#include <pthread.h>

#include "base/sys.h"

/* The most threads. */
#define CREW_MOST 256

struct crew {
	void (*work)(void *ctx, size_t item);
	/* called now and then, by one thread at a time: all items before this one are
	 * done; NULL: nobody */
	void (*mark)(void *ctx, size_t item);
	/* finds items while others are worked on, and says so with crew_more(); runs in
	 * the caller's thread; NULL: all are there. A negative value ends the work. */
	int (*find)(void *ctx, struct crew *c);
	void *ctx;
	size_t n;		/* items that are there */
	/* ours */
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool finding;
	size_t next;
	size_t at[CREW_MOST];	/* what each thread is at */
	size_t *large;		/* crew_large(), in their order */
	size_t n_large;
	size_t large_room;
	size_t large_taken;	/* so many of these are not to be taken any more */
	size_t large_passed;	/* of which `next` is past so many */
	size_t threads;
	int64_t marked_ms;
};

/* As many threads as there are processors. */
size_t crew_processors(void);

/* So many items are there now. */
void crew_more(struct crew *c, size_t n);

/* The item, which is not there yet and comes behind those that this was said of
 * before, takes long: a thread that is free works on it before its turn, so that
 * the last items keep all threads busy. */
void crew_large(struct crew *c, size_t item);

/* Works until all items are done or the process is asked to stop, by SIGINT and
 * SIGTERM too; find() should look whether it is. *ret_done is the item before
 * which all are done. -1 when no thread could be started. */
int crew_run(struct crew *c, size_t threads, size_t *ret_done);

#endif
