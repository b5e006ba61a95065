/* tests/unit/test_suggest.c: "did you mean ...?".
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <check.h>
#include <stdlib.h>

#include "config/suggest.h"

static const char *const names[] = { "list_ttl", "list_stale", "offline", "sync", "cache" };

static const struct {
	const char *word;
	const char *best;
} cases[] = {
	{ "list_tll", "list_ttl" },
	{ "LIST_TTL", "list_ttl" },
	{ "listttl", "list_ttl" },
	{ "list_stael", "list_stale" },
	{ "ofline", "offline" },
	{ "offlne", "offline" },
	{ "ocffline", "offline" },
	{ "snyc", "sync" },
	{ "ysnc", "sync" },
	{ "yscn", NULL },
	{ "catch", NULL },
	{ "cash", NULL },
	{ "cach", "cache" },
	{ "sy", NULL },
	{ "", NULL },
	{ "list_ttl_of_modules", NULL },
	{ "a-word-of-more-than-sixty-three-bytes-that-nobody-would-ever-make-a-name", NULL },
};

START_TEST(nearest_name_within_a_third_is_suggested)
{
	struct suggest s = SUGGEST(str_of(cases[_i].word));

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		suggest_offer(&s, names[i]);
	if (cases[_i].best)
		ck_assert_str_eq(s.best, cases[_i].best);
	else
		ck_assert_ptr_null(s.best);
}
END_TEST

START_TEST(first_of_two_that_are_as_near_is_kept)
{
	struct suggest s = SUGGEST(STR("abcdex"));

	suggest_offer(&s, "abcdeg");
	suggest_offer(&s, "abcdef");
	ck_assert_str_eq(s.best, "abcdeg");
	suggest_offer(&s, "abcdex");
	ck_assert_str_eq(s.best, "abcdex");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("suggest");
	TCase *t = tcase_create("suggest");

	tcase_add_loop_test(t, nearest_name_within_a_third_is_suggested, 0, ARRAY_SIZE(cases));
	tcase_add_test(t, first_of_two_that_are_as_near_is_kept);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
