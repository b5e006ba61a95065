/* tests/unit/test_plan.c
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "fetch/plan.h"
#include "tests/unit/unit.h"

#include "base/banned.h"

/* Each walk: the list, what its entries answer in turn ('n' not found, 'g'
 * gone, 'u' upstream failure, 't' timeout, 'a' auth, 'l' our own failure), who
 * is asked, the verdict. */
static const struct {
	const char *list, *answers, *asked;
	enum fault verdict;
	enum walk_end end;
} walks[] = {
	{ "https://a", "n", "a", FAULT_NOT_FOUND, WALK_EXHAUSTED },
	{ "https://a", "u", "a", FAULT_UPSTREAM, WALK_STOPPED },
	{ "https://a,https://b", "nn", "ab", FAULT_NOT_FOUND, WALK_EXHAUSTED },
	{ "https://a,https://b", "ng", "ab", FAULT_GONE, WALK_EXHAUSTED },
	{ "https://a,https://b", "u", "a", FAULT_UPSTREAM, WALK_STOPPED },
	{ "https://a,https://b", "a", "a", FAULT_AUTH, WALK_STOPPED },
	{ "https://a|https://b", "un", "ab", FAULT_UPSTREAM, WALK_EXHAUSTED },
	{ "https://a|https://b", "nu", "ab", FAULT_UPSTREAM, WALK_STOPPED },
	{ "https://a|https://b", "ut", "ab", FAULT_TIMEOUT, WALK_STOPPED },
	{ "https://a|https://b,https://c", "uu", "ab", FAULT_UPSTREAM, WALK_STOPPED },
	{ "https://a|https://b,https://c", "unn", "abc", FAULT_UPSTREAM, WALK_EXHAUSTED },
	{ "https://a,https://b|https://c", "nun", "abc", FAULT_UPSTREAM, WALK_EXHAUSTED },
	{ "https://a|https://b", "l", "a", FAULT_LOCAL, WALK_STOPPED },
	{ "https://a,off", "n", "a", FAULT_NOT_FOUND, WALK_OFF },
	{ "https://a|off", "u", "a", FAULT_UPSTREAM, WALK_OFF },
	{ "off", "", "", FAULT_DENIED, WALK_OFF },
	{ "direct", "", "", FAULT_LOCAL, WALK_DIRECT },
	{ "https://a,direct", "n", "a", FAULT_NOT_FOUND, WALK_DIRECT },
	{ "https://a,direct", "g", "a", FAULT_GONE, WALK_DIRECT },
	{ "https://a,direct", "u", "a", FAULT_UPSTREAM, WALK_STOPPED },
	{ "https://a|direct", "u", "a", FAULT_UPSTREAM, WALK_DIRECT },
};

static enum fault fault_for(char c)
{
	switch (c) {
	case 'n':
		return FAULT_NOT_FOUND;
	case 'g':
		return FAULT_GONE;
	case 't':
		return FAULT_TIMEOUT;
	case 'a':
		return FAULT_AUTH;
	case 'l':
		return FAULT_LOCAL;
	default:
		return FAULT_UPSTREAM;
	}
}

START_TEST(walks_as_the_go_command_does)
{
	CLEANUP(err_release) struct err err = ERR();
	CLEANUP(goproxy_release) struct goproxy list = { NULL, 0 };
	CLEANUP(buf_release) struct buf asked = BUF(20);
	const char *answer = walks[_i].answers;

	ck_assert_int_eq(goproxy_parse(str_of(walks[_i].list), &list, &err), 0);
	CLEANUP(walk_release) struct walk w = WALK(&list);
	for (;;) {
		const struct goproxy_entry *e = walk_next(&w);
		if (!e)
			break;
		struct err why = ERR();
		ck_assert_int_ne(*answer, '\0');
		err_set(&why, fault_for(*answer++), "%s failed", e->url);
		buf_putc(&asked, e->url[strlen("https://")]);
		walk_failed(&w, &why);
		err_release(&why);
	}
	unit_eq(buf_view(&asked), str_of(walks[_i].asked));
	ck_assert_int_eq(*answer, '\0');
	ck_assert_int_eq(w.end, walks[_i].end);
	ck_assert_int_eq(walk_verdict(&w, &err), -1);
	ck_assert_int_eq(err.fault, walks[_i].verdict);
	ck_assert_ptr_null(walk_next(&w));
}
END_TEST

START_TEST(direct_behind_an_absence_is_said)
{
	CLEANUP(err_release) struct err err = ERR();
	CLEANUP(goproxy_release) struct goproxy list = { NULL, 0 };
	struct err why = ERR();

	ck_assert_int_eq(goproxy_parse(STR("https://a,direct"), &list, &err), 0);
	CLEANUP(walk_release) struct walk w = WALK(&list);
	ck_assert_ptr_nonnull(walk_next(&w));
	err_set(&why, FAULT_NOT_FOUND, "https://a: http: 404 Not Found");
	walk_failed(&w, &why);
	ck_assert_ptr_null(walk_next(&w));
	err_set(&why, FAULT_LOCAL, "git is not installed");
	walk_direct_failed(&w, &why);
	walk_verdict(&w, &err);
	ck_assert_int_eq(err.fault, FAULT_NOT_FOUND);
	unit_eq(buf_view(&err.text), STR("https://a: http: 404 Not Found; direct: git is not "
					 "installed"));
}
END_TEST

START_TEST(what_direct_says_outranks_the_others)
{
	CLEANUP(err_release) struct err err = ERR();
	CLEANUP(goproxy_release) struct goproxy list = { NULL, 0 };
	struct err why = ERR();

	ck_assert_int_eq(goproxy_parse(STR("https://a|direct"), &list, &err), 0);
	CLEANUP(walk_release) struct walk w = WALK(&list);
	ck_assert_ptr_nonnull(walk_next(&w));
	err_set(&why, FAULT_UPSTREAM, "https://a: connect: refused");
	walk_failed(&w, &why);
	ck_assert_ptr_null(walk_next(&w));
	err_set(&why, FAULT_NOT_FOUND, "unknown revision v1.0.0");
	walk_direct_failed(&w, &why);
	walk_verdict(&w, &err);
	ck_assert_int_eq(err.fault, FAULT_NOT_FOUND);
	unit_eq(buf_view(&err.text), STR("unknown revision v1.0.0"));
}
END_TEST

START_TEST(retry_after_survives_the_walk)
{
	CLEANUP(err_release) struct err err = ERR();
	CLEANUP(goproxy_release) struct goproxy list = { NULL, 0 };
	struct err why = ERR();

	ck_assert_int_eq(goproxy_parse(STR("https://a|https://b"), &list, &err), 0);
	CLEANUP(walk_release) struct walk w = WALK(&list);
	walk_next(&w);
	err_set(&why, FAULT_RATE_LIMITED, "slower");
	why.retry_after = 30;
	walk_failed(&w, &why);
	walk_next(&w);
	err_set(&why, FAULT_NOT_FOUND, "no");
	walk_failed(&w, &why);
	walk_next(&w);
	walk_verdict(&w, &err);
	ck_assert_int_eq(err.fault, FAULT_RATE_LIMITED);
	ck_assert_int_eq(err.retry_after, 30);
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		UNIT_EACH(walks_as_the_go_command_does, walks),
		UNIT(direct_behind_an_absence_is_said),
		UNIT(what_direct_says_outranks_the_others),
		UNIT(retry_after_survives_the_walk),
	};
	return unit_run("plan", tests, ARRAY_SIZE(tests));
}
