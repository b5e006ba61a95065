/* tests/unit/test_utf8.c
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "module/utf8.h"
#include "tests/unit/unit.h"

#include "base/banned.h"

static const struct {
	struct str s;
	size_t width;
	uint32_t r;
} runes[] = {
	{ { "a", 1 }, 1, 'a' },
	{ { "\0", 1 }, 1, 0 },
	{ { "\x7f", 1 }, 1, 0x7f },
	{ { "\xc2\x80", 2 }, 2, 0x80 },
	{ { "\xdf\xbf", 2 }, 2, 0x7ff },
	{ { "\xe0\xa0\x80", 3 }, 3, 0x800 },
	{ { "\xed\x9f\xbf", 3 }, 3, 0xd7ff },
	{ { "\xee\x80\x80", 3 }, 3, 0xe000 },
	{ { "\xef\xbf\xbf", 3 }, 3, 0xffff },
	{ { "\xf0\x90\x80\x80", 4 }, 4, 0x10000 },
	{ { "\xf4\x8f\xbf\xbf", 4 }, 4, 0x10ffff },
	{ { "\xc3\xa9z", 3 }, 2, 0xe9 },
	{ { "", 0 }, 0, 0 },
	{ { "\x80", 1 }, 0, 0 },
	{ { "\xbf", 1 }, 0, 0 },
	{ { "\xc3", 1 }, 0, 0 },
	{ { "\xc3z", 2 }, 0, 0 },
	{ { "\xc3\xc3", 2 }, 0, 0 },
	{ { "\xe4\xb8", 2 }, 0, 0 },
	{ { "\xe4\xb8z", 3 }, 0, 0 },
	{ { "\xf0\x90\x80", 3 }, 0, 0 },
	{ { "\xc0\x80", 2 }, 0, 0 },		/* overlong */
	{ { "\xc1\xbf", 2 }, 0, 0 },
	{ { "\xe0\x9f\xbf", 3 }, 0, 0 },
	{ { "\xf0\x8f\xbf\xbf", 4 }, 0, 0 },
	{ { "\xed\xa0\x80", 3 }, 0, 0 },	/* surrogates */
	{ { "\xed\xbf\xbf", 3 }, 0, 0 },
	{ { "\xf4\x90\x80\x80", 4 }, 0, 0 },	/* above U+10FFFF */
	{ { "\xf5\x80\x80\x80", 4 }, 0, 0 },
	{ { "\xf8\x88\x80\x80\x80", 5 }, 0, 0 },
	{ { "\xfe", 1 }, 0, 0 },
	{ { "\xff", 1 }, 0, 0 },
};

START_TEST(next_is_strict)
{
	uint32_t r = 42;

	ck_assert_uint_eq(utf8_next(runes[_i].s, &r), runes[_i].width);
	ck_assert_uint_eq(r, runes[_i].width ? runes[_i].r : 42);
	ck_assert_int_eq(utf8_valid(runes[_i].s), runes[_i].width > 0 || runes[_i].s.n == 0);
}
END_TEST

static const struct {
	uint32_t r;
	bool letter;
} letters[] = {
	{ 'A', true }, { 'z', true }, { '0', false }, { '_', false }, { '@', false },
	{ '[', false }, { 0x7f, false }, { 0x80, false },
	{ 0xa9, false },	/* copyright sign */
	{ 0xaa, true },		/* feminine ordinal, first of the table */
	{ 0xab, false },
	{ 0xb5, true }, { 0xd7, false }, { 0xe9, true }, { 0xf7, false },
	{ 0x301, false },	/* combining acute */
	{ 0x3b1, true },	/* alpha */
	{ 0x660, false },	/* Arabic digit */
	{ 0x2160, false },	/* Roman numeral: a number */
	{ 0x263a, false },	/* smiling face */
	{ 0x3002, false },	/* CJK full stop */
	{ 0x3400, true }, { 0x4dbf, true }, { 0x4dc0, false }, { 0x4e2d, true },
	{ 0xac00, true }, { 0xd7a3, true }, { 0xd7a4, false },
	{ 0xe000, false },	/* private use */
	{ 0x1d400, true },	/* mathematical A */
	{ 0x1f600, false },	/* grinning face */
	{ 0x323af, true },	/* last of Unicode 15.0 */
	{ 0x323b0, false }, { 0x10ffff, false }, { 0xffffffff, false },
};

START_TEST(letters_are_those_of_unicode)
{
	ck_assert_int_eq(utf8_is_letter(letters[_i].r), letters[_i].letter);
}
END_TEST

START_TEST(as_many_letters_as_go_counts)
{
	int n = 0;

	for (uint32_t r = 0; r <= 0x10ffff; r++)
		n += utf8_is_letter(r);
	ck_assert_int_eq(n, 136104);
}
END_TEST

static const struct {
	uint32_t r;
	uint32_t as;
} folded[] = {
	{ 'A', 'a' }, { 'Z', 'z' }, { 'a', 'a' }, { '@', '@' }, { '[', '[' }, { '0', '0' },
	{ 0xc9, 0xc9 }, { 0xe9, 0xc9 }, { 0xd7, 0xd7 }, { 0xf7, 0xf7 },
	{ 0x212a, 'k' },	/* Kelvin sign */
	{ 0x17f, 's' },		/* long s */
	{ 0x131, 0x131 },	/* dotless i is nobody's lower case here */
	{ 0xdf, 0xdf }, { 0x1e9e, 0xdf },	/* sharp s */
	{ 0x100, 0x100 }, { 0x101, 0x100 }, { 0x102, 0x102 },
	{ 0x3c2, 0x3a3 }, { 0x3c3, 0x3a3 },	/* both small sigmas */
	{ 0x1e943, 0x1e921 }, { 0x10ffff, 0x10ffff }, { 0xffffffff, 0xffffffff },
};

START_TEST(fold_is_that_of_unicode)
{
	ck_assert_uint_eq(utf8_fold(folded[_i].r), folded[_i].as);
}
END_TEST

/* Both numbers are Go's, from unicode.SimpleFold over all code points. */
START_TEST(fold_is_go_s_for_every_code_point)
{
	int n = 0;
	uint32_t sum = 0;

	for (uint32_t r = 0; r <= 0x10ffff; r++) {
		n += utf8_fold(r) != r;
		sum = sum * 31 + utf8_fold(r);
	}
	ck_assert_int_eq(n, 1454);
	ck_assert_uint_eq(sum, 1219131571u);
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		UNIT_EACH(next_is_strict, runes),
		UNIT_EACH(letters_are_those_of_unicode, letters),
		UNIT(as_many_letters_as_go_counts),
		UNIT_EACH(fold_is_that_of_unicode, folded),
		UNIT(fold_is_go_s_for_every_code_point),
	};

	return unit_run("utf8", tests, ARRAY_SIZE(tests));
}
