/* fetch/linger.h: one helper that serves many misses.
 *
 * It listens on a socket in the cache's state folder (cache/jobsock.h), runs
 * each job in a thread of its own, keeps its connections to the sources warm
 * and leaves when nobody has asked for helper_idle.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FETCH_LINGER_H
#define FETCH_LINGER_H

struct cache;
struct config;
struct err;

struct linger_args {
	const char *name;	/* the socket's, in state/ */
	int listen_fd;
	int leash;		/* -1, or a pipe of the responder that started us: at
				 * its end we leave when no job is running; a byte in
				 * it asks us to stop at once */
};

/* Serves until it has been idle for long enough, its socket's name leads
 * elsewhere, or it is told to stop. 0, or -1 when it cannot begin. */
int linger_run(const struct config *config, const struct cache *cache,
	       const struct linger_args *args, struct err *err);

#endif
