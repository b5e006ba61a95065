/* base/buf.h: growing text with a maximum.
 *
 * A buffer is never NULL, always NUL-terminated, and has a maximum given when
 * it is declared, from base/limits.h:
 *
 *	CLEANUP(buf_release) struct buf b = BUF(MAX_URL);
 *
 * Appends return nothing. An append that would pass the maximum appends
 * nothing and marks the buffer; so does every later one. Ask buf_ok() once,
 * before the text is used.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>

#include "base/str.h"

struct err;

struct buf {
	char *p;	/* text and its NUL; a constant "" until the first append */
	size_t n;	/* bytes without the NUL */
	size_t size;	/* bytes allocated, 0 for none */
	size_t max;	/* n never passes this */
	bool over;	/* an append was refused */
};

extern char buf_empty[];

#define BUF(max) ((struct buf){ buf_empty, 0, 0, (max), false })

/* Frees the text and leaves the buffer as BUF(max) made it. */
void buf_release(struct buf *b);

/* Empties the buffer and takes the mark away; keeps up to 64 kB of memory. */
void buf_reset(struct buf *b);

void buf_add(struct buf *b, const void *p, size_t n);
void buf_str(struct buf *b, struct str s);
void buf_puts(struct buf *b, const char *s);
void buf_putc(struct buf *b, char c);
void buf_u64(struct buf *b, uint64_t v);
void buf_hex(struct buf *b, uint64_t v, size_t least); /* that many digits, or more */
void buf_printf(struct buf *b, const char *fmt, ...) PRINTF(2, 3);
void buf_vprintf(struct buf *b, const char *fmt, va_list ap) PRINTF(2, 0);

/* Cuts to n bytes (no effect when shorter). */
void buf_cut(struct buf *b, size_t n);

/* Room for n more bytes: returns where they may be written, or NULL and the
 * mark when that would pass the maximum. Follow with buf_grown(b, written). */
char *buf_room(struct buf *b, size_t n);
void buf_grown(struct buf *b, size_t n);

/* 0, or -1 with FAULT_BAD_REQUEST "... too long" in err when marked; `what`
 * names the text for the reader of the error. */
int buf_ok(const struct buf *b, const char *what, struct err *err) WARN_UNUSED;

/* The text, which the caller now owns and frees; the buffer is empty again. */
char *buf_detach(struct buf *b);

/* Borrowed view, good until the next append. */
static inline struct str buf_view(const struct buf *b)
{
	return (struct str){ b->p, b->n };
}

#endif
