/* tests/unit/test_text.c
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "fetch/text.h"
#include "tests/unit/unit.h"

#include "base/banned.h"

static const struct {
	const char *from, *to;
	size_t lines, most;
} cleanings[] = {
	{ "", "", 3, 100 },
	{ "not found\n", "not found", 3, 100 },
	{ "\n\n  first \t line\r\n\n second\nthird\nfourth", "first line\nsecond\nthird", 3, 100 },
	{ "a\x1b[31mb\x07" "c\x7f", "a [31mb c", 3, 100 },
	{ "caf\xc3\xa9", "caf\xc3\xa9", 1, 100 },
	{ "caf\xc3\xa9", "caf", 1, 4 },
	{ "bad \xc3\x28 \xff\xc0\x80 bytes", "bad ( bytes", 1, 100 },
	{ "over\xe2\x80\xae" "ride \xef\xbb\xbf" "bom", "override bom", 1, 100 },
	{ "c1 \xc2\x9b" "31m", "c1 31m", 1, 100 },
	{ "1234567890", "12345", 1, 5 },
	{ "one\ntwo", "one", 1, 100 },
};

START_TEST(clean_keeps_what_prints)
{
	CLEANUP(buf_release) struct buf b = BUF(200);

	text_clean(str_of(cleanings[_i].from), cleanings[_i].lines, cleanings[_i].most, &b);
	unit_eq(buf_view(&b), str_of(cleanings[_i].to));
}
END_TEST

START_TEST(clean_drops_nul_bytes_without_ending_there)
{
	CLEANUP(buf_release) struct buf b = BUF(200);

	text_clean(STR("a\0b"), 1, 200, &b);
	unit_eq(buf_view(&b), STR("a b"));
}
END_TEST

START_TEST(plain_text_has_no_controls_but_newlines)
{
	ck_assert(text_is_plain(STR("")));
	ck_assert(text_is_plain(STR("a\nb\xe2\x80\x94\n")));
	ck_assert(!text_is_plain(STR("a\r\n")));
	ck_assert(!text_is_plain(STR("a\0b")));
	ck_assert(!text_is_plain(STR("a\xffz")));
	ck_assert(!text_is_plain(STR("a\x7f")));
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		UNIT_EACH(clean_keeps_what_prints, cleanings),
		UNIT(clean_drops_nul_bytes_without_ending_there),
		UNIT(plain_text_has_no_controls_but_newlines),
	};
	return unit_run("text", tests, ARRAY_SIZE(tests));
}
