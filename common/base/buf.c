/* base/buf.c: growing text with a maximum.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"

#include "base/banned.h"

/* Blocks above this are given back at reset, as lighttpd does. */
#define KEEP_MAX 65536

char buf_empty[1] = "";

void buf_release(struct buf *b)
{
	if (b->size)
		free(b->p);
	*b = BUF(b->max);
}

void buf_reset(struct buf *b)
{
	if (b->size > KEEP_MAX) {
		buf_release(b);
		return;
	}
	b->n = 0;
	b->over = false;
	if (b->size)
		b->p[0] = '\0';
}

char *buf_room(struct buf *b, size_t n)
{
	if (b->over || n > b->max - b->n) {
		b->over = true;
		return NULL;
	}
	if (b->n + n + 1 > b->size) {
		size_t size = b->size ? b->size * 2 : 64;

		if (size > b->max + 1)
			size = b->max + 1;
		if (size < b->n + n + 1)
			size = b->n + n + 1;
		b->p = xrealloc(b->size ? b->p : NULL, size);
		b->size = size;
		b->p[b->n] = '\0';
	}
	return b->p + b->n;
}

void buf_grown(struct buf *b, size_t n)
{
	b->n += n;
	b->p[b->n] = '\0';
}

void buf_add(struct buf *b, const void *p, size_t n)
{
	if (n == 0)
		return;
	char *to = buf_room(b, n);
	if (!to)
		return;
	memcpy(to, p, n);
	buf_grown(b, n);
}

void buf_str(struct buf *b, struct str s)
{
	buf_add(b, s.p, s.n);
}

void buf_puts(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void buf_putc(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void buf_u64(struct buf *b, uint64_t v)
{
	char digits[20]; /* UINT64_MAX has as many */
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	buf_add(b, digits + at, sizeof(digits) - at);
}

void buf_hex(struct buf *b, uint64_t v, size_t least)
{
	char digits[16];
	size_t at = sizeof(digits);

	do {
		digits[--at] = "0123456789abcdef"[v % 16];
		v /= 16;
	} while (at > 0 && (v || sizeof(digits) - at < least));
	buf_add(b, digits + at, sizeof(digits) - at);
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(b, fmt, ap);
	va_end(ap);
}

void buf_vprintf(struct buf *b, const char *fmt, va_list ap)
{
	size_t left = b->size && !b->over ? b->size - b->n : 0;
	va_list again;

	va_copy(again, ap);
	int n = vsnprintf(left ? b->p + b->n : NULL, left, fmt, again);
	va_end(again);
	if (n > 0 && (size_t)n < left) {
		b->n += (size_t)n;
		return;
	}
	if (left)
		b->p[b->n] = '\0'; /* not what fitted of it */
	if (n <= 0)
		return;
	char *to = buf_room(b, (size_t)n);
	if (!to)
		return;
	vsnprintf(to, (size_t)n + 1, fmt, ap);
	buf_grown(b, (size_t)n);
}

void buf_cut(struct buf *b, size_t n)
{
	if (n >= b->n)
		return;
	b->n = n;
	b->p[n] = '\0';
}

int buf_ok(const struct buf *b, const char *what, struct err *err)
{
	if (!b->over)
		return 0;
	return err_set(err, FAULT_BAD_REQUEST, "%s is longer than %zu bytes", what, b->max);
}

char *buf_detach(struct buf *b)
{
	char *p = b->size ? b->p : xstrdup("");

	*b = BUF(b->max);
	return p;
}
