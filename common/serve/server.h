/* serve/server.h: what all requests of a process share, and what one worker
 * keeps between its requests: buffers.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SERVE_SERVER_H
#define SERVE_SERVER_H

#include <stdatomic.h>

#include "base/err.h"
#include "cache/cache.h"
#include "config/config.h"
#include "http/reply.h"
#include "http/request.h"
#include "module/key.h"
#include "serve/helper.h"
#include "serve/route.h"

struct job;

struct server {
	struct config *config;
	struct cache cache;
	struct helper helper;
	int64_t miss_most;	/* workers that may wait for helpers at once */
	atomic_int misses;	/* that do */
	/* Told when a worker begins (true) and ends to wait for a helper, so that
	 * others can take its place; NULL: nobody cares. */
	void (*waits)(struct server *sv, bool begins);
	/* Runs miss_refresh(job) some time later, or drops the job; set by the
	 * transport, which owns the job from here on (job_free). */
	void (*background)(struct server *sv, struct job *job);
};

struct worker {
	struct request rq;
	struct key key;
	struct reply rp;
	struct err err;
	struct buf what;	/* "module@version" for texts */
};

/* Loads the configuration and opens the cache. `workers` is how many threads
 * will serve, 0: as many as the setting says. -1 with the reason. */
int server_init(struct server *sv, const char *conf_file, char *const *environment, bool cgi,
		struct err *err) WARN_UNUSED;
void server_release(struct server *sv);

void worker_init(struct worker *w);
void worker_release(struct worker *w);

#endif
