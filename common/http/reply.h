/* http/reply.h: one reply, in the form that CGI and FastCGI share.
 *
 * A body is either a small text of our own or a range of a descriptor; file
 * contents never pass through memory but for the transport's block.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HTTP_REPLY_H
#define HTTP_REPLY_H

#include <time.h>

#include "base/buf.h"
#include "base/limits.h"

struct err;
struct request;

struct reply {
	int status;
	bool head_only;		/* headers, no body */
	struct buf head;	/* "Status: ...\r\n" and headers, without the empty line */
	struct buf body;	/* our own text */
	int fd;			/* else this, if not -1; the reply owns it */
	off_t off;
	off_t len;
};

#define REPLY() ((struct reply){ .head = BUF(MAX_HEAD), .body = BUF(MAX_HEAD), .fd = -1 })

void reply_reset(struct reply *rp);
void reply_release(struct reply *rp);

/* A small text with a status of success. */
void reply_text(struct reply *rp, const struct request *rq, const char *type, struct str text);

/* What a file is served with. */
struct reply_file {
	int fd;			/* handed over */
	off_t size;
	struct timespec mtime;
	const char *type;
	struct str cache_control;
};

/* 200, 206, 304 or 416, from the request's conditional and range headers. */
void reply_file(struct reply *rp, const struct request *rq, const struct reply_file *f);

/* The web server sends the file: the header `name` with the encoded value. */
void reply_hand_off(struct reply *rp, const struct request *rq, const struct reply_file *f,
		    const char *name, struct str value);

/* The fault's status with "label: what: why" as text. `what` may be empty. */
void reply_error(struct reply *rp, const struct request *rq, struct str what,
		 const struct err *why);

/* Where a reply goes: 0, or -1 when the other side is gone. */
struct sink {
	int (*write)(void *ctx, const void *p, size_t n);
	int (*send)(void *ctx, int fd, off_t off, off_t len);
	void *ctx;
};

int reply_send(const struct reply *rp, const struct sink *sink) WARN_UNUSED;

/* The sink's `send` by way of `write`: blocks of `size` bytes through `block`. */
int sink_copy(const struct sink *sink, int fd, off_t off, off_t len, void *block,
	      size_t size) WARN_UNUSED;

#endif
