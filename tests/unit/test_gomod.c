/* tests/unit/test_gomod.c
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "base/err.h"
#include "base/limits.h"
#include "fetch/gomod.h"
#include "tests/unit/unit.h"

#include "base/banned.h"

/* All of these pass modfile.ParseLax of x/mod v0.40. */
static const struct {
	const char *text, *path;
} good[] = {
	{ "module example.com/m\n", "example.com/m" },
	{ "module example.com/m", "example.com/m" },
	{ "module \"example.com/m\"\n", "example.com/m" },
	{ "module example.com/m // comment\n", "example.com/m" },
	{ "// Deprecated: old\nmodule example.com/m\r\n\r\ngo 1.21\r\n", "example.com/m" },
	{ "module (\n\texample.com/m\n)\n", "example.com/m" },
	{ "module ( // why\n\n// so\nexample.com/m // yes\n) // end\n", "example.com/m" },
	{ "go 1.21\n\nmodule example.com/m\n", "example.com/m" },
	{ "module example.com/m\nrequire (\n\ta v1 // indirect\n)\nreplace a => ../b\n",
	  "example.com/m" },
	{ "module example.com/m\nunknown {a} [b, c] \"d\"\n", "example.com/m" },
	{ "module example.com/m\nunknown block (\n x ( y )\n)\n", "example.com/m" },
	{ "module example.com/m\nretract [v1.0.0, v1.1.0] // bad\n", "example.com/m" },
	{ "module example.com/m\nrequire ()\n", "example.com/m" },
	{ "module example.com/m\nrequire ( ) // none\n", "example.com/m" },
	{ "module example.com/m\nx ( ) y\n", "example.com/m" },
	{ "module example.com/m\n<<<<<<< HEAD\n=======\n", "example.com/m" },
	{ "module other.example/original\n", "other.example/original" },
	{ "module example.com/m\nrequire malformed\n", "example.com/m" },
	{ "module example.com/m//comment\n", "example.com/m" },
	{ "module example.com/caf\xc3\xa9\n", "example.com/caf\xc3\xa9" },
};

START_TEST(accepts_what_go_accepts)
{
	CLEANUP(buf_release) struct buf path = BUF(MAX_URI);
	CLEANUP(err_release) struct err err = ERR();

	ck_assert_msg(gomod_parse(str_of(good[_i].text), &path, &err) == 0, "%s: %s",
		      good[_i].text, err.text.p);
	unit_eq(buf_view(&path), str_of(good[_i].path));
}
END_TEST

static const struct {
	const char *text, *why;
} bad[] = {
	{ "", "line 1: no module directive" },
	{ "\n\n", "line 3: no module directive" },
	{ "// module x\n", "line 2: no module directive" },
	{ "<!DOCTYPE html>\n<html>\n<head><title>Log in</title>\n", "line 4: no module directive" },
	{ "<script>\nif (a) { x = '/*' }\n", "line 2: /* */ comments are not allowed" },
	{ "{\"error\":\"not found\"}\n", "line 2: no module directive" },
	{ "module example.com/m\n/* c */\n", "line 2: /* */ comments are not allowed" },
	{ "module example.com/m/* c */\n", "line 1: /* */ comments are not allowed" },
	{ "module\n", "line 1: usage: module module/path" },
	{ "module a b\n", "line 1: usage: module module/path" },
	{ "module a\nmodule b\n", "line 2: repeated module statement" },
	{ "module (\n a\n b\n)\n", "line 3: repeated module statement" },
	{ "module ()\n", "line 2: no module directive" },
	{ "module \"\"\n", "line 1: no usable module path" },
	{ "module \"a\n", "line 1: unexpected newline in string" },
	{ "module `a", "line 1: unexpected end of file in string" },
	{ "module `a`\n", "line 1: unquoted string cannot contain quote" },
	{ "module it's\n", "line 1: unquoted string cannot contain quote" },
	{ "module a\nrequire (\n b v1\n", "line 2: syntax error (unterminated block)" },
	{ "module a\nrequire (\n) x\n",
	  "line 3: syntax error (expected newline after closing paren)" },
	{ "module a\n\x01\n", "line 2: unexpected control character" },
};

START_TEST(refuses_with_the_line)
{
	CLEANUP(buf_release) struct buf path = BUF(MAX_URI);
	CLEANUP(buf_release) struct buf want = BUF(200);
	CLEANUP(err_release) struct err err = ERR();

	ck_assert_msg(gomod_parse(str_of(bad[_i].text), &path, &err) < 0, "%s", bad[_i].text);
	ck_assert_int_eq(err.fault, FAULT_UPSTREAM);
	buf_printf(&want, "body: not a go.mod: %s", bad[_i].why);
	unit_eq(buf_view(&err.text), buf_view(&want));
}
END_TEST

START_TEST(a_nul_byte_is_no_end)
{
	CLEANUP(buf_release) struct buf path = BUF(MAX_URI);
	CLEANUP(err_release) struct err err = ERR();

	ck_assert_int_eq(gomod_parse(STR("\0module a\n"), &path, &err), -1);
	ck_assert_int_eq(gomod_parse(STR("module a\n\0"), &path, &err), -1);
}
END_TEST

START_TEST(a_path_that_is_too_long_is_refused)
{
	CLEANUP(buf_release) struct buf text = BUF(3 * MAX_URI);
	CLEANUP(buf_release) struct buf path = BUF(MAX_URI);
	CLEANUP(err_release) struct err err = ERR();

	buf_puts(&text, "module ");
	for (int i = 0; i < 2 * MAX_URI; i++)
		buf_putc(&text, 'a');
	ck_assert_int_eq(gomod_parse(buf_view(&text), &path, &err), -1);
}
END_TEST

static void add_requirement(void *ctx, struct str path, struct str version)
{
	buf_printf(ctx, "%.*s@%.*s ", STR_ARG(path), STR_ARG(version));
}

static const struct {
	const char *text;
	const char *want;
} requirements[] = {
	{ "module m\nrequire a.b/c v1.0.0\n", "a.b/c@v1.0.0 " },
	{ "module m\nrequire (\n\ta.b/c v1.0.0 // indirect\n\td.e/f v0.1.0\n)\n",
	  "a.b/c@v1.0.0 d.e/f@v0.1.0 " },
	{ "module m\nrequire ()\nexclude a.b/c v1.0.0\nreplace a.b/c v1 => d.e/f v1\n", "" },
	{ "module m\nrequire a.b/c\nrequire\nrequire d.e/f v1.0.0 x\n", "d.e/f@v1.0.0 " },
	{ "", "" },
};

START_TEST(requirements_are_named_in_order)
{
	CLEANUP(buf_release) struct buf got = BUF(1000);

	gomod_requirements(str_of(requirements[_i].text), add_requirement, &got);
	unit_eq(buf_view(&got), str_of(requirements[_i].want));
}
END_TEST

static const struct {
	const char *text;
	bool unpruned;
} go_lines[] = {
	{ "module m\n", true },
	{ "module m\ngo 1.16\n", true },
	{ "module m\ngo 1.9\n", true },
	{ "module m\ngo 1.17\n", false },
	{ "module m\ngo 1.21rc1\n", false },
	{ "module m\ngo 1.21.3\n", false },
	{ "module m\ngo 1.100\n", false },
	{ "module m\ngo 2.0\n", false },
	{ "module m\ngo (\n1.16\n)\n", true },
};

START_TEST(go_line_tells_whether_the_graph_is_pruned)
{
	ck_assert_int_eq(gomod_is_unpruned(str_of(go_lines[_i].text)), go_lines[_i].unpruned);
}
END_TEST

static void note(void *ctx, struct str low, struct str high)
{
	buf_printf(ctx, "%.*s-%.*s;", STR_ARG(low), STR_ARG(high));
}

/* A go.mod, and its retractions; NULL where modfile.ParseLax fails. */
static const struct {
	const char *text;
	const char *found;
} retractions[] = {
	{ "module a\nretract v1.0.0\n", "v1.0.0-v1.0.0;" },
	{ "retract [v1.0.0, v1.2.0] // why\n", "v1.0.0-v1.2.0;" },
	{ "retract (\n\tv1.0.0\n\t[v1.1.0,v1.2.0]\n)\n", "v1.0.0-v1.0.0;v1.1.0-v1.2.0;" },
	{ "retract v1\nretract \"v1.2\"\n", "v1.0.0-v1.0.0;v1.2.0-v1.2.0;" },
	{ "retract [v1.0.0\nretract x\nretract [v1.0.0, y]\nretract v1.3.0 more\n",
	  "v1.3.0-v1.3.0;" },
	{ "retract ()\nretract\n", "" },
	{ "module a\n", "" },
	{ "", "" },
	{ "retract v1.0.0\ngo 1.21\n", "v1.0.0-v1.0.0;" },
	{ "retract v1.0.0\ngo 1.21.0x\n", "v1.0.0-v1.0.0;" },
	{ "retract v1.0.0\ngo x\n", NULL },
	{ "retract v1.0.0\ngo 1.21\ngo 1.22\n", NULL },
	{ "retract v1.0.0\nrequire a\n", NULL },
	{ "retract v1.0.0\nrequire a.b/c v1\n", "v1.0.0-v1.0.0;" },
	{ "retract v1.0.0\nrequire a.b/c v2.0.0\n", NULL },
	{ "retract v1.0.0\nrequire a.b/c master\n", NULL },
	{ "retract v1.0.0\nrequire (\n\ta.b/c/v2 v2.0.0\n\tx v1.0.0+incompatible\n)\n",
	  "v1.0.0-v1.0.0;" },
	{ "retract v1.0.0\nreplace oops\nwhatever ]\n", "v1.0.0-v1.0.0;" },
	{ "retract v1.0.0\nmodule a\nmodule b\n", NULL },
	{ "retract v1.0.0 /* */\n", NULL },
	{ "retract (\nv1.0.0\n", NULL },
};

START_TEST(retractions_are_those_of_parse_lax)
{
	CLEANUP(buf_release) struct buf found = BUF(1000);
	int rc = gomod_retractions(str_of(retractions[_i].text), note, &found);

	ck_assert_int_eq(rc, retractions[_i].found ? 0 : -1);
	if (rc == 0)
		unit_eq(buf_view(&found), str_of(retractions[_i].found));
}
END_TEST

static const struct {
	const char *text;
	bool since;
} go_since[] = {
	{ "go 1.24\n", true }, { "go 1.24rc1\n", true }, { "go 1.25.3\n", true },
	{ "go 1.100\n", true }, { "go 2.0\n", true }, { "go v1.24x\n", true },
	{ "go 1.23.9\n", false }, { "go 1.3\n", false }, { "", false }, { "go 1.24 1.25\n", false },
	{ "go 1.24\nrequire x\n", false }, { "go (\n\t1.24\n)\n", false }, { "go 1\n", false },
};

START_TEST(the_go_line_is_read_as_parse_lax_does)
{
	ck_assert_int_eq(gomod_is_since_1_24(str_of(go_since[_i].text)), go_since[_i].since);
}
END_TEST

static const struct {
	const char *text;
	const char *path;
} quick[] = {
	{ "module a.b/c\n", "a.b/c" }, { "\n// x\nmodule\ta.b/c // y\n", "a.b/c" },
	{ "module \"a.b/c\"\n", "a.b/c" }, { "module `a.b/c`\r\n", "a.b/c" },
	{ "module (\n\ta.b/c\n)\n", "(" }, { "modulex\nmodule y", "y" }, { "module\n", "" },
	{ "module \"a\n", "" }, { "", "" }, { "module a b\n", "a b" },
};

START_TEST(the_quick_look_finds_what_modulepath_finds)
{
	CLEANUP(buf_release) struct buf path = BUF(1000);

	gomod_quick_path(str_of(quick[_i].text), &path);
	unit_eq(buf_view(&path), str_of(quick[_i].path));
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		UNIT_EACH(retractions_are_those_of_parse_lax, retractions),
		UNIT_EACH(the_go_line_is_read_as_parse_lax_does, go_since),
		UNIT_EACH(the_quick_look_finds_what_modulepath_finds, quick),
		UNIT_EACH(accepts_what_go_accepts, good),
		UNIT_EACH(refuses_with_the_line, bad),
		UNIT(a_nul_byte_is_no_end),
		UNIT(a_path_that_is_too_long_is_refused),
		UNIT_EACH(requirements_are_named_in_order, requirements),
		UNIT_EACH(go_line_tells_whether_the_graph_is_pruned, go_lines),
	};
	return unit_run("gomod", tests, ARRAY_SIZE(tests));
}
