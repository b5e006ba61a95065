/* tests/unit/test_meta.c
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "fetch/vcs/meta.h"
#include "tests/unit/unit.h"

#include "base/banned.h"

#define TAG "<meta name=\"go-import\" content=\"a.b/c git https://x/y\">"

/* A page, and what is found in it: "prefix vcs url subdir;". */
static const struct {
	const char *page;
	const char *found;
} pages[] = {
	{ TAG, "a.b/c git https://x/y ;" },
	{ "<html><head>" TAG "</head>", "a.b/c git https://x/y ;" },
	{ "<META NAME=go-import CONTENT='a.b/c\n git\thttps://x/y  sub'>",
	  "a.b/c git https://x/y sub;" },
	{ "<meta content=\"a.b/c git https://x/y\" name=\"go-import\"/>",
	  "a.b/c git https://x/y ;" },
	{ "<meta name=\"go-import\" content=\"a b\"><meta name=\"go-import\" content=\"a b c d e\">",
	  "" },
	{ "<meta name=\"go-source\" content=\"a b c\"><meta name='Go-Import' content='a b c'>", "" },
	{ "<!-- " TAG " -->" TAG, "a.b/c git https://x/y ;" },
	{ "<script>if (a<b) '<meta>';</script>" TAG, "a.b/c git https://x/y ;" },
	{ "<STYLE>" TAG "</Style>", "" },
	{ "<body>" TAG, "" },
	{ "</HEAD>" TAG, "" },
	{ "<meta name=\"go-import\" content=\"a.b git https://x/?a&amp;b\">",
	  "a.b git https://x/?a&b ;" },
	{ "<meta name=\"go-import\" content=\"p git u\"><meta name=\"go-import\" content=\"p mod v\">",
	  "p mod v ;" },
	{ "<meta name=\"go-import\" content=\"q git u\"><meta name=\"go-import\" content=\"p mod v\">",
	  "p mod v ;q git u ;" },
	{ "<meta name=\"go-import\" content=\"a b c", "a b c ;" },
	{ "<meta", "" },
	{ "<meta name", "" },
	{ "<meta name=", "" },
	{ "<meta name=\"", "" },
	{ "<", "" },
	{ "<!--", "" },
	{ "<script", "" },
	{ "< < <<meta><>" TAG, "a.b/c git https://x/y ;" },
	{ "", "" },
};

START_TEST(tags_are_found_where_the_go_command_finds_them)
{
	CLEANUP(meta_release) struct meta m = META(4096);
	CLEANUP(buf_release) struct buf found = BUF(4096);

	meta_read(str_of(pages[_i].page), &m);
	for (size_t i = 0; i < m.n; i++)
		buf_printf(&found, "%.*s %.*s %.*s %.*s;", STR_ARG(m.v[i].prefix),
			   STR_ARG(m.v[i].vcs), STR_ARG(m.v[i].url), STR_ARG(m.v[i].subdir));
	unit_eq(buf_view(&found), str_of(pages[_i].found));
}
END_TEST

START_TEST(a_page_of_tags_has_an_end)
{
	CLEANUP(meta_release) struct meta m = META(1 << 20);
	CLEANUP(buf_release) struct buf page = BUF(1 << 20);

	for (int i = 0; i < 2 * META_MAX; i++)
		buf_puts(&page, TAG);
	meta_read(buf_view(&page), &m);
	ck_assert_uint_eq(m.n, META_MAX);
}
END_TEST

static const struct {
	const char *page;
	const char *path;
	int result;
	const char *url;
} matches[] = {
	{ "<meta name=\"go-import\" content=\"a.b/c git u\">", "a.b/c", 1, "u" },
	{ "<meta name=\"go-import\" content=\"a.b/c git u\">", "a.b/c/d", 1, "u" },
	{ "<meta name=\"go-import\" content=\"a.b/c git u\">", "a.b/cd", 0, NULL },
	{ "<meta name=\"go-import\" content=\"a.b/c git u\">", "a.b", 0, NULL },
	{ "<meta name=\"go-import\" content=\"a.b/c git u\"><meta name=\"go-import\" "
	  "content=\"a.b git v\">", "a.b/c", -1, NULL },
	{ "<meta name=\"go-import\" content=\"a.b/c git u\"><meta name=\"go-import\" "
	  "content=\"a.b mod v\">", "a.b/c", 1, "v" },
	{ "", "a.b/c", 0, NULL },
};

START_TEST(one_entry_is_for_a_path)
{
	CLEANUP(meta_release) struct meta m = META(4096);
	const struct meta_import *found = NULL;

	meta_read(str_of(matches[_i].page), &m);
	int rc = meta_match(&m, str_of(matches[_i].path), &found);
	ck_assert_int_eq(rc, matches[_i].result);
	if (rc > 0)
		unit_eq(found->url, str_of(matches[_i].url));
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		UNIT_EACH(tags_are_found_where_the_go_command_finds_them, pages),
		UNIT(a_page_of_tags_has_an_end),
		UNIT_EACH(one_entry_is_for_a_path, matches),
	};
	return unit_run("meta", tests, ARRAY_SIZE(tests));
}
