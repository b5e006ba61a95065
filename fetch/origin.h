/* fetch/origin.h: whose URL it is: scheme, host and port, and the name and
 * password that belong to exactly those.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FETCH_ORIGIN_H
#define FETCH_ORIGIN_H

#include "base/str.h"

struct err;

struct origin {
	char *url;	/* without user name, password and fragment */
	char *scheme;	/* "http" or "https" */
	char *host;	/* lower case; an IPv6 address in its brackets */
	char *port;	/* always set */
	char *user;	/* NULL for none; decoded, as password is */
	char *password;
};

#define ORIGIN() ((struct origin){ NULL, NULL, NULL, NULL, NULL, NULL })

/* An absolute http or https URL. -1 (FAULT_UPSTREAM) for anything else. */
int origin_parse(const char *url, struct origin *ret, struct err *err) WARN_UNUSED;
void origin_release(struct origin *o);

/* Same scheme, host and port: who may see the credentials. */
bool origin_same(const struct origin *a, const struct origin *b);

/* localhost and the loopback addresses, which no HTTP proxy is asked for (as
 * in Go's net/http). */
bool origin_is_loopback(const struct origin *o);

/* Where a redirect leads: *ret without any credentials that the target names.
 * -1 (FAULT_UPSTREAM) from https to http or to another scheme. */
int origin_redirect(const struct origin *from, const char *target, struct origin *ret,
		    struct err *err) WARN_UNUSED;

#endif
