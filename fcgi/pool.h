/* fcgi/pool.h: threads that serve one request each.
 *
 * Connections are accepted here, not by libfcgi, and handed to it with
 * timeouts set, since libfcgi has none: a silent or half-sent request would
 * hold its thread for ever.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FCGI_POOL_H
#define FCGI_POOL_H

#include "serve/server.h"

/* Serves until SIGTERM, SIGINT, SIGHUP or SIGQUIT, which the caller has blocked in
 * this thread and in no other. Then requests in flight have a second to end, after
 * SIGQUIT 45; those that then still wait for helpers are answered with 503, and the
 * helpers are ended, which takes another second at most. Returns, or, when a request
 * does not end, ends the process. `path` is the socket's if it is ours to remove,
 * else NULL. 0, or -1 when no thread starts. */
int pool_run(struct server *sv, int listen_fd, const char *path, struct err *err) WARN_UNUSED;

#endif
