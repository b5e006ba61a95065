/* fetch/status.c: what an HTTP status other than 200 means to us.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "base/err.h"
#include "fetch/status.h"
#include "fetch/text.h"

#include "base/banned.h"

/* Of an error's 640 bytes, so that the source's URL fits before it. */
#define MAX_SAID 300
#define MAX_SAID_LINES 3

/* HTTP/2 has no reason phrases; these are what proxies and stores answer. */
static const struct {
	int status;
	const char *phrase;
} phrases[] = {
	{ 204, "No Content" },
	{ 206, "Partial Content" },
	{ 301, "Moved Permanently" },
	{ 302, "Found" },
	{ 303, "See Other" },
	{ 304, "Not Modified" },
	{ 307, "Temporary Redirect" },
	{ 308, "Permanent Redirect" },
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 402, "Payment Required" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 407, "Proxy Authentication Required" },
	{ 408, "Request Timeout" },
	{ 410, "Gone" },
	{ 414, "URI Too Long" },
	{ 429, "Too Many Requests" },
	{ 451, "Unavailable For Legal Reasons" },
	{ 500, "Internal Server Error" },
	{ 501, "Not Implemented" },
	{ 502, "Bad Gateway" },
	{ 503, "Service Unavailable" },
	{ 504, "Gateway Timeout" },
};

static const char *phrase_of(int status)
{
	for (size_t i = 0; i < ARRAY_SIZE(phrases); i++)
		if (phrases[i].status == status)
			return phrases[i].phrase;
	return "";
}

enum fault status_fault(int status)
{
	switch (status) {
	case 404:
		return FAULT_NOT_FOUND;
	case 410:
		return FAULT_GONE;
	case 401:
	case 403:
	case 407:
		return FAULT_AUTH;
	case 408:
	case 504:
		return FAULT_TIMEOUT;
	case 429:
		return FAULT_RATE_LIMITED;
	default:
		return FAULT_UPSTREAM;
	}
}

bool status_is_redirect(int status)
{
	return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/* text/plain, with the charset absent, us-ascii or utf-8. */
static bool is_readable(struct str type)
{
	struct str rest = type;
	struct str part;

	if (!str_cut(&rest, ';', &part) || !str_caseeq(str_trim(part), STR("text/plain")))
		return false;
	while (str_cut(&rest, ';', &part)) {
		part = str_trim(part);
		if (part.n < 8 || !str_caseeq(str_head(part, 8), STR("charset=")))
			continue;
		struct str set = str_from(part, 8);
		if (set.n >= 2 && set.p[0] == '"' && set.p[set.n - 1] == '"')
			set = str_make(set.p + 1, set.n - 2);
		return str_caseeq(set, STR("utf-8")) || str_caseeq(set, STR("us-ascii"));
	}
	return true;
}

int status_err(int status, struct str content_type, struct str body, int64_t retry_after,
	       struct err *err)
{
	CLEANUP(buf_release) struct buf said = BUF(MAX_SAID);
	const char *phrase = phrase_of(status);

	if (is_readable(content_type))
		text_clean(body, MAX_SAID_LINES, MAX_SAID, &said);
	err_set(err, status_fault(status), "http: %d%s%s%s%s", status, phrase[0] ? " " : "",
		phrase, said.n ? ": " : "", said.p);
	err->retry_after = retry_after > INT32_MAX ? INT32_MAX : (int)retry_after;
	return -1;
}
