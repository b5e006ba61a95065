/* tests/unit/test_pattern.c: every expectation is what Go's path.Match and
 * module.MatchPrefixPatterns say.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "base/buf.h"
#include "module/pattern.h"
#include "tests/unit/unit.h"

#include "base/banned.h"

static const struct {
	const char *pattern, *name;
	int rc;
} globs[] = {
	{ "abc", "abc", 1 },
	{ "abc", "abcd", 0 },
	{ "abcd", "abc", 0 },
	{ "", "", 1 },
	{ "", "a", 0 },
	{ "*", "", 1 },
	{ "*", "abc", 1 },
	{ "*", "a/c", 0 },
	{ "**", "abc", 1 },
	{ "**", "a/c", 0 },
	{ "*c", "abc", 1 },
	{ "a*", "a", 1 },
	{ "a*", "ab/c", 0 },
	{ "a*/b", "abc/b", 1 },
	{ "a*/b", "a/c/b", 0 },
	{ "a*b*c*d*e*/f", "axbxcxdxe/f", 1 },
	{ "a*b*c*d*e*/f", "axbxcxdxexxx/f", 1 },
	{ "a*b*c*d*e*/f", "axbxcxdxe/xxx/f", 0 },
	{ "a*b?c*x", "abxbbxdbxebxczzx", 1 },
	{ "a*b?c*x", "abxbbxdbxebxczzy", 0 },
	{ "*x", "xxx", 1 },
	{ "?", "a", 1 },
	{ "?", "", 0 },
	{ "?", "/", 0 },
	{ "?", "\xc3\xa9", 1 },
	{ "??", "\xc3\xa9", 0 },
	{ "?", "\xff", 1 },
	{ "a[b-d]e", "ace", 1 },
	{ "ab[c]", "abc", 1 },
	{ "ab[b-d]", "abc", 1 },
	{ "ab[e-g]", "abc", 0 },
	{ "ab[^c]", "abc", 0 },
	{ "ab[^b-d]", "abc", 0 },
	{ "ab[^e-g]", "abc", 1 },
	{ "[a-\xc3\xa9]", "\xc3\xa0", 1 },
	{ "a[/]b", "a/b", 1 },
	{ "[a-ce-g]", "f", 1 },
	{ "[z-a]", "m", 0 },
	{ "a\\*b", "a*b", 1 },
	{ "a\\*b", "ab", 0 },
	{ "a\\bc", "abc", 1 },
	{ "[\\]a]", "]", 1 },
	{ "[\\-]", "-", 1 },
	{ "[x\\-]", "x", 1 },
	{ "[x\\-]", "z", 0 },
	{ "[\\-x]", "a", 0 },
	{ "]", "]", 1 },
	{ "[", "a", -1 },
	{ "[]a]", "]", -1 },
	{ "[-]", "-", -1 },
	{ "[x-]", "x", -1 },
	{ "[-x]", "x", -1 },
	{ "[a-b-c]", "a", -1 },
	{ "[^", "a", -1 },
	{ "[^]", "a", -1 },
	{ "[^bc", "a", -1 },
	{ "[a", "a", -1 },
	{ "[a\\", "a", -1 },
	{ "[a-\\", "a", -1 },
	{ "a[", "a", -1 },
	{ "a[", "x", -1 },		/* malformed whatever the name */
	{ "*[", "", -1 },
	{ "x/*[", "a", -1 },
	{ "\\", "a", -1 },
	{ "a\\", "a", -1 },
	{ "[\xff]", "\xff", -1 },
};

START_TEST(glob_says_what_path_match_says)
{
	ck_assert_int_eq(pattern_glob(str_of(globs[_i].pattern), str_of(globs[_i].name)),
			 globs[_i].rc);
}
END_TEST

static const struct {
	const char *globs, *target;
	bool match;
} lists[] = {
	{ "", "", false },
	{ "", "rsc.io/quote", false },
	{ "/", "", false },
	{ "none", "rsc.io/quote", false },
	{ "rsc.io/quote", "", false },
	{ "rsc.io/quote", "rsc.io/quote", true },
	{ "rsc.io/quote", "rsc.io/quote/v2", true },
	{ "rsc.io/quote", "rsc.io/quotes", false },
	{ "rsc.io", "rsc.io/quote", true },
	{ "rsc.io/quote/v2", "rsc.io/quote", false },
	{ "rsc.io/*", "rsc.io/quote", true },
	{ "rsc.io/*", "rsc.io", false },
	{ "rsc.io/*", "rsc.io/", true },
	{ "*", "rsc.io/quote", true },
	{ "*/quote", "rsc.io/quote/v3", true },
	{ "*.io", "rsc.io/quote", true },
	{ "*.corp.example.com", "git.corp.example.com/x", true },
	{ "*.corp.example.com", "corp.example.com/x", false },
	{ "rsc.io/", "rsc.io/quote", true },
	{ "rsc.io/quote/", "rsc.io/quote", true },
	{ "rsc.io//", "rsc.io/quote", false },
	{ ",,,rsc.io", "rsc.io/quote", true },
	{ "a.b,rsc.io/quote,c.d", "rsc.io/quote", true },
	{ "a.b,c.d", "rsc.io/quote", false },
	{ "a.b, rsc.io", "rsc.io/quote", false },	/* blanks count */
	{ "[,rsc.io", "rsc.io/quote", true },		/* malformed: passed over */
	{ "[a-z", "rsc.io/quote", false },
	{ "RSC.io", "rsc.io/quote", false },
	{ "r?c.[i]o/q*", "rsc.io/quote/v2", true },
};

START_TEST(match_takes_leading_elements)
{
	ck_assert_int_eq(pattern_match(str_of(lists[_i].globs), str_of(lists[_i].target)),
			 lists[_i].match);
}
END_TEST

START_TEST(many_stars_are_quick)
{
	struct buf pattern = BUF(10000);
	struct buf name = BUF(10000);

	for (int i = 0; i < 2000; i++) {
		buf_puts(&pattern, "a*");
		buf_putc(&name, 'a');
	}
	buf_putc(&pattern, 'b');
	ck_assert_int_eq(pattern_glob(buf_view(&pattern), buf_view(&name)), 0);
	buf_putc(&name, 'b');
	ck_assert_int_eq(pattern_glob(buf_view(&pattern), buf_view(&name)), 1);
	buf_release(&pattern);
	buf_release(&name);
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		UNIT_EACH(glob_says_what_path_match_says, globs),
		UNIT_EACH(match_takes_leading_elements, lists),
		UNIT(many_stars_are_quick),
	};

	return unit_run("pattern", tests, ARRAY_SIZE(tests));
}
