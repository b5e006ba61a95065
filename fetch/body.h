/* fetch/body.h: where the bytes of an answer land, with their limit.
 *
 * A small file lands in memory, because it is parsed whole before it is
 * published; a zip lands in a stage file, which is opened at its first bytes,
 * when these look like a zip's.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FETCH_BODY_H
#define FETCH_BODY_H

#include "base/buf.h"
#include "cache/publish.h"

struct body {
	const struct cache *cache;	/* for a zip; NULL: into text */
	struct stage stage;
	struct buf text;
	int64_t max;
	int64_t n;			/* bytes so far */
};

/* cache NULL: into memory. */
void body_init(struct body *b, const struct cache *cache, int64_t max);
void body_release(struct body *b);

/* -1 with FAULT_UPSTREAM "body: larger than N bytes" or "not a zip file", or
 * with FAULT_LOCAL from the stage. */
int body_write(struct body *b, const void *p, size_t n, struct err *err) WARN_UNUSED;

/* Forgets what came, for another try. */
int body_restart(struct body *b, struct err *err) WARN_UNUSED;

#endif
