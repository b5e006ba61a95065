/* tests/unit/test_parse.c
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <errno.h>

#include "base/parse.h"
#include "tests/unit/unit.h"

#include "base/banned.h"

static const struct {
	const char *s;
	uint64_t max;
	int rc;
	uint64_t v;
} numbers[] = {
	{ "0", 0, 0, 0 },
	{ "7", 10, 0, 7 },
	{ "007", 10, 0, 7 },
	{ "10", 10, 0, 10 },
	{ "11", 10, -ERANGE, 0 },
	{ "1", 0, -ERANGE, 0 },
	{ "9", 8, -ERANGE, 0 },
	{ "18446744073709551615", UINT64_MAX, 0, UINT64_MAX },
	{ "18446744073709551616", UINT64_MAX, -ERANGE, 0 },
	{ "99999999999999999999999", UINT64_MAX, -ERANGE, 0 },
	{ "", 10, -EINVAL, 0 },
	{ "-1", 10, -EINVAL, 0 },
	{ "+1", 10, -EINVAL, 0 },
	{ " 1", 10, -EINVAL, 0 },
	{ "1 ", 10, -EINVAL, 0 },
	{ "0x1", 10, -EINVAL, 0 },
	{ "1.0", 10, -EINVAL, 0 },
	{ "\xd9\xa1", 10, -EINVAL, 0 },
};

START_TEST(u64_takes_digits_up_to_the_maximum)
{
	uint64_t v = 42;

	ck_assert_int_eq(parse_u64(str_of(numbers[_i].s), numbers[_i].max, &v), numbers[_i].rc);
	ck_assert_uint_eq(v, numbers[_i].rc ? 42 : numbers[_i].v); /* untouched on failure */
}
END_TEST

static const struct {
	const char *s;
	int64_t max;
	int rc;
	int64_t v;
} durations[] = {
	{ "0", 100, 0, 0 },
	{ "90", 100, 0, 90 },
	{ "90s", 100, 0, 90 },
	{ "5m", 1000, 0, 300 },
	{ "1h", 3600, 0, 3600 },
	{ "2d", 172800, 0, 172800 },
	{ "2h", 3600, -ERANGE, 0 },
	{ "101", 100, -ERANGE, 0 },
	{ "9223372036854775807", INT64_MAX, 0, INT64_MAX },
	{ "106751991167300d", INT64_MAX, 0, 106751991167300 * 86400 },
	{ "106751991167301d", INT64_MAX, -ERANGE, 0 },
	{ "", 100, -EINVAL, 0 },
	{ "s", 100, -EINVAL, 0 },
	{ "1w", 100, -EINVAL, 0 },
	{ "1M", 100, -EINVAL, 0 },
	{ "1ms", 100, -EINVAL, 0 },
	{ "1 s", 100, -EINVAL, 0 },
	{ "-1s", 100, -EINVAL, 0 },
	{ "1h30m", 100000, -EINVAL, 0 },
	{ "1.5h", 100000, -EINVAL, 0 },
};

START_TEST(duration_takes_one_number_and_one_unit)
{
	int64_t v = 42;

	ck_assert_int_eq(parse_duration(str_of(durations[_i].s), durations[_i].max, &v),
			 durations[_i].rc);
	ck_assert_int_eq(v, durations[_i].rc ? 42 : durations[_i].v);
}
END_TEST

static const struct {
	const char *s;
	int rc;
	bool v;
} bools[] = {
	{ "yes", 0, true }, { "True", 0, true }, { "ON", 0, true }, { "1", 0, true },
	{ "no", 0, false }, { "FALSE", 0, false }, { "off", 0, false }, { "0", 0, false },
	{ "", -EINVAL, false }, { "y", -EINVAL, false }, { "2", -EINVAL, false },
	{ "yes ", -EINVAL, false },
};

START_TEST(bool_takes_four_words_for_each)
{
	bool v = !bools[_i].v;

	ck_assert_int_eq(parse_bool(str_of(bools[_i].s), &v), bools[_i].rc);
	ck_assert_int_eq(v, bools[_i].rc ? !bools[_i].v : bools[_i].v);
}
END_TEST

/* RFC 9110 5.6.7, and what must not pass for a date. */
static const struct {
	const char *s;
	int rc;
	int64_t t;
} http_dates[] = {
	{ "Sun, 06 Nov 1994 08:49:37 GMT", 0, 784111777 },
	{ "Sunday, 06-Nov-94 08:49:37 GMT", 0, 784111777 },
	{ "Sun Nov  6 08:49:37 1994", 0, 784111777 },
	{ "Wed Nov 16 08:49:37 1994", 0, 784975777 },
	{ "Thu, 01 Jan 1970 00:00:00 GMT", 0, 0 },
	{ "Thursday, 01-Jan-70 00:00:00 GMT", 0, 0 },
	{ "Friday, 31-Dec-69 23:59:59 GMT", 0, 3155759999 },
	{ "Tue, 29 Feb 2000 12:00:00 GMT", 0, 951825600 },
	{ "Fri, 31 Dec 9999 23:59:59 GMT", 0, 253402300799 },
	{ "Thu, 30 Jun 2016 23:59:60 GMT", 0, 1467331200 },
	{ "Mon, 29 Feb 1900 12:00:00 GMT", -EINVAL, 0 },
	{ "Sun, 31 Apr 1994 08:49:37 GMT", -EINVAL, 0 },
	{ "Sun, 00 Nov 1994 08:49:37 GMT", -EINVAL, 0 },
	{ "Sun, 06 Nov 1994 24:00:00 GMT", -EINVAL, 0 },
	{ "Sun, 06 Nov 1994 08:60:37 GMT", -EINVAL, 0 },
	{ "Sun, 06 Nov 1994 08:49:61 GMT", -EINVAL, 0 },
	{ "Sun, 06 Nov 1994 08:49:37", -EINVAL, 0 },
	{ "Sun, 06 Nov 1994 08:49:37 UTC", -EINVAL, 0 },
	{ "Sun, 06 Nov 1994 08:49:37 GMT ", -EINVAL, 0 },
	{ "Sun, 6 Nov 1994 08:49:37 GMT", -EINVAL, 0 },
	{ "Sun, 06 nov 1994 08:49:37 GMT", -EINVAL, 0 },
	{ "Sun, 06 Nov 94 08:49:37 GMT", -EINVAL, 0 },
	{ "Sun Nov 6 08:49:37 1994", -EINVAL, 0 },
	{ "1994-11-06T08:49:37Z", -EINVAL, 0 },
	{ "784111777", -EINVAL, 0 },
	{ "Sun", -EINVAL, 0 },
	{ "Sun,", -EINVAL, 0 },
	{ ",", -EINVAL, 0 },
	{ "", -EINVAL, 0 },
};

START_TEST(http_date_takes_the_three_forms)
{
	time_t t = 42;

	ck_assert_int_eq(parse_http_date(str_of(http_dates[_i].s), &t), http_dates[_i].rc);
	ck_assert_int_eq(t, http_dates[_i].rc ? 42 : http_dates[_i].t);
}
END_TEST

/* Times by Go's time.Parse(time.RFC3339, s). */
static const struct {
	const char *s;
	int rc;
	int64_t t;
} rfc3339[] = {
	{ "1970-01-01T00:00:00Z", 0, 0 },
	{ "2019-01-01T00:00:00Z", 0, 1546300800 },
	{ "2017-12-14T01:41:28Z", 0, 1513215688 },
	{ "2018-02-13T10:34:57-05:00", 0, 1518536097 },
	{ "2018-02-14T00:54:53+09:00", 0, 1518537293 },
	{ "2018-02-14T00:54:53.123456789+05:30", 0, 1518549893 },
	{ "2018-02-14T00:54:53.5Z", 0, 1518569693 },
	{ "2000-02-29T23:59:59Z", 0, 951868799 },
	{ "1969-12-31T23:59:59Z", 0, -1 },
	{ "0001-01-01T00:00:00Z", 0, -62135596800 },
	{ "9999-12-31T23:59:59Z", 0, 253402300799 },
	{ "2019-02-29T00:00:00Z", -EINVAL, 0 },
	{ "2019-13-01T00:00:00Z", -EINVAL, 0 },
	{ "2019-00-01T00:00:00Z", -EINVAL, 0 },
	{ "2019-01-01T24:00:00Z", -EINVAL, 0 },
	{ "2019-01-01T00:00:60Z", -EINVAL, 0 },
	{ "2019-01-01 00:00:00Z", -EINVAL, 0 },
	{ "2019-01-01T00:00:00", -EINVAL, 0 },
	{ "2019-01-01T00:00:00.Z", -EINVAL, 0 },
	{ "2019-01-01T00:00:00+0900", -EINVAL, 0 },
	{ "2019-01-01T00:00:00+09", -EINVAL, 0 },
	{ "2019-01-01T00:00:00Zx", -EINVAL, 0 },
	{ "2019-01-01t00:00:00z", -EINVAL, 0 },
	{ "19-01-01T00:00:00Z", -EINVAL, 0 },
	{ "2019-01-01", -EINVAL, 0 },
	{ "", -EINVAL, 0 },
};

START_TEST(rfc3339_reads_what_go_writes)
{
	time_t t = 42;

	ck_assert_int_eq(parse_rfc3339(str_of(rfc3339[_i].s), &t), rfc3339[_i].rc);
	ck_assert_int_eq(t, rfc3339[_i].rc ? 42 : rfc3339[_i].t);
}
END_TEST

static const struct {
	int64_t t;
	const char *http, *rfc;
} formats[] = {
	{ 0, "Thu, 01 Jan 1970 00:00:00 GMT", "1970-01-01T00:00:00Z" },
	{ 784111777, "Sun, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37Z" },
	{ 951868799, "Tue, 29 Feb 2000 23:59:59 GMT", "2000-02-29T23:59:59Z" },
	{ 4102444800, "Fri, 01 Jan 2100 00:00:00 GMT", "2100-01-01T00:00:00Z" },
};

START_TEST(dates_are_written_as_they_are_read)
{
	struct buf b = BUF(100);
	time_t t = 0;

	format_http_date(&b, (time_t)formats[_i].t);
	ck_assert_str_eq(b.p, formats[_i].http);
	ck_assert_int_eq(parse_http_date(buf_view(&b), &t), 0);
	ck_assert_int_eq(t, formats[_i].t);
	buf_reset(&b);
	format_rfc3339(&b, (time_t)formats[_i].t);
	ck_assert_str_eq(b.p, formats[_i].rfc);
	ck_assert_int_eq(parse_rfc3339(buf_view(&b), &t), 0);
	ck_assert_int_eq(t, formats[_i].t);
	buf_release(&b);
}
END_TEST

START_TEST(date_has_four_digits_for_any_year)
{
	struct buf b = BUF(100);

	format_http_date(&b, (time_t)253402300800); /* 10000-01-01 */
	ck_assert_str_eq(b.p, "Sat, 01 Jan 9999 00:00:00 GMT");
	buf_reset(&b);
	format_http_date(&b, (time_t)-62198755200); /* -1-01-01 */
	ck_assert_str_eq(b.p, "Fri, 01 Jan 0000 00:00:00 GMT");
	buf_release(&b);
}
END_TEST

START_TEST(hex_knows_twenty_two_digits)
{
	static const char digits[] = "0123456789abcdefABCDEF";

	for (int c = 0; c < 256; c++) {
		const char *at = c ? strchr(digits, c) : NULL;
		int want = at ? (int)(at - digits) : -1;
		if (want > 15)
			want -= 6;
		ck_assert_int_eq(parse_hex((char)c), want);
	}
}
END_TEST

static const struct {
	const char *from;
	int rc;
	const char *to;
	size_t n;
} percents[] = {
	{ "", 0, "", 0 },
	{ "/mod/a.b/@v/list", 0, "/mod/a.b/@v/list", 16 },
	{ "%21burnt%21sushi", 0, "!burnt!sushi", 12 },
	{ "a%2fb%2Fc", 0, "a/b/c", 5 },
	{ "%2521", 0, "%21", 3 },	/* once only */
	{ "a%00b", 0, "a\0b", 3 },	/* for the caller to refuse */
	{ "%ff", 0, "\xff", 1 },
	{ "a+b", 0, "a+b", 3 },
	{ "%41b%43", 0, "AbC", 3 },
	{ "ab%41", 0, "abA", 3 },
	{ "%", -EINVAL, "", 0 },
	{ "a%2", -EINVAL, "", 0 },
	{ "%zz", -EINVAL, "", 0 },
	{ "%2g", -EINVAL, "", 0 },
	{ "%%21", -EINVAL, "", 0 },
	{ "%-1", -EINVAL, "", 0 },
};

START_TEST(percent_is_decoded_once)
{
	struct buf b = BUF(100);

	ck_assert_int_eq(parse_percent(str_of(percents[_i].from), &b), percents[_i].rc);
	if (percents[_i].rc == 0)
		unit_eq(buf_view(&b), str_make(percents[_i].to, percents[_i].n));
	buf_release(&b);
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		UNIT_EACH(u64_takes_digits_up_to_the_maximum, numbers),
		UNIT_EACH(duration_takes_one_number_and_one_unit, durations),
		UNIT_EACH(bool_takes_four_words_for_each, bools),
		UNIT_EACH(http_date_takes_the_three_forms, http_dates),
		UNIT_EACH(rfc3339_reads_what_go_writes, rfc3339),
		UNIT_EACH(dates_are_written_as_they_are_read, formats),
		UNIT(date_has_four_digits_for_any_year),
		UNIT(hex_knows_twenty_two_digits),
		UNIT_EACH(percent_is_decoded_once, percents),
	};

	return unit_run("parse", tests, ARRAY_SIZE(tests));
}
