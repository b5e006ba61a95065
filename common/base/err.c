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
static void add_cut(struct buf *b, struct str text)
{
	buf_str(b, str_head(text, b->max - b->n));
}

/* What the arguments point at may be the text that is replaced. */
PRINTF(3, 0) static void replace(struct err *err, enum fault fault, const char *fmt, va_list ap)
{
	char text[MAX_ERRTEXT + 1];

	vsnprintf(text, sizeof(text), fmt, ap);
	err_reset(err);
	err->fault = fault;
	add_cut(&err->text, str_of(text));
}

int err_set(struct err *err, enum fault fault, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	replace(err, fault, fmt, ap);
	va_end(ap);
	return -1;
}

int err_sys(struct err *err, enum fault fault, int errnum, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	replace(err, fault, fmt, ap);
	va_end(ap);
	add_cut(&err->text, STR(": "));
	add_cut(&err->text, str_of(strerror(errnum)));
	return -1;
}

int err_wrap(struct err *err, const char *fmt, ...)
{
	CLEANUP(buf_release) struct buf old = err->text;
	char context[MAX_ERRTEXT + 1];
	va_list ap;

	err->text = BUF(MAX_ERRTEXT);
	va_start(ap, fmt);
	vsnprintf(context, sizeof(context), fmt, ap);
	va_end(ap);
	add_cut(&err->text, str_of(context));
	add_cut(&err->text, STR(": "));
	add_cut(&err->text, buf_view(&old));
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
