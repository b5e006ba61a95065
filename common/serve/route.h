/* serve/route.h: what a path asks for. Pure: no file is touched.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SERVE_ROUTE_H
#define SERVE_ROUTE_H

#include "module/key.h"

enum route {
	ROUTE_HOME,	/* / */
	ROUTE_HEALTHZ,
	ROUTE_READYZ,
	ROUTE_VERSION,
	ROUTE_KEY	/* something of the GOPROXY protocol: the key says what */
};

/* `path` is decoded, without the mount prefix, and begins with a slash. Reuses
 * the key's buffers. -1 with FAULT_NOT_FOUND for what is no route, no module
 * path or no version. */
int route_parse(struct str path, enum route *ret_route, struct key *k,
		struct err *err) WARN_UNUSED;

#endif
