/* tests/unit/test_str.c
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "base/str.h"
#include "tests/unit/unit.h"

#include "base/banned.h"

static const struct {
	const char *s, *t;
	ptrdiff_t first, last;
} finds[] = {
	{ "", "", 0, 0 },
	{ "abc", "", 0, 3 },
	{ "", "a", -1, -1 },
	{ "a", "ab", -1, -1 },
	{ "abcabc", "abc", 0, 3 },
	{ "aaaa", "aa", 0, 2 },
	{ "a/@v/b/@v/c", "/@v/", 1, 6 },
	{ "abcabd", "abd", 3, 3 },
};

START_TEST(find_and_rfind_give_first_and_last)
{
	ck_assert_int_eq(str_find(str_of(finds[_i].s), str_of(finds[_i].t)), finds[_i].first);
	ck_assert_int_eq(str_rfind(str_of(finds[_i].s), str_of(finds[_i].t)), finds[_i].last);
}
END_TEST

START_TEST(chr_and_rchr_give_first_and_last)
{
	ck_assert_int_eq(str_chr(STR("a.b.c"), '.'), 1);
	ck_assert_int_eq(str_rchr(STR("a.b.c"), '.'), 3);
	ck_assert_int_eq(str_chr(STR("abc"), '.'), -1);
	ck_assert_int_eq(str_rchr(STR(""), '.'), -1);
	ck_assert_int_eq(str_chr(str_make(NULL, 0), '.'), -1);
}
END_TEST

START_TEST(equality_counts_bytes_not_nuls)
{
	ck_assert(str_eq(STR("a\0b"), STR("a\0b")));
	ck_assert(!str_eq(STR("a\0b"), STR("a\0c")));
	ck_assert(!str_eq(STR("a"), STR("ab")));
	ck_assert(str_eq(str_make(NULL, 0), STR("")));
	ck_assert(str_eqz(STR("ab"), "ab"));
	ck_assert(str_eqz(STR(""), NULL));
}
END_TEST

START_TEST(starts_and_ends_take_the_empty_text)
{
	ck_assert(str_starts(STR("abc"), STR("ab")));
	ck_assert(str_starts(STR("abc"), STR("")));
	ck_assert(!str_starts(STR("a"), STR("ab")));
	ck_assert(str_ends(STR("abc"), STR("bc")));
	ck_assert(str_ends(STR("abc"), STR("")));
	ck_assert(!str_ends(STR("c"), STR("bc")));
}
END_TEST

START_TEST(from_and_head_stay_inside)
{
	unit_eq(str_from(STR("abc"), 1), STR("bc"));
	unit_eq(str_from(STR("abc"), 3), STR(""));
	unit_eq(str_from(STR("abc"), 9), STR(""));
	unit_eq(str_head(STR("abc"), 2), STR("ab"));
	unit_eq(str_head(STR("abc"), 9), STR("abc"));
}
END_TEST

static const struct {
	const char *from, *to;
} trims[] = {
	{ "", "" }, { "a", "a" }, { " \t\r\n", "" }, { "  a b\r\n", "a b" },
	{ "a ", "a" }, { "\va", "\va" },
};

START_TEST(trim_takes_blanks_off_both_ends)
{
	unit_eq(str_trim(str_of(trims[_i].from)), str_of(trims[_i].to));
}
END_TEST

START_TEST(cut_gives_every_field_even_empty_ones)
{
	static const char *const fields[] = { "", "a", "", "b", "" };
	struct str rest = STR(",a,,b,");
	struct str field;

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		ck_assert(str_cut(&rest, ',', &field));
		unit_eq(field, str_of(fields[i]));
	}
	ck_assert(!str_cut(&rest, ',', &field));
}
END_TEST

START_TEST(cut_of_the_empty_text_gives_one_empty_field)
{
	struct str rest = STR("");
	struct str field = STR("x");

	ck_assert(str_cut(&rest, ',', &field));
	unit_eq(field, STR(""));
	ck_assert(!str_cut(&rest, ',', &field));
}
END_TEST

static const struct {
	const char *a, *b;
	int order;
} orders[] = {
	{ "", "", 0 }, { "", "a", -1 }, { "a", "b", -1 }, { "a", "ab", -1 },
	{ "b", "ab", 1 }, { "a", "\xc3\xa9", -1 }, { "Z", "a", -1 }, { "ab", "ab", 0 },
};

START_TEST(cmp_orders_bytes_and_shorter_first)
{
	struct str a = str_of(orders[_i].a);
	struct str b = str_of(orders[_i].b);

	ck_assert_int_eq(str_cmp(a, b), orders[_i].order);
	ck_assert_int_eq(str_cmp(b, a), -orders[_i].order);
}
END_TEST

START_TEST(caseeq_ignores_case_and_nothing_else)
{
	ck_assert(str_caseeq(STR("GoPkg.In"), STR("gopkg.in")));
	ck_assert(!str_caseeq(STR("a"), STR("ab")));
	ck_assert(!str_caseeq(STR("@"), STR("`")));
	ck_assert(!str_caseeq(STR("["), STR("{")));
	ck_assert(str_caseeq(STR(""), str_make(NULL, 0)));
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		UNIT_EACH(find_and_rfind_give_first_and_last, finds),
		UNIT(chr_and_rchr_give_first_and_last),
		UNIT(equality_counts_bytes_not_nuls),
		UNIT(starts_and_ends_take_the_empty_text),
		UNIT(from_and_head_stay_inside),
		UNIT_EACH(trim_takes_blanks_off_both_ends, trims),
		UNIT(cut_gives_every_field_even_empty_ones),
		UNIT(cut_of_the_empty_text_gives_one_empty_field),
		UNIT_EACH(cmp_orders_bytes_and_shorter_first, orders),
		UNIT(caseeq_ignores_case_and_nothing_else),
	};

	return unit_run("str", tests, ARRAY_SIZE(tests));
}
