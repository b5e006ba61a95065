/* base/err.h: why something failed, filled in by whoever noticed.
 *
 * Everything above base/ takes `struct err *err` as its last parameter, fills
 * it through err_set() and returns the -1 that err_set() returns. Text is for
 * the developer who waits behind a go command: one to three lines, which
 * source, which stage, what to do; no credentials, no paths of this machine.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "base/buf.h"
#include "base/fault.h"
#include "base/limits.h"

struct err {
	enum fault fault;
	struct buf text;	/* at most MAX_ERRTEXT; longer is cut */
	int retry_after;	/* seconds that the source asked for, 0: unknown */
};

#define ERR() ((struct err){ FAULT_NONE, BUF(MAX_ERRTEXT), 0 })

/* Replaces what err held. Always returns -1. */
int err_set(struct err *err, enum fault fault, const char *fmt, ...) PRINTF(3, 4);

/* The same with ": " and strerror(errnum) behind it. */
int err_sys(struct err *err, enum fault fault, int errnum, const char *fmt, ...) PRINTF(4, 5);

/* Puts context and ": " before the text. Always returns -1. */
int err_wrap(struct err *err, const char *fmt, ...) PRINTF(2, 3);

/* Moves `from` into `to` (what `to` held is dropped). Always returns -1. */
int err_move(struct err *to, struct err *from);

void err_reset(struct err *err);
void err_release(struct err *err);

#endif
