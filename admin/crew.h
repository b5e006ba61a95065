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
	void *ctx;
	size_t from;		/* the first item */
	size_t n;		/* behind the last one */
	/* ours */
	pthread_mutex_t lock;
	size_t next;
	size_t at[CREW_MOST];	/* what each thread is at */
	size_t threads;
	int64_t marked_ms;
};

/* As many threads as there are processors. */
size_t crew_processors(void);

/* Works until all items are done or the process is asked to stop, by SIGINT and
 * SIGTERM too. *ret_done is the item before which all are done. -1 when no
 * thread could be started. */
int crew_run(struct crew *c, size_t threads, size_t *ret_done);

#endif
