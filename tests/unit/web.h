/* tests/unit/web.h: a web server, in a thread of the test, that answers each
 * path with exactly the bytes that the test gives, and closes the connection.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TESTS_WEB_H
#define TESTS_WEB_H

#include <pthread.h>

#include "base/buf.h"

struct web_reply {
	const char *path;	/* ends with NULL */
	const char *bytes;	/* "HTTP/1.1 200 OK\r\n..."; NULL: none, close at once;
				 * "" : none, wait until the client goes */
	int times;		/* so many times, then the next row with this path;
				 * 0: always; or WEB_HELD_OPEN */
};

/* Always, and the connection stays open behind it. */
#define WEB_HELD_OPEN 1000000

/* A 200 with this body. */
#define WEB_OK(text) "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" text
#define WEB_STATUS(status) "HTTP/1.1 " status "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"

struct web {
	int listener;
	int stop[2];
	int port;
	pthread_t thread;
	const struct web_reply *replies;
	int used[64];		/* of each reply */
	struct buf seen;	/* "path authorization\n" for each request; read it
				 * after web_stop */
};

/* Unknown paths get a 404. */
void web_start(struct web *w, const struct web_reply *replies);

/* Does nothing when it was called before. */
void web_stop(struct web *w);

#endif
