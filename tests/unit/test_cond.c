/* tests/unit/test_cond.c
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "http/cond.h"
#include "http/request.h"
#include "tests/unit/unit.h"

#include "base/banned.h"

#define ETAG "\"abc-1\""
#define MTIME 784111777 /* Sun, 06 Nov 1994 08:49:37 GMT */

static const struct {
	const char *none_match;
	const char *since;
	bool not_modified;
} conditions[] = {
	{ "", "", false },
	{ ETAG, "", true },
	{ "W/" ETAG, "", true },
	{ "\"x\", " ETAG, "", true },
	{ "\"x\" ,W/\"y\",  " ETAG "  ", "", true },
	{ "*", "", true },
	{ "\"x\"", "", false },
	{ "abc-1", "", false },
	{ "\"abc-1", "", false },
	{ "W/", "", false },
	{ "\"x\";" ETAG, "", false },
	{ "", "Sun, 06 Nov 1994 08:49:37 GMT", true },
	{ "", "Sunday, 06-Nov-94 08:49:37 GMT", true },
	{ "", "Sun Nov  6 08:49:37 1994", true },
	{ "", "Sun, 06 Nov 1994 08:49:36 GMT", false },
	{ "", "Sun, 06 Nov 1994 08:49:38 GMT", true },
	{ "", "yesterday", false },
	{ "", "Sun, 06 Nov 1994 08:49:37 CET", false },
	/* If-None-Match alone decides when it is there (RFC 9110 13.2.2) */
	{ "\"x\"", "Sun, 06 Nov 1994 08:49:37 GMT", false },
	{ ETAG, "Sun, 06 Nov 1994 08:49:36 GMT", true },
};

START_TEST(condition_decides_on_304)
{
	struct request rq = REQUEST();

	rq.if_none_match = str_of(conditions[_i].none_match);
	rq.if_modified_since = str_of(conditions[_i].since);
	ck_assert_int_eq(cond_not_modified(&rq, STR(ETAG), MTIME), conditions[_i].not_modified);
}
END_TEST

static const struct {
	const char *if_range;
	bool applies;
} if_ranges[] = {
	{ "", true },
	{ ETAG, true },
	{ "W/" ETAG, false },
	{ "\"x\"", false },
	{ "Sun, 06 Nov 1994 08:49:37 GMT", true },
	{ "Sun, 06 Nov 1994 08:49:38 GMT", false },
	{ "nonsense", false },
};

START_TEST(if_range_decides_on_the_range)
{
	struct request rq = REQUEST();

	rq.if_range = str_of(if_ranges[_i].if_range);
	ck_assert_int_eq(cond_range_applies(&rq, STR(ETAG), MTIME), if_ranges[_i].applies);
}
END_TEST

static const struct {
	const char *header;
	off_t size;
	enum range range;
	off_t off;
	off_t len;
} ranges[] = {
	{ "bytes=0-0", 10, RANGE_PART, 0, 1 },
	{ "bytes=0-9", 10, RANGE_PART, 0, 10 },
	{ "bytes=0-", 10, RANGE_PART, 0, 10 },
	{ "bytes=3-5", 10, RANGE_PART, 3, 3 },
	{ "bytes=3-500", 10, RANGE_PART, 3, 7 },
	{ "bytes=9-", 10, RANGE_PART, 9, 1 },
	{ "bytes=-1", 10, RANGE_PART, 9, 1 },
	{ "bytes=-10", 10, RANGE_PART, 0, 10 },
	{ "bytes=-500", 10, RANGE_PART, 0, 10 },
	{ "Bytes=1-2", 10, RANGE_PART, 1, 2 },
	{ "bytes= 1-2", 10, RANGE_PART, 1, 2 },
	{ "bytes=10-", 10, RANGE_UNSATISFIABLE, 0, 0 },
	{ "bytes=500-600", 10, RANGE_UNSATISFIABLE, 0, 0 },
	{ "bytes=-0", 10, RANGE_UNSATISFIABLE, 0, 0 },
	{ "bytes=0-", 0, RANGE_UNSATISFIABLE, 0, 0 },
	{ "bytes=-5", 0, RANGE_UNSATISFIABLE, 0, 0 },
	{ "bytes=5-3", 10, RANGE_WHOLE, 0, 0 },
	{ "bytes=0-1,3-4", 10, RANGE_WHOLE, 0, 0 },
	{ "bytes=-", 10, RANGE_WHOLE, 0, 0 },
	{ "bytes=", 10, RANGE_WHOLE, 0, 0 },
	{ "bytes=a-b", 10, RANGE_WHOLE, 0, 0 },
	{ "bytes=0x1-2", 10, RANGE_WHOLE, 0, 0 },
	{ "bytes=--1", 10, RANGE_WHOLE, 0, 0 },
	{ "bytes=1-2-3", 10, RANGE_WHOLE, 0, 0 },
	{ "bytes=+1-2", 10, RANGE_WHOLE, 0, 0 },
	{ "bytes=99999999999999999999-", 10, RANGE_WHOLE, 0, 0 },
	{ "bytes=0-99999999999999999999", 10, RANGE_WHOLE, 0, 0 },
	{ "lines=0-1", 10, RANGE_WHOLE, 0, 0 },
	{ "", 10, RANGE_WHOLE, 0, 0 },
	{ "byte", 10, RANGE_WHOLE, 0, 0 },
};

START_TEST(range_header_says_which_bytes)
{
	off_t off = 0;
	off_t len = 0;

	ck_assert_int_eq(range_parse(str_of(ranges[_i].header), ranges[_i].size, &off, &len),
			 ranges[_i].range);
	if (ranges[_i].range == RANGE_PART) {
		ck_assert_int_eq(off, ranges[_i].off);
		ck_assert_int_eq(len, ranges[_i].len);
	}
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		UNIT_EACH(condition_decides_on_304, conditions),
		UNIT_EACH(if_range_decides_on_the_range, if_ranges),
		UNIT_EACH(range_header_says_which_bytes, ranges),
	};

	return unit_run("cond", tests, ARRAY_SIZE(tests));
}
