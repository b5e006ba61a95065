/* tests/unit/test_pseudo.c: every expectation is what golang.org/x/mod says.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "base/err.h"
#include "module/pseudo.h"
#include "tests/unit/unit.h"

#include "base/banned.h"

static const struct {
	const char *v;
	const char *time, *rev;
	int64_t unix_time;	/* -1: the digits are no date */
	const char *base;	/* NULL: an error */
} pseudos[] = {
	/* form 1 */
	{ "v0.0.0-20190101000000-abcdef123456", "20190101000000", "abcdef123456",
	  1546300800, "" },
	{ "v2.0.0-20171214014128-abcdef123456", "20171214014128", "abcdef123456",
	  1513215688, "" },
	{ "v1.0.0-20190101000000-a", "20190101000000", "a", 1546300800, "" },
	{ "v1.0.0-20190101000000-ABCDEFghi", "20190101000000", "ABCDEFghi", 1546300800, "" },
	/* form 2 */
	{ "v1.2.4-0.20190101000000-abcdef123456", "20190101000000", "abcdef123456",
	  1546300800, "v1.2.3" },
	{ "v1.2.10-0.20190101000000-abcdef123456", "20190101000000", "abcdef123456",
	  1546300800, "v1.2.9" },
	{ "v1.2.100-0.20190101000000-abcdef123456", "20190101000000", "abcdef123456",
	  1546300800, "v1.2.99" },
	{ "v1.2.1-0.20190101000000-abcdef123456", "20190101000000", "abcdef123456",
	  1546300800, "v1.2.0" },
	{ "v1.2.20-0.20190101000000-abcdef123456", "20190101000000", "abcdef123456",
	  1546300800, "v1.2.19" },
	{ "v0.0.1-0.20190101000000-abcdef123456", "20190101000000", "abcdef123456",
	  1546300800, "v0.0.0" },
	{ "v2.0.1-0.20190101000000-abcdef123456+incompatible", "20190101000000",
	  "abcdef123456", 1546300800, "v2.0.0+incompatible" },
	{ "v1.0.100000000000000000000-0.20190101000000-abcdef123456", "20190101000000",
	  "abcdef123456", 1546300800, "v1.0.99999999999999999999" },
	/* form 3 */
	{ "v1.2.3-pre.0.20190101000000-abcdef123456", "20190101000000", "abcdef123456",
	  1546300800, "v1.2.3-pre" },
	{ "v1.2.3-RC1.2.0.20190101000000-abcdef123456", "20190101000000", "abcdef123456",
	  1546300800, "v1.2.3-RC1.2" },
	{ "v1.2.3-a-b.0.20190101000000-abcdef123456", "20190101000000", "abcdef123456",
	  1546300800, "v1.2.3-a-b" },
	{ "v1.2.3-0.0.20190101000000-abcdef123456", "20190101000000", "abcdef123456",
	  1546300800, "v1.2.3-0" },
	{ "v2.0.0-pre.0.20190101000000-abcdef123456+incompatible", "20190101000000",
	  "abcdef123456", 1546300800, "v2.0.0-pre+incompatible" },
	/* pseudo-versions that nobody should have made */
	{ "v1.0.0-0.20190101000000-abcdef123456", "20190101000000", "abcdef123456",
	  1546300800, NULL },
	{ "v1.2.0-0.20190101000000-abcdef123456", "20190101000000", "abcdef123456",
	  1546300800, NULL },
	{ "v2.0.0-20190101000000-abcdef123456+incompatible", "20190101000000",
	  "abcdef123456", 1546300800, NULL },
	{ "v0.0.0-20191301000000-abcdef123456", "20191301000000", "abcdef123456", -1, "" },
	{ "v0.0.0-20190230000000-abcdef123456", "20190230000000", "abcdef123456", -1, "" },
	{ "v0.0.0-20190101240000-abcdef123456", "20190101240000", "abcdef123456", -1, "" },
	{ "v0.0.0-20190101000060-abcdef123456", "20190101000060", "abcdef123456", -1, "" },
	{ "v0.0.0-00000000000000-000000000000", "00000000000000", "000000000000", -1, "" },
	{ "v0.0.0-00010101000000-000000000000", "00010101000000", "000000000000",
	  -62135596800, "" },
};

START_TEST(parts_of_all_three_forms)
{
	struct str v = str_of(pseudos[_i].v);
	struct str time_digits = STR("");
	struct str rev = STR("");
	time_t t = -1;

	ck_assert(pseudo_is(v));
	ck_assert_int_eq(pseudo_parts(v, &time_digits, &rev), 0);
	unit_eq(time_digits, str_of(pseudos[_i].time));
	unit_eq(rev, str_of(pseudos[_i].rev));
	ck_assert_int_eq(pseudo_time(v, &t), pseudos[_i].unix_time == -1 ? -1 : 0);
	ck_assert_int_eq(t, pseudos[_i].unix_time);
}
END_TEST

START_TEST(base_is_the_version_before)
{
	struct buf b = BUF(100);
	struct err err = ERR();

	buf_puts(&b, "1000"); /* appended to, and not read as digits */
	ck_assert_int_eq(pseudo_base(str_of(pseudos[_i].v), &b, &err), pseudos[_i].base ? 0 : -1);
	unit_eq(str_from(buf_view(&b), 4), str_of(pseudos[_i].base));
	if (!pseudos[_i].base) {
		ck_assert_int_eq(err.fault, FAULT_NOT_FOUND);
		ck_assert_int_eq(strncmp(err.text.p, "pseudo-version \"v", 17), 0);
	}
	buf_release(&b);
	err_release(&err);
}
END_TEST

static const char *const others[] = {
	"", "master", "v1.2.3", "v1.2.3-pre", "v1.2.3-pre.0", "v1.2.3-a-b",
	"v0.0.0-2019010100000-abcdef123456",	/* 13 digits */
	"v0.0.0-201901010000000-abcdef123456",	/* 15 digits */
	"v0.0.0-20190101000000",
	"v0.0.0-20190101000000-",
	"v0.0.0-20190101000000.abcdef123456",
	"v0.0.0-20190101000000-abc.def",
	"v0.0.0-20190101000000-abc-def",
	"v0.0.0-x20190101000000-abcdef123456",
	"v0.0.0-pre-20190101000000-abcdef123456",
	"v0.0.1-20190101000000-abcdef123456",	/* form 1 is only for X.0.0 */
	"v0.1.0-20190101000000-abcdef123456",
	"v1.2.3-pre.20190101000000-abcdef123456",
	"v1.2.3-1.20190101000000-abcdef123456",
	"v1.2.3-00.20190101000000-abcdef123456",
	"v1.2.3-pre0.20190101000000-abcdef123456",
	"v1.2.3-a-0.20190101000000-abcdef123456",
	"v1.2.3-0.20190101000000-abcdef_123456",
	"v01.0.0-20190101000000-abcdef123456",
	"v0.0-20190101000000-abcdef123456",
	"0.0.0-20190101000000-abcdef123456",
	"v0.0.0-20190101000000-abcdef123456+",
	"v0.0.0-20190101000000-abcdef123456 ",
	"v1.2.3+20190101000000-abcdef123456-x",
};

START_TEST(others_are_none)
{
	struct str v = str_of(others[_i]);
	struct str digits = STR("?");
	struct str rev = STR("?");
	struct buf b = BUF(100);
	struct err err = ERR();
	time_t t = 42;

	ck_assert(!pseudo_is(v));
	ck_assert_int_eq(pseudo_parts(v, &digits, &rev), -1);
	unit_eq(digits, STR("?"));
	ck_assert_int_eq(pseudo_time(v, &t), -1);
	ck_assert_int_eq(t, 42);
	ck_assert_int_eq(pseudo_base(v, &b, &err), -1);
	ck_assert_uint_eq(b.n, 0);
	buf_release(&b);
	err_release(&err);
}
END_TEST

static const struct {
	const char *major, *older, *want;
} makes[] = {
	{ "", "", "v0.0.0-20190101000000-abcdef123456" },
	{ "v0", "", "v0.0.0-20190101000000-abcdef123456" },
	{ "v2", "", "v2.0.0-20190101000000-abcdef123456" },
	{ "v1", "v1.2.3", "v1.2.4-0.20190101000000-abcdef123456" },
	{ "", "v1.2.9", "v1.2.10-0.20190101000000-abcdef123456" },
	{ "", "v1.2.99", "v1.2.100-0.20190101000000-abcdef123456" },
	{ "", "v1.2.199", "v1.2.200-0.20190101000000-abcdef123456" },
	{ "", "v1.2.0", "v1.2.1-0.20190101000000-abcdef123456" },
	{ "", "v1.0.99999999999999999999",
	  "v1.0.100000000000000000000-0.20190101000000-abcdef123456" },
	{ "v2", "v2.0.0-pre", "v2.0.0-pre.0.20190101000000-abcdef123456" },
	{ "v2", "v2.0.0-rc.9", "v2.0.0-rc.9.0.20190101000000-abcdef123456" },
	{ "v2", "v2.0.0+incompatible", "v2.0.1-0.20190101000000-abcdef123456+incompatible" },
	{ "v2", "v2.0.0-pre+incompatible",
	  "v2.0.0-pre.0.20190101000000-abcdef123456+incompatible" },
	{ "v1", "v1.2", "v1.2.1-0.20190101000000-abcdef123456" },
	{ "v1", "junk", "v1.0.0-20190101000000-abcdef123456" },
};

START_TEST(make_comes_right_after_the_older_version)
{
	struct buf b = BUF(200);

	buf_puts(&b, "9.9");
	pseudo_make(str_of(makes[_i].major), str_of(makes[_i].older), 1546300800,
		    STR("abcdef123456"), &b);
	unit_eq(str_from(buf_view(&b), 3), str_of(makes[_i].want));
	ck_assert(pseudo_is(str_from(buf_view(&b), 3)));
	buf_release(&b);
}
END_TEST

START_TEST(make_marks_what_does_not_fit)
{
	for (size_t max = 0; max < 36; max++) {
		struct buf b = BUF(max);
		pseudo_make(STR("v1"), STR("v1.2.9"), 1546300800, STR("abcdef123456"), &b);
		ck_assert(b.over);
		ck_assert_uint_le(b.n, max);
		ck_assert_int_eq(b.p[b.n], '\0');
		buf_release(&b);
	}
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		UNIT_EACH(parts_of_all_three_forms, pseudos),
		UNIT_EACH(base_is_the_version_before, pseudos),
		UNIT_EACH(others_are_none, others),
		UNIT_EACH(make_comes_right_after_the_older_version, makes),
		UNIT(make_marks_what_does_not_fit),
	};

	return unit_run("pseudo", tests, ARRAY_SIZE(tests));
}
