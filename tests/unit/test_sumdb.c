/* tests/unit/test_sumdb.c
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "base/err.h"
#include "fetch/sumdb.h"
#include "tests/unit/unit.h"

#include "base/banned.h"

static const struct {
	const char *tile;
	int64_t size;
	bool good;
} tiles[] = {
	{ "8/0/000", 8192, true },	     { "8/0/x001/234", 8192, true },
	{ "8/3/000.p/2", 64, true },	     { "8/0/x001/234.p/255", 255 * 32, true },
	{ "8/data/000", 12345, true },	     { "8/data/x001/000.p/5", 1, true },
	{ "8/0/000", 0, false },	     { "8/0/000", 8191, false },
	{ "8/0/000", 64, false },	     { "8/3/000.p/2", 8192, false },
	{ "8/3/000.p/2", 65, false },	     { "8/data/000", 0, false },
	{ "8/3/000.p/x", 64, false },	     { "8/3/000.p/", 0, false },
	{ "8/3/000.p/99999999999999999999", 32, false },
};

START_TEST(a_tile_has_the_size_of_its_name)
{
	CLEANUP(err_release) struct err err = ERR();
	int rc = sumdb_check_tile(str_of(tiles[_i].tile), tiles[_i].size, &err);

	ck_assert_int_eq(rc, tiles[_i].good ? 0 : -1);
}
END_TEST

static const struct {
	const char *text;
	bool as_text, as_lookup;
} texts[] = {
	{ "go.sum database tree\n5\nhash=\n\n\xe2\x80\x94 name sig\n", true, false },
	{ "12\nexample.com/m v1.0.0 h1:x\n\ngo.sum database tree\n", true, true },
	{ "12", true, true },
	{ "", false, false },
	{ "-1\nx\n", true, false },
	{ "99999999999999999999\nx\n", true, false },
	{ "12\r\nx\n", false, false },
	{ "12\nx\xff\n", false, false },
	{ "<html>\n", true, false },
};

START_TEST(answers_are_plain_text_with_a_number_first)
{
	CLEANUP(err_release) struct err err = ERR();
	struct str s = str_of(texts[_i].text);

	ck_assert_int_eq(sumdb_check_text(s, false, &err), texts[_i].as_text ? 0 : -1);
	ck_assert_int_eq(sumdb_check_text(s, true, &err), texts[_i].as_lookup ? 0 : -1);
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		UNIT_EACH(a_tile_has_the_size_of_its_name, tiles),
		UNIT_EACH(answers_are_plain_text_with_a_number_first, texts),
	};
	return unit_run("sumdb", tests, ARRAY_SIZE(tests));
}
