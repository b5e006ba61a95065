/* tests/unit/test_goproxy.c: lists of upstreams.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <check.h>
#include <stdlib.h>

#include "base/err.h"
#include "config/goproxy.h"

/* The list as goproxy_format writes it, "-" for a refused one. */
struct parsed {
	const char *list;
	const char *formatted;
};

static const struct parsed good[] = {
	{ "https://a.example", "https://a.example" },
	{ "https://a.example/", "https://a.example" },
	{ "https://a.example/go//", "https://a.example/go" },
	{ "http://a.example:8080/x", "http://a.example:8080/x" },
	{ "https://[::1]:8443/x", "https://[::1]:8443/x" },
	{ "https://[::1]", "https://[::1]" },
	{ "HTTPS://a.example", "https://a.example" },
	{ "a.example", "https://a.example" },
	{ "a.example:8080/go", "https://a.example:8080/go" },
	{ "localhost:8080", "https://localhost:8080" },
	{ "host/go", "https://host/go" },
	{ "direct", "direct" },
	{ "off", "off" },
	{ "https://a.example,direct", "https://a.example,direct" },
	{ "https://a.example|direct", "https://a.example|direct" },
	{ "a.example|b.example,c.example|off", "https://a.example|https://b.example,"
	  "https://c.example|off" },
	{ " a.example , b.example ", "https://a.example,https://b.example" },
	{ ",,a.example,|,b.example,", "https://a.example,https://b.example" },
	{ "a.example|,b.example", "https://a.example|https://b.example" },
	{ "a.example|", "https://a.example" },
	{ "direct,a.example", "direct" },
	{ "off|ftp://nobody.reads/this", "off" },
	{ "file:///srv/mirror/", "file:///srv/mirror" },
	{ "file:/srv/mirror", "file:///srv/mirror" },
	{ "/srv/mirror", "file:///srv/mirror" },
	{ "/srv/my mirror#1/100%", "file:///srv/my%20mirror%231/100%25" },
	{ "/", "file://" },
	{ "https://name:secret@a.example/go", "https://a.example/go" },
	{ "name:secret@a.example/go", "https://a.example/go" },
};

START_TEST(list_is_read_as_the_go_command_does)
{
	const struct parsed *t = &good[_i];
	CLEANUP(err_release) struct err err = ERR();
	CLEANUP(goproxy_release) struct goproxy g = { NULL, 0 };
	CLEANUP(buf_release) struct buf b = BUF(4096);

	ck_assert_msg(goproxy_parse(str_of(t->list), &g, &err) == 0, "%s: %s", t->list,
		      err.text.p);
	goproxy_format(&g, &b);
	ck_assert_str_eq(b.p, t->formatted);
}
END_TEST

static const char *const bad[] = {
	"",
	" ",
	",",
	"|,|",
	"word",
	"Direct",
	"noproxy",
	"ftp://a.example",
	"https:a.example/:/",
	"https:/a.example",
	"https://",
	"https:///path",
	"https://:8080",
	"https://name@",
	"https://a.example:",
	"https://a.example:0",
	"https://a.example:65536",
	"https://a.example:http",
	"https://[::1",
	"https://[]",
	"https://[::1]x",
	"https://a.example?x=y",
	"https://a.example/#x",
	"https://a.exa mple",
	"https://a.example/\x01",
	"file://host/srv",
	"file:srv",
	"file:///srv?x",
	"file:////srv",
	"https://a.example,word",
};

START_TEST(bad_list_is_refused_and_leaves_the_result_alone)
{
	CLEANUP(err_release) struct err err = ERR();
	struct goproxy g = { NULL, 42 };

	ck_assert_msg(goproxy_parse(str_of(bad[_i]), &g, &err) == -1, "%s", bad[_i]);
	ck_assert_int_eq(err.fault, FAULT_LOCAL);
	ck_assert_uint_gt(err.text.n, 0);
	ck_assert_ptr_null(g.entries);
	ck_assert_uint_eq(g.n, 42);
}
END_TEST

static const char *const with_secret[] = {
	"ftp://name:secret@a.example",
	"https://name:secret@a.example:port",
	"https://name:secret@a.example/?x",
	"https://name:sec?secret@a.example",
	"https://name:/secret@a.example",
	"https://name:secret#@a.example",
	"https:/name:secret@a.example",
	"name:secret@a.example:port",
	"https://name: secret@a.example",
	"https://name:secret@[::1",
	"file://name:secret@host/path",
	"a.example,ftp://name:secret@b.example",
};

START_TEST(error_shows_no_password)
{
	CLEANUP(err_release) struct err err = ERR();
	struct goproxy g = { NULL, 0 };

	ck_assert_msg(goproxy_parse(str_of(with_secret[_i]), &g, &err) == -1, "%s",
		      with_secret[_i]);
	ck_assert_msg(!strstr(err.text.p, "secret"), "%s", err.text.p);
	ck_assert_msg(!strstr(err.text.p, "name:"), "%s", err.text.p);
}
END_TEST

START_TEST(error_holds_no_control_byte)
{
	CLEANUP(err_release) struct err err = ERR();
	struct goproxy g = { NULL, 0 };

	ck_assert_int_eq(goproxy_parse(STR("https://a\x1b[2J\n.example"), &g, &err), -1);
	for (size_t i = 0; i < err.text.n; i++)
		ck_assert_int_ge((unsigned char)err.text.p[i], ' ');
}
END_TEST

START_TEST(entry_keeps_userinfo_and_separator)
{
	CLEANUP(err_release) struct err err = ERR();
	CLEANUP(goproxy_release) struct goproxy g = { NULL, 0 };

	ck_assert_int_eq(goproxy_parse(STR("https://n:p@a.example/|b.example,direct"), &g, &err),
			 0);
	ck_assert_uint_eq(g.n, 3);
	ck_assert_str_eq(g.entries[0].url, "https://n:p@a.example");
	ck_assert(g.entries[0].after_any);
	ck_assert(!g.entries[1].after_any);
	ck_assert_int_eq(g.entries[2].kind, GOPROXY_DIRECT);
	ck_assert_ptr_null(g.entries[2].url);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("goproxy");
	TCase *t = tcase_create("goproxy");

	tcase_add_loop_test(t, list_is_read_as_the_go_command_does, 0, ARRAY_SIZE(good));
	tcase_add_loop_test(t, bad_list_is_refused_and_leaves_the_result_alone, 0,
			    ARRAY_SIZE(bad));
	tcase_add_loop_test(t, error_shows_no_password, 0, ARRAY_SIZE(with_secret));
	tcase_add_test(t, error_holds_no_control_byte);
	tcase_add_test(t, entry_keeps_userinfo_and_separator);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
