/* base/fault.h: the one table of what can go wrong.
 *
 * A fault decides the HTTP status, the helper's exit code, how long a refusal
 * is remembered, the label in logs and metrics, and the advice that the manual
 * gives. No other code picks a status for a failure.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BASE_FAULT_H
#define BASE_FAULT_H

#include "base/str.h"

enum fault {
	FAULT_NONE,
	FAULT_NOT_FOUND,	/* definite: no such module or version */
	FAULT_GONE,		/* definite: was there, will not come back */
	FAULT_DENIED,		/* our administrator does not allow it */
	FAULT_BAD_REQUEST,	/* not a well-formed request */
	FAULT_METHOD,		/* neither GET nor HEAD */
	FAULT_AUTH,		/* upstream wants credentials or refuses ours */
	FAULT_RATE_LIMITED,	/* upstream asks us to slow down */
	FAULT_UPSTREAM,		/* upstream failed: dns, connect, tls, http, body */
	FAULT_TIMEOUT,		/* upstream or a helper took too long */
	FAULT_BUSY,		/* no helper's turn came in time */
	FAULT_INTEGRITY,	/* the bytes are not what they should be */
	FAULT_LOCAL,		/* disk full, permissions, configuration */
	FAULT_BUG,		/* ours */
	FAULT_COUNT
};

/* A lifetime that a setting says (not_found_ttl), not the table. */
#define LIFETIME_BY_SETTING (-1)

struct fault_row {
	const char *label;	/* lower case, in logs, refusal files, metrics */
	int status;		/* HTTP status; sources: RFC 9110, modfetch 2.1 */
	int exit_code;		/* of stoa-fetch; clear of 1, 2 and sysexits */
	int lifetime;		/* seconds that a refusal holds, 0: not recorded;
				 * or LIFETIME_BY_SETTING */
	int retry_after;	/* seconds for Retry-After, 0: no such header */
	const char *reason;	/* the status line's words */
	const char *advice;	/* one sentence for the manual and the log */
};

/* The row of a fault; never NULL. */
const struct fault_row *fault_row(enum fault f);

/* The fault with this exit code or label; FAULT_BUG when there is none. */
enum fault fault_of_exit(int exit_code);
enum fault fault_of_label(struct str label);

/* A definite "does not exist", which lets a comma in GOPROXY fall through. */
bool fault_is_absence(enum fault f);

#endif
