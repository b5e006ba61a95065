/* fetch/quarantine.h: bytes that failed verification, kept with a report, never
 * served, never deleted but by the administrator.
 *
 *	state/quarantine/ID/file	the bytes
 *	state/quarantine/ID/report	what, from where, when, why
 *
 * At most QUARANTINE_MOST different ones are kept for one name, so that a source
 * that serves garbage does not fill the disk.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FETCH_QUARANTINE_H
#define FETCH_QUARANTINE_H

#include "cache/publish.h"
#include "module/key.h"

#define QUARANTINE_MOST 8

/* 16 hexadecimal digits for the name, a dash, a digit. */
#define QUARANTINE_ID_SIZE 18

struct quarantine {
	char id[QUARANTINE_ID_SIZE + 1];
	struct key key;
	struct buf source;	/* redacted; "the cache" for what was stored */
	struct buf url;		/* redacted; "" for none */
	struct buf h1;		/* of the bytes; "" when they have none */
	struct buf text;	/* why; for a mismatch with both hashes */
	int64_t time;
	int64_t size;
};

#define QUARANTINE() ((struct quarantine){ .id = "", .key = KEY(), .source = BUF(MAX_URL), \
	.url = BUF(MAX_URL), .h1 = BUF(MAX_NAME), .text = BUF(MAX_ERRTEXT) })

void quarantine_release(struct quarantine *q);

/* Takes the staged bytes (the stage is released in any case) or, for
 * quarantine_stored, moves the key's file out of mod/. The caller filled in all
 * but id, time and size, which are set. 1: kept; 0: the same bytes are there
 * already, or QUARANTINE_MOST others; -1 (FAULT_LOCAL). */
int quarantine_stage(const struct cache *c, struct stage *s, struct quarantine *q,
		     struct err *err) WARN_UNUSED;
int quarantine_stored(const struct cache *c, struct quarantine *q, struct err *err) WARN_UNUSED;

/* Reads the report. 1; 0 when there is no such thing or its report is not whole;
 * -1 (FAULT_LOCAL). */
int quarantine_read(const struct cache *c, const char *id, struct quarantine *ret,
		    struct err *err) WARN_UNUSED;

/* Calls fn for each ID, in bytewise order. */
typedef int quarantine_fn(void *ctx, const char *id, struct err *err);
int quarantine_each(const struct cache *c, quarantine_fn *fn, void *ctx,
		    struct err *err) WARN_UNUSED;

/* Opens the bytes. -1 when they are not there. */
int quarantine_open(const struct cache *c, const char *id, int *ret_fd,
		    struct err *err) WARN_UNUSED;

/* Removes it. */
int quarantine_drop(const struct cache *c, const char *id, struct err *err) WARN_UNUSED;

bool quarantine_is_id(struct str s);

#endif
