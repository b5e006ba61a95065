/* tests/unit/test_modpath.c: every expectation is what golang.org/x/mod/module
 * says.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "base/err.h"
#include "module/modpath.h"
#include "tests/unit/unit.h"

#include "base/banned.h"

#define A(lit) { (lit), sizeof(lit) - 1 }

static const struct {
	struct str path;
	bool module, file;
} paths[] = {
	{ A("example.com"), true, true },
	{ A("example.com/m"), true, true },
	{ A("github.com/BurntSushi/toml"), true, true },
	{ A("127.0.0.1/x"), true, true },
	{ A("x.y/z"), true, true },
	{ A("x..y/z"), true, true },
	{ A("x-y.z/-"), true, true },
	{ A("x.y/a-_9~"), true, true },
	{ A("x.y/.z"), false, true },
	{ A("x.y/z."), false, false },
	{ A("x.y/..."), false, false },
	{ A("x.y/.."), false, false },
	{ A("x.y/../z"), false, false },
	{ A("x.y/./z"), false, false },
	{ A(""), false, false },
	{ A("."), false, false },
	{ A("/"), false, false },
	{ A("/x.y/z"), false, false },
	{ A("x.y//z"), false, false },
	{ A("x.y/z/"), false, false },
	{ A("-x.y/z"), false, true },
	{ A("-"), false, true },
	{ A(".x.y/z"), false, true },
	{ A("xy/z"), false, true },
	{ A("localhost/x"), false, true },
	{ A("localhost:8080/x.y"), false, false },
	{ A("X.y/z"), false, true },
	{ A("x_y.z/a"), false, true },
	{ A("x~y.z/a"), false, true },
	{ A("x.y/z+a"), false, true },
	{ A("x.y/z!a"), false, true },
	{ A("x.y/z@v1"), false, true },
	{ A("x.y/z%a"), false, true },
	{ A("x.y/z a"), false, true },
	{ A("x.y/#$%&(),=[]^_{}"), false, true },
	{ A("x.y/\""), false, false },
	{ A("x.y/'"), false, false },
	{ A("x.y/*"), false, false },
	{ A("x.y/<"), false, false },
	{ A("x.y/>"), false, false },
	{ A("x.y/?"), false, false },
	{ A("x.y/`"), false, false },
	{ A("x.y/|"), false, false },
	{ A("x.y/:"), false, false },
	{ A("x.y/;"), false, false },
	{ A("x.y/\\"), false, false },
	{ A("x.y/\n"), false, false },
	{ A("x.y/\x7f"), false, false },
	{ A("x.y/\0z"), false, false },
	{ A("x.y/z\0"), false, false },
	{ A("x.y/\xc3\xa9"), false, true },		/* e with acute */
	{ A("x.y/e\xcc\x81"), false, false },		/* the same, decomposed */
	{ A("x.y/\xe4\xb8\xad"), false, true },		/* a CJK letter */
	{ A("x.y/\xe3\x80\x82"), false, false },	/* a CJK full stop */
	{ A("x.y/\xe2\x98\xba"), false, false },	/* a smiling face */
	{ A("x.y/\xff"), false, false },
	{ A("x.y/\xc3"), false, false },
	{ A("x.y/\xed\xa0\x80"), false, false },	/* a surrogate */
	{ A("x.y/\xc0\xaf"), false, false },		/* an overlong slash */
	{ A("x.y/con"), false, false },
	{ A("x.y/CON/z"), false, false },
	{ A("x.y/cOn.txt"), false, false },
	{ A("x.y/prn"), false, false },
	{ A("x.y/aux.a.b"), false, false },
	{ A("x.y/Nul"), false, false },
	{ A("x.y/com1"), false, false },
	{ A("x.y/COM9.c"), false, false },
	{ A("x.y/lpt1"), false, false },
	{ A("com1.y/z"), false, false },
	{ A("x.y/com"), true, true },
	{ A("x.y/com0"), true, true },
	{ A("x.y/lpt0"), true, true },
	{ A("x.y/com10"), true, true },
	{ A("x.y/prn2"), true, true },
	{ A("x.y/con1"), true, true },
	{ A("x.y/z.con"), true, true },
	{ A("x.y/conx"), true, true },
	{ A("x.y/z~0"), false, true },
	{ A("x.y/z~12/a"), false, true },
	{ A("x.y/z09~09z~09"), false, true },
	{ A("x.y/z~1.a"), false, true },
	{ A("x.y/~1"), false, true },
	{ A("x.y/z~"), true, true },
	{ A("x.y/z09~09z"), true, true },
	{ A("x.y/z.a~1"), true, true },
	{ A("x.y/v2"), true, true },
	{ A("x.y/v"), true, true },
	{ A("x.y/v0"), false, true },
	{ A("x.y/v1"), false, true },
	{ A("x.y/v02"), false, true },
	{ A("x.y/v2.0"), false, true },
	{ A("x.y/v2/z"), true, true },
	{ A("gopkg.in/yaml.v2"), true, true },
	{ A("gopkg.in/yaml"), false, true },
	{ A("gopkg.in/a/b.v1-unstable"), true, true },
};

START_TEST(check_takes_what_go_takes)
{
	struct err err = ERR();
	int rc = modpath_check(paths[_i].path, &err);

	ck_assert_msg((rc == 0) == paths[_i].module, "%s: %d %s", paths[_i].path.p, rc,
		      err.text.p);
	if (rc < 0) {
		ck_assert_int_eq(rc, -1);
		ck_assert_int_eq(err.fault, FAULT_NOT_FOUND);
		ck_assert_int_eq(strncmp(err.text.p, "malformed module path \"", 23), 0);
	}
	err_release(&err);
}
END_TEST

START_TEST(check_file_takes_what_go_takes)
{
	struct err err = ERR();
	int rc = modpath_check_file(paths[_i].path, &err);

	ck_assert_msg((rc == 0) == paths[_i].file, "%s: %d %s", paths[_i].path.p, rc,
		      err.text.p);
	err_release(&err);
}
END_TEST

START_TEST(errors_show_no_raw_bytes)
{
	struct err err = ERR();

	ck_assert_int_eq(modpath_check(paths[_i].path, &err) < 0, !paths[_i].module);
	for (size_t i = 0; i < err.text.n; i++)
		ck_assert((unsigned char)err.text.p[i] >= ' ' && err.text.p[i] != 0x7f);
	err_release(&err);
}
END_TEST

START_TEST(a_null_path_is_an_empty_one)
{
	struct err err = ERR();

	ck_assert_int_eq(modpath_check(str_make(NULL, 0), &err), -1);
	ck_assert_int_eq(modpath_check_file(str_make(NULL, 0), &err), -1);
	ck_assert_int_eq(modpath_check_file_elem(str_make(NULL, 0), &err), -1);
	err_release(&err);
}
END_TEST

static const struct {
	const char *elem;
	bool ok;
} elems[] = {
	{ "v1.2.3", true }, { "master", true }, { "-x", true }, { ".x", true },
	{ "a b", true }, { "a/b", false }, { "", false }, { "..", false },
	{ "x.", false }, { "nul", false }, { "a:b", false }, { "a\\b", false },
};

START_TEST(an_element_has_no_slash)
{
	struct err err = ERR();

	ck_assert_int_eq(modpath_check_file_elem(str_of(elems[_i].elem), &err),
			 elems[_i].ok ? 0 : -1);
	err_release(&err);
}
END_TEST

static const struct {
	const char *path;
	bool ok;
	const char *prefix, *major;
} splits[] = {
	{ "x.y/z", true, "x.y/z", "" },
	{ "x.y/z/v2", true, "x.y/z", "/v2" },
	{ "x.y/z/v10", true, "x.y/z", "/v10" },
	{ "x.y/z/v99999999999999999999", true, "x.y/z", "/v99999999999999999999" },
	{ "x.y/z/v", true, "x.y/z/v", "" },
	{ "x.y/z/v2x", true, "x.y/z/v2x", "" },
	{ "x.y/zv2", true, "x.y/zv2", "" },
	{ "x.y/z2", true, "x.y/z2", "" },
	{ "x.y/2", true, "x.y/2", "" },
	{ "x.y/z.v2", true, "x.y/z.v2", "" },
	{ "x.y/V2", true, "x.y/V2", "" },
	{ "v2", true, "v2", "" },
	{ "/v2", true, "", "/v2" },
	{ "", true, "", "" },
	{ "x.y/z/v0", false, NULL, NULL },
	{ "x.y/z/v1", false, NULL, NULL },
	{ "x.y/z/v00", false, NULL, NULL },
	{ "x.y/z/v01", false, NULL, NULL },
	{ "x.y/z/v02", false, NULL, NULL },
	{ "x.y/z/v1.2", false, NULL, NULL },
	{ "x.y/z/v.", false, NULL, NULL },
	{ "x.y/z/v2.", false, NULL, NULL },
	{ "gopkg.in/yaml.v0", true, "gopkg.in/yaml", ".v0" },
	{ "gopkg.in/yaml.v1", true, "gopkg.in/yaml", ".v1" },
	{ "gopkg.in/yaml.v20", true, "gopkg.in/yaml", ".v20" },
	{ "gopkg.in/a/b.v2", true, "gopkg.in/a/b", ".v2" },
	{ "gopkg.in/yaml.v2-unstable", true, "gopkg.in/yaml", ".v2-unstable" },
	{ "gopkg.in/yaml", false, NULL, NULL },
	{ "gopkg.in/yaml/v2", false, NULL, NULL },
	{ "gopkg.in/yaml.v", false, NULL, NULL },
	{ "gopkg.in/yaml.v-unstable", true, "gopkg.in/yaml", ".v-unstable" },
	{ "gopkg.in/yaml.v00", false, NULL, NULL },
	{ "gopkg.in/yaml.v01", false, NULL, NULL },
	{ "gopkg.in/yaml.v0-unstable", false, NULL, NULL },
	{ "gopkg.in/yaml.v2.1", false, NULL, NULL },
	{ "gopkg.in/yaml2", false, NULL, NULL },
	{ "gopkg.in/.v2", true, "gopkg.in/", ".v2" },
};

START_TEST(split_finds_the_major)
{
	struct str prefix = STR("?");
	struct str major = STR("?");

	ck_assert_int_eq(modpath_split(str_of(splits[_i].path), &prefix, &major),
			 splits[_i].ok);
	unit_eq(prefix, str_of(splits[_i].ok ? splits[_i].prefix : "?"));
	unit_eq(major, str_of(splits[_i].ok ? splits[_i].major : "?"));
}
END_TEST

static const struct {
	const char *version, *major;
	bool fits;
} fits[] = {
	{ "v0.0.0", "", true },
	{ "v1.2.3", "", true },
	{ "v2.0.0", "", false },
	{ "v2.0.0+incompatible", "", true },
	{ "v2.0.0+other", "", false },
	{ "v10.0.0", "", false },
	{ "v0.0.0", "/v2", false },
	{ "v1.2.3", "/v2", false },
	{ "v2.0.0", "/v2", true },
	{ "v2.0.0-pre", "/v2", true },
	{ "v2", "/v2", true },
	{ "v20.0.0", "/v2", false },
	{ "v2.0.0", "/v20", false },
	{ "v1.0.0", ".v1", true },
	{ "v0.1.0", ".v1", false },
	{ "v0.0.0-20161208181325-20d25e280405", ".v1", true },
	{ "v0.0.0-20161208181325-20d25e280405", ".v1-unstable", true },
	{ "v0.0.0-20161208181325-20d25e280405", ".v2", false },
	{ "v0.0.0-20161208181325-20d25e280405", "/v1", false },
	{ "v0.0.0", ".v1", false },
	{ "v0.0.0", ".v0", true },
	{ "v2.0.0", ".v2", true },
	{ "v2.0.0", ".v2-unstable", true },
	{ "v1.0.0", ".v2-unstable", false },
	{ "v1.0.0", ".v-unstable", false },
	{ "v2.0.0", "/v2-unstable", false },
	{ "master", "", false },
	{ "", "", false },
	{ "", "/v2", false },
	{ "v2.0.0", "v2", false },
};

START_TEST(majors_fit_as_in_go)
{
	ck_assert_int_eq(modpath_major_fits(str_of(fits[_i].version), str_of(fits[_i].major)),
			 fits[_i].fits);
}
END_TEST

static const struct {
	const char *path, *version, *text;	/* text NULL: legal */
} versions[] = {
	{ "example.com/m", "v1.0.0", NULL },
	{ "example.com/m", "v2.0.0+incompatible", NULL },
	{ "example.com/m/v2", "v2.3.4-pre", NULL },
	{ "gopkg.in/yaml.v2", "v2.0.0", NULL },
	{ "example.com/m", "v2.0.0",
	  "example.com/m: version \"v2.0.0\" should be v0 or v1, not v2" },
	{ "example.com/m/v2", "v1.0.0",
	  "example.com/m/v2: version \"v1.0.0\" should be v2, not v1" },
	{ "gopkg.in/yaml.v2-unstable", "v3.0.0",
	  "gopkg.in/yaml.v2-unstable: version \"v3.0.0\" should be v2, not v3" },
	{ "example.com/m", "v1.0",
	  "example.com/m: version \"v1.0\" is not a canonical semantic version" },
	{ "example.com/m", "v1.0.0+meta",
	  "example.com/m: version \"v1.0.0+meta\" is not a canonical semantic version" },
	{ "example.com/m", "master",
	  "example.com/m: version \"master\" is not a canonical semantic version" },
	{ "example.com/m", "a\nb",
	  "example.com/m: version \"a\\x0ab\" is not a canonical semantic version" },
	{ "examplecom/m", "v1.0.0",
	  "malformed module path \"examplecom/m\": no dot in the first path element" },
};

START_TEST(a_version_that_does_not_fit_is_told_why)
{
	struct err err = ERR();
	int rc = modpath_check_version(str_of(versions[_i].path), str_of(versions[_i].version),
				       &err);

	ck_assert_int_eq(rc, versions[_i].text ? -1 : 0);
	if (versions[_i].text) {
		ck_assert_str_eq(err.text.p, versions[_i].text);
		ck_assert_int_eq(err.fault, FAULT_NOT_FOUND);
	}
	err_release(&err);
}
END_TEST

static const struct {
	const char *plain, *escaped;
} escapes[] = {
	{ "github.com/BurntSushi/toml", "github.com/!burnt!sushi/toml" },
	{ "github.com/Azure/azure-sdk-for-go", "github.com/!azure/azure-sdk-for-go" },
	{ "x.y/ABC/z", "x.y/!a!b!c/z" },
	{ "x.y/z", "x.y/z" },
	{ "x.y/Z", "x.y/!z" },
};

START_TEST(escape_turns_upper_into_bang_lower_and_back)
{
	struct buf b = BUF(100);
	struct err err = ERR();

	buf_puts(&b, "mod/");
	ck_assert_int_eq(modpath_escape(str_of(escapes[_i].plain), &b, &err), 0);
	unit_eq(str_from(buf_view(&b), 4), str_of(escapes[_i].escaped));
	buf_reset(&b);
	buf_puts(&b, "mod/");
	ck_assert_int_eq(modpath_unescape(str_of(escapes[_i].escaped), &b, &err), 0);
	unit_eq(str_from(buf_view(&b), 4), str_of(escapes[_i].plain));
	buf_release(&b);
	err_release(&err);
}
END_TEST

static const char *const bad_escapes[] = {
	"x.y/Z", "x.y/!Z", "x.y/!1", "x.y/!", "x.y/!!a", "x.y/!-", "x.y/!/a", "!x.y/z",
	"x.y/\xc3\xa9", "x.y/!\xc3\xa9", "x.y/\xff", "", "!", "x.y/v1", "x.y/!com/con",
	"x.y/!c!o!n", "x.y/..", "/x.y/z", "x.y/z/", "xy/z", "x.y/%21a",
};

START_TEST(what_is_no_escaped_path_leaves_the_buffer_alone)
{
	struct buf b = BUF(100);
	struct err err = ERR();

	buf_puts(&b, "mod/");
	ck_assert_int_eq(modpath_unescape(str_of(bad_escapes[_i]), &b, &err), -1);
	ck_assert_int_eq(err.fault, FAULT_NOT_FOUND);
	ck_assert_str_eq(b.p, "mod/");
	ck_assert_uint_eq(b.n, 4);
	buf_release(&b);
	err_release(&err);
}
END_TEST

static const struct {
	const char *plain, *escaped;
} version_escapes[] = {
	{ "v1.0.0-RC1", "v1.0.0-!r!c1" },
	{ "v2.0.0+incompatible", "v2.0.0+incompatible" },
	{ "HEAD", "!h!e!a!d" },
	{ "master", "master" },
	{ "a b@c", "a b@c" },
	{ "-x", "-x" },
	{ ".x", ".x" },
	{ "z~1", "z~1" },
};

START_TEST(versions_are_escaped_and_back)
{
	struct buf b = BUF(100);
	struct err err = ERR();

	ck_assert_int_eq(modpath_escape_version(str_of(version_escapes[_i].plain), &b, &err), 0);
	ck_assert_str_eq(b.p, version_escapes[_i].escaped);
	buf_reset(&b);
	ck_assert_int_eq(modpath_unescape_version(str_of(version_escapes[_i].escaped), &b, &err),
			 0);
	ck_assert_str_eq(b.p, version_escapes[_i].plain);
	buf_release(&b);
	err_release(&err);
}
END_TEST

static const struct {
	const char *s;
	bool plain, escaped;	/* legal as such? */
} odd_versions[] = {
	{ "", false, false }, { "a/b", false, false }, { "feature/x", false, false },
	{ ".", false, false }, { "..", false, false }, { "v1.", false, false },
	{ "v1!x", false, true }, { "V1", true, false }, { "\xc3\xa9", false, false },
	{ "nul", false, false }, { "com1.x", false, false }, { "!nul", false, false },
	{ "a\nb", false, false }, { "a*b", false, false }, { "!", false, false },
	{ "a!", false, false }, { "!A", false, false },
};

START_TEST(odd_versions_are_refused)
{
	struct buf b = BUF(100);
	struct err err = ERR();

	ck_assert_int_eq(modpath_escape_version(str_of(odd_versions[_i].s), &b, &err),
			 odd_versions[_i].plain ? 0 : -1);
	buf_reset(&b);
	ck_assert_int_eq(modpath_unescape_version(str_of(odd_versions[_i].s), &b, &err),
			 odd_versions[_i].escaped ? 0 : -1);
	buf_release(&b);
	err_release(&err);
}
END_TEST

START_TEST(what_does_not_fit_the_buffer_is_an_error)
{
	struct buf b = BUF(5);
	struct err err = ERR();

	ck_assert_int_eq(modpath_escape(STR("x.y/Z"), &b, &err), -1); /* "x.y/!z" */
	ck_assert_int_eq(err.fault, FAULT_BAD_REQUEST);
	buf_reset(&b);
	ck_assert_int_eq(modpath_unescape(STR("x.y/ab"), &b, &err), -1);
	buf_reset(&b);
	ck_assert_int_eq(modpath_unescape_version(STR("v1.0.0"), &b, &err), -1);
	buf_reset(&b);
	ck_assert_int_eq(modpath_escape(STR("x.y/z"), &b, &err), 0);
	buf_release(&b);
	err_release(&err);
}
END_TEST

static const struct {
	struct str from;
	const char *to;
} quotes[] = {
	{ A(""), "\"\"" },
	{ A("a\"b\\c"), "\"a\\\"b\\\\c\"" },
	{ A("a\nb\x7f\0"), "\"a\\x0ab\\x7f\\x00\"" },
	{ A("\xc3\xa9\xff"), "\"\xc3\xa9\\xff\"" },
	{ A("\xe2\x80\xae"), "\"\\xe2\\x80\\xae\"" },	/* turns text around */
};

START_TEST(quote_shows_letters_and_no_tricks)
{
	struct buf b = BUF(100);

	modpath_quote(quotes[_i].from, &b);
	ck_assert_str_eq(b.p, quotes[_i].to);
	buf_release(&b);
}
END_TEST

START_TEST(quote_cuts_long_text)
{
	static char text[5000];
	struct buf b = BUF(1000);

	memset(text, 'x', sizeof(text) - 1);
	modpath_quote(str_of(text), &b);
	ck_assert(!b.over);
	ck_assert(str_ends(buf_view(&b), STR("xxx...\"")));
	buf_release(&b);
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		UNIT_EACH(check_takes_what_go_takes, paths),
		UNIT_EACH(check_file_takes_what_go_takes, paths),
		UNIT_EACH(errors_show_no_raw_bytes, paths),
		UNIT(a_null_path_is_an_empty_one),
		UNIT_EACH(an_element_has_no_slash, elems),
		UNIT_EACH(split_finds_the_major, splits),
		UNIT_EACH(majors_fit_as_in_go, fits),
		UNIT_EACH(a_version_that_does_not_fit_is_told_why, versions),
		UNIT_EACH(escape_turns_upper_into_bang_lower_and_back, escapes),
		UNIT_EACH(what_is_no_escaped_path_leaves_the_buffer_alone, bad_escapes),
		UNIT_EACH(versions_are_escaped_and_back, version_escapes),
		UNIT_EACH(odd_versions_are_refused, odd_versions),
		UNIT(what_does_not_fit_the_buffer_is_an_error),
		UNIT_EACH(quote_shows_letters_and_no_tricks, quotes),
		UNIT(quote_cuts_long_text),
	};

	return unit_run("modpath", tests, ARRAY_SIZE(tests));
}
