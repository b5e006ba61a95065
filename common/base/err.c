/* base/err.c: why something failed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"

#include "base/banned.h"

/* A text that is too long is cut rather than lost: half an explanation is
 * better than none. */
PRINTF(2, 0) static void add_cut(struct buf *b, const char *fmt, va_list ap)
{
	char text[MAX_ERRTEXT + 1];

	vsnprintf(text, sizeof(text), fmt, ap);
	buf_str(b, str_head(str_of(text), b->max - b->n));
}

int err_set(struct err *err, enum fault fault, const char *fmt, ...)
{
	va_list ap;

	err_reset(err);
	err->fault = fault;
	va_start(ap, fmt);
	add_cut(&err->text, fmt, ap);
	va_end(ap);
	return -1;
}

int err_sys(struct err *err, enum fault fault, int errnum, const char *fmt, ...)
{
	va_list ap;

	err_reset(err);
	err->fault = fault;
	va_start(ap, fmt);
	add_cut(&err->text, fmt, ap);
	va_end(ap);
	buf_str(&err->text, str_head(STR(": "), err->text.max - err->text.n));
	buf_str(&err->text, str_head(str_of(strerror(errnum)), err->text.max - err->text.n));
	return -1;
}

int err_wrap(struct err *err, const char *fmt, ...)
{
	CLEANUP(buf_release) struct buf old = err->text;
	va_list ap;

	err->text = BUF(MAX_ERRTEXT);
	va_start(ap, fmt);
	add_cut(&err->text, fmt, ap);
	va_end(ap);
	buf_str(&err->text, str_head(STR(": "), err->text.max - err->text.n));
	buf_str(&err->text, str_head(buf_view(&old), err->text.max - err->text.n));
	return -1;
}

int err_move(struct err *to, struct err *from)
{
	err_release(to);
	*to = *from;
	*from = ERR();
	return -1;
}

void err_reset(struct err *err)
{
	err->fault = FAULT_NONE;
	err->retry_after = 0;
	buf_reset(&err->text);
}

void err_release(struct err *err)
{
	buf_release(&err->text);
	err->fault = FAULT_NONE;
	err->retry_after = 0;
}
