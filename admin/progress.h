/* admin/progress.h: how far a long command is: a bar that is redrawn on a
 * terminal, and a plain line every few seconds elsewhere; on standard error.
 *
 * Any number of threads may call progress_add.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ADMIN_PROGRESS_H
#define ADMIN_PROGRESS_H

#include <pthread.h>

#include "base/sys.h"

struct progress {
	const char *what;	/* "warm" */
	int64_t total;		/* items; may grow while it runs */
	int64_t done;
	int64_t bytes;
	int64_t failed;
	bool bar;		/* a terminal */
	bool quiet;
	int64_t shown_ms;
	int64_t since_ms;
	pthread_mutex_t lock;
};

void progress_init(struct progress *p, const char *what, int64_t total, bool quiet);

/* More items to come. */
void progress_expect(struct progress *p, int64_t items);

/* One item more is done. */
void progress_add(struct progress *p, int64_t bytes, bool failed);

/* A line to standard error that the bar does not destroy. */
void progress_say(struct progress *p, const char *fmt, ...) PRINTF(2, 3);

/* Removes the bar. */
void progress_end(struct progress *p);

#endif
