/* http/cond.c: conditional and range requests (RFC 9110 13 and 14).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "base/parse.h"
#include "http/cond.h"
#include "http/request.h"

#include "base/banned.h"

/* Cuts one entity tag off the front of *s: its opaque part with the quotes.
 * false when there is none or it is malformed. */
static bool cut_etag(struct str *s, struct str *ret_tag)
{
	struct str t = str_trim(*s);

	if (str_starts(t, STR("W/")))
		t = str_from(t, 2);
	if (t.n < 2 || t.p[0] != '"')
		return false;
	ptrdiff_t end = str_chr(str_from(t, 1), '"');
	if (end < 0)
		return false;
	*ret_tag = str_head(t, (size_t)end + 2);
	*s = str_from(t, (size_t)end + 2);
	return true;
}

static bool none_match(struct str header, struct str etag)
{
	struct str tag;

	if (str_eq(str_trim(header), STR("*")))
		return true;
	while (cut_etag(&header, &tag)) {
		if (str_eq(tag, etag))
			return true;
		header = str_trim(header);
		if (!str_starts(header, STR(",")))
			break;
		header = str_from(header, 1);
	}
	return false;
}

bool cond_not_modified(const struct request *rq, struct str etag, time_t mtime)
{
	time_t since = 0;

	if (rq->if_none_match.n)
		return none_match(rq->if_none_match, etag);
	return rq->if_modified_since.n && parse_http_date(rq->if_modified_since, &since) == 0 &&
	       mtime <= since;
}

bool cond_range_applies(const struct request *rq, struct str etag, time_t mtime)
{
	time_t date = 0;

	if (rq->if_range.n == 0)
		return true;
	if (rq->if_range.p[0] == '"')
		return str_eq(rq->if_range, etag);
	return parse_http_date(rq->if_range, &date) == 0 && date == mtime;
}

enum range range_parse(struct str header, off_t size, off_t *ret_off, off_t *ret_len)
{
	uint64_t from = 0;
	uint64_t to = 0;

	if (!str_caseeq(str_head(header, 6), STR("bytes=")))
		return RANGE_WHOLE;
	struct str spec = str_trim(str_from(header, 6));
	ptrdiff_t dash = str_chr(spec, '-');
	if (dash < 0)
		return RANGE_WHOLE;
	struct str first = str_head(spec, (size_t)dash);
	struct str last = str_from(spec, (size_t)dash + 1);
	if (last.n && parse_u64(last, INT64_MAX, &to) < 0)
		return RANGE_WHOLE;
	if (first.n == 0) { /* the last `to` bytes */
		if (last.n == 0)
			return RANGE_WHOLE;
		if (to == 0 || size == 0)
			return RANGE_UNSATISFIABLE;
		*ret_len = to < (uint64_t)size ? (off_t)to : size;
		*ret_off = size - *ret_len;
		return RANGE_PART;
	}
	if (parse_u64(first, INT64_MAX, &from) < 0 || (last.n && to < from))
		return RANGE_WHOLE;
	if (from >= (uint64_t)size)
		return RANGE_UNSATISFIABLE;
	if (last.n == 0 || to >= (uint64_t)size)
		to = (uint64_t)size - 1;
	*ret_off = (off_t)from;
	*ret_len = (off_t)(to - from + 1);
	return RANGE_PART;
}
