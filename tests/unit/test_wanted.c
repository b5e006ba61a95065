/* tests/unit/test_wanted.c
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "admin/wanted.h"
#include "base/err.h"
#include "tests/unit/unit.h"

#include "base/banned.h"

/* "kind path version" lines. */
static void expect(const struct wanted *w, const char *want)
{
	CLEANUP(buf_release) struct buf got = BUF(8192);

	for (size_t i = 0; i < w->n; i++)
		buf_printf(&got, "%s %s %s\n", kind_row(w->items[i].kind)->name, w->items[i].path,
			   w->items[i].version);
	unit_eq(buf_view(&got), str_of(want));
}

static const struct {
	const char *operand;
	bool zips;
	const char *want;
} operands[] = {
	{ "example.com/m@v1.0.0", false, "info example.com/m v1.0.0\n" },
	{ "example.com/m@v1.0.0", true, "info example.com/m v1.0.0\nzip example.com/m v1.0.0\n" },
	{ "example.com/m@master", true, "query example.com/m master\n" },
	{ "example.com/m@latest", true, "latest example.com/m latest\n" },
	{ "example.com/m@v2.0.0", false, "query example.com/m v2.0.0\n" },
	{ "example.com/m/v2@v2.0.0", false, "info example.com/m/v2 v2.0.0\n" },
};

START_TEST(operand_says_what_is_wanted)
{
	CLEANUP(err_release) struct err err = ERR();
	CLEANUP(wanted_release) struct wanted w = WANTED();

	w.zips = operands[_i].zips;
	ck_assert_int_eq(wanted_operand(&w, operands[_i].operand, &err), 0);
	expect(&w, operands[_i].want);
}
END_TEST

static const char *const bad_operands[] = { "", "example.com/m", "@v1.0.0", "example.com/m@",
					    "not a path@v1.0.0", "localhost/x@v1.0.0" };

START_TEST(anything_else_is_no_operand)
{
	CLEANUP(err_release) struct err err = ERR();
	CLEANUP(wanted_release) struct wanted w = WANTED();

	ck_assert_int_lt(wanted_operand(&w, bad_operands[_i], &err), 0);
	ck_assert_uint_eq(w.n, 0);
}
END_TEST

START_TEST(go_sum_names_each_file)
{
	CLEANUP(err_release) struct err err = ERR();
	CLEANUP(wanted_release) struct wanted w = WANTED();

	w.zips = true;
	ck_assert_int_eq(wanted_gosum(&w, STR("a.example/m v1.0.0 h1:x=\n"
					      "a.example/m v1.0.0/go.mod h1:y=\n\n"
					      "b.example/n v0.1.0/go.mod h1:z=\r\n"), &err), 0);
	expect(&w, "info a.example/m v1.0.0\nzip a.example/m v1.0.0\n"
		   "mod a.example/m v1.0.0\nmod b.example/n v0.1.0\n");
}
END_TEST

static const char *const bad_sums[] = { "a.example/m v1.0.0\n", "x\n", "a b c d\n" };

START_TEST(malformed_go_sum_is_refused_with_its_line)
{
	CLEANUP(err_release) struct err err = ERR();
	CLEANUP(wanted_release) struct wanted w = WANTED();

	ck_assert_int_lt(wanted_gosum(&w, str_of(bad_sums[_i]), &err), 0);
	ck_assert(str_starts(buf_view(&err.text), STR("line 1: ")));
}
END_TEST

START_TEST(go_mod_names_its_requirements)
{
	CLEANUP(err_release) struct err err = ERR();
	CLEANUP(wanted_release) struct wanted w = WANTED();

	ck_assert_int_eq(wanted_gomod(&w, STR("module example.com/main\n\ngo 1.21\n\n"
					      "require a.example/m v1.0.0 // indirect\n"
					      "require (\n\tb.example/n v0.1.0\n"
					      "\tc.example/o v2.0.0+incompatible\n)\n"
					      "exclude d.example/p v1.0.0\n"), &err), 0);
	expect(&w, "info a.example/m v1.0.0\ninfo b.example/n v0.1.0\n"
		   "info c.example/o v2.0.0+incompatible\n");
}
END_TEST

static const struct {
	const char *edits;
	const char *want;
} replaced[] = {
	{ "replace a.example/m => ../m\n", "info b.example/n v0.1.0\n" },
	{ "replace a.example/m => \"../my m\"\n", "info b.example/n v0.1.0\n" },
	{ "replace a.example/m => c.example/o v1.2.0\n",
	  "info c.example/o v1.2.0\ninfo b.example/n v0.1.0\n" },
	{ "replace a.example/m v1.0.0 => c.example/o v1.2.0\n",
	  "info c.example/o v1.2.0\ninfo b.example/n v0.1.0\n" },
	{ "replace a.example/m v1.0.1 => c.example/o v1.2.0\n",
	  "info a.example/m v1.0.0\ninfo b.example/n v0.1.0\n" },
	{ "replace (\n\ta.example/m => ../m\n\ta.example/m v1.0.0 => a.example/m v1.0.3\n)\n",
	  "info a.example/m v1.0.3\ninfo b.example/n v0.1.0\n" },
	{ "exclude a.example/m v1.0.0\n", "info b.example/n v0.1.0\n" },
	{ "exclude a.example/m v1.0.0\nreplace a.example/m => c.example/o v1.2.0\n",
	  "info b.example/n v0.1.0\n" },
	{ "exclude a.example/m v1.0.1\n",
	  "info a.example/m v1.0.0\ninfo b.example/n v0.1.0\n" },
	{ "replace a.example/m\n", "info a.example/m v1.0.0\ninfo b.example/n v0.1.0\n" },
	{ "replace a.example/m => \n", "info a.example/m v1.0.0\ninfo b.example/n v0.1.0\n" },
	{ "replace x y z => v w t\n", "info a.example/m v1.0.0\ninfo b.example/n v0.1.0\n" },
};

START_TEST(go_mod_replaces_and_excludes)
{
	CLEANUP(err_release) struct err err = ERR();
	CLEANUP(wanted_release) struct wanted w = WANTED();
	CLEANUP(buf_release) struct buf text = BUF(8192);

	buf_printf(&text, "module example.com/main\nrequire (\n\ta.example/m v1.0.0\n"
			  "\tb.example/n v0.1.0\n)\n%s", replaced[_i].edits);
	ck_assert_int_eq(wanted_gomod(&w, buf_view(&text), &err), 0);
	expect(&w, replaced[_i].want);
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		UNIT_EACH(operand_says_what_is_wanted, operands),
		UNIT_EACH(anything_else_is_no_operand, bad_operands),
		UNIT(go_sum_names_each_file),
		UNIT_EACH(malformed_go_sum_is_refused_with_its_line, bad_sums),
		UNIT(go_mod_names_its_requirements),
		UNIT_EACH(go_mod_replaces_and_excludes, replaced),
	};

	return unit_run("wanted", tests, ARRAY_SIZE(tests));
}
