/* fetch/net.h: HTTP, by libcurl's multi interface.
 *
 * Everything that is shared between requests (connections, the DNS cache, what
 * is known about the certificate store) is in struct net, so that one process
 * can serve many jobs. Nothing is set up before the first request starts.
 *
 * By itself a struct net works in the thread that waits for a request. After
 * net_run() it has a thread of its own, and any number of threads may start
 * requests and wait for them; their bodies are written by that thread.
 *
 * Requests follow redirects (at most 10, never from https to http), are tried
 * once more when the connection breaks before the first byte of the body, and
 * end with HTTP/2 or 1.1. A user name and password in the URL are sent as Basic
 * credentials, to that scheme, host and port only. They are sent over http too:
 * administrators use them inside their network, and choose the scheme.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FETCH_NET_H
#define FETCH_NET_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/err.h"

struct body;
struct flight;
struct settings;

struct net {
	const struct settings *settings;	/* for all requests */
	void *multi;			/* CURLM *, NULL before the first request */
	struct flight *flights;		/* requests under way */
	bool whole_bundle;		/* the certificate folder was not enough */
	/* after net_run() */
	bool threaded;
	bool ending;
	pthread_t thread;
	pthread_mutex_t lock;		/* of incoming, ending, and what is done */
	struct flight *incoming;	/* started, not yet seen by the thread */
};

#define NET(all) ((struct net){ .settings = (all) })

/* Gives it a thread. -1 with FAULT_LOCAL. */
int net_run(struct net *n, struct err *err) WARN_UNUSED;

/* Lets the thread look at once whether the process is being stopped; it then
 * fails all requests, and those to come. */
void net_nudge(struct net *n);

/* Ends the thread; requests under way fail. Nobody may start one after this. */
void net_release(struct net *n);

struct net_request {
	/* set by the caller, who keeps them alive until it is done */
	const char *url;
	struct body *body;
	int64_t deadline_ms;	/* on clock_ms() */
	bool compressed;	/* the answer may come compressed */
	bool any_status;	/* a body of any status is an answer */
	bool insecure;		/* certificates are not checked */
	/* set by us */
	bool done;
	int status;		/* the last HTTP status, 0 for none */
	struct err err;		/* fault NONE: the body is whole */
	pthread_cond_t *waker;	/* of the thread that waits for it, or NULL */
	atomic_bool unwanted;	/* net_cancel() */
};

#define NET_REQUEST() ((struct net_request){ .err = ERR() })

/* Begins; the outcome is in r once r->done. A request that cannot begin is done
 * at once. */
void net_start(struct net *n, struct net_request *r);

/* Waits until the request is done (and, without a thread of the net's own,
 * works for all that were started). */
void net_wait(struct net *n, struct net_request *r);

/* The request is to end soon, without an answer; it must still be waited for. */
void net_cancel(struct net *n, struct net_request *r);

void net_request_release(struct net_request *r);

#endif
