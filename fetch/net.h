/* fetch/net.h: HTTP, by libcurl's multi interface.
 *
 * Everything that is shared between requests (connections, the DNS cache, what
 * is known about the certificate store) is in struct net, so that one process
 * can serve many jobs. Nothing is set up before the first request starts.
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

#include "base/err.h"

struct body;
struct flight;
struct settings;

struct net {
	const struct settings *settings;	/* for all requests */
	void *multi;			/* CURLM *, NULL before the first request */
	struct flight *flights;		/* requests under way */
	bool whole_bundle;		/* the certificate folder was not enough */
};

#define NET(settings) ((struct net){ (settings), NULL, NULL, false })

void net_release(struct net *n);

struct net_request {
	/* set by the caller, who keeps them alive until it is done */
	const char *url;
	struct body *body;
	int64_t deadline_ms;	/* on clock_ms() */
	bool compressed;	/* the answer may come compressed */
	/* set by us */
	bool done;
	int status;		/* the last HTTP status, 0 for none */
	struct err err;		/* fault NONE: the body is whole */
};

#define NET_REQUEST() ((struct net_request){ NULL, NULL, 0, false, false, 0, ERR() })

/* Begins; the outcome is in r once r->done. A request that cannot begin is done
 * at once. */
void net_start(struct net *n, struct net_request *r);

/* Works until all requests that were started are done. */
void net_wait(struct net *n);

void net_request_release(struct net_request *r);

#endif
