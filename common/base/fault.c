/* base/fault.c: the one table of what can go wrong.
 *
 * Only NOT_FOUND and GONE are 404 and 410, because those make a client with a
 * comma in its GOPROXY go on to the next proxy and tell it a private name.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "base/fault.h"

#include "base/banned.h"

static const struct fault_row rows[FAULT_COUNT] = {
	[FAULT_NONE] = { "none", 200, 0, 0, 0, "OK", "" },
	[FAULT_NOT_FOUND] = { "not_found", 404, 10, LIFETIME_BY_SETTING, 0, "Not Found",
		"Check the spelling of the module path and the version; a version "
		"published a moment ago is found after not_found_ttl." },
	[FAULT_GONE] = { "gone", 410, 11, 600, 0, "Gone",
		"The source says that it was removed for good; use another version." },
	[FAULT_DENIED] = { "denied", 403, 12, 0, 0, "Forbidden",
		"The administrator's configuration does not allow this module." },
	[FAULT_BAD_REQUEST] = { "bad_request", 400, 13, 0, 0, "Bad Request",
		"The request is not one that a go command makes." },
	[FAULT_METHOD] = { "method", 405, 14, 0, 0, "Method Not Allowed",
		"Only GET and HEAD are answered." },
	[FAULT_AUTH] = { "auth", 502, 15, 30, 0, "Bad Gateway",
		"Give stoa credentials for the source: a netrc file, or a name and "
		"password in the upstream's URL." },
	[FAULT_RATE_LIMITED] = { "rate_limited", 503, 16, 30, 30, "Service Unavailable",
		"Wait, or give stoa credentials that allow more requests." },
	[FAULT_UPSTREAM] = { "upstream", 502, 17, 5, 0, "Bad Gateway",
		"The text names the source and the stage (dns, connect, tls, http, "
		"body); what is cached goes on being served." },
	[FAULT_TIMEOUT] = { "timeout", 504, 18, 5, 0, "Gateway Timeout",
		"Try again; raise fetch_timeout when the source is slow but works." },
	[FAULT_BUSY] = { "busy", 503, 19, 0, 2, "Service Unavailable",
		"Too many first requests at once; try again, or raise fetch_max." },
	[FAULT_INTEGRITY] = { "integrity", 502, 20, 60, 0, "Bad Gateway",
		"The source served bytes that are not this module; do not use them, "
		"and tell whoever runs the source." },
	[FAULT_LOCAL] = { "local", 500, 21, 1, 0, "Internal Server Error",
		"Look at the server's error log: disk full, permissions, or a wrong "
		"setting." },
	[FAULT_BUG] = { "bug", 500, 22, 1, 0, "Internal Server Error",
		"An error of stoa's own; please report it with the log line." },
};

const struct fault_row *fault_row(enum fault f)
{
	if (f >= FAULT_COUNT)
		f = FAULT_BUG;
	return &rows[f];
}

enum fault fault_of_exit(int exit_code)
{
	for (int f = FAULT_NONE; f < FAULT_COUNT; f++)
		if (rows[f].exit_code == exit_code)
			return (enum fault)f;
	return FAULT_BUG;
}

enum fault fault_of_label(struct str label)
{
	for (int f = FAULT_NONE; f < FAULT_COUNT; f++)
		if (str_eqz(label, rows[f].label))
			return (enum fault)f;
	return FAULT_BUG;
}

bool fault_is_absence(enum fault f)
{
	return f == FAULT_NOT_FOUND || f == FAULT_GONE;
}
