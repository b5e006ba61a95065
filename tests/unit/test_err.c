/* tests/unit/test_err.c
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "tests/unit/unit.h"

#include "base/banned.h"

static char long_text[2 * MAX_ERRTEXT];

START_TEST(set_replaces_and_returns_minus_one)
{
	struct err err = ERR();

	err.retry_after = 5;
	ck_assert_int_eq(err_set(&err, FAULT_UPSTREAM, "no %s", "answer"), -1);
	ck_assert_int_eq(err_set(&err, FAULT_TIMEOUT, "%d seconds", 3), -1);
	ck_assert_int_eq(err.fault, FAULT_TIMEOUT);
	ck_assert_str_eq(err.text.p, "3 seconds");
	ck_assert_int_eq(err.retry_after, 0);
	err_release(&err);
}
END_TEST

START_TEST(set_may_quote_the_text_that_it_replaces)
{
	struct err err = ERR();

	err_set(&err, FAULT_UPSTREAM, "old");
	err_set(&err, FAULT_TIMEOUT, "new, was %s", err.text.p);
	ck_assert_str_eq(err.text.p, "new, was old");
	err_sys(&err, FAULT_LOCAL, ENOENT, "%s", err.text.p);
	ck_assert_int_eq(strncmp(err.text.p, "new, was old: ", 14), 0);
	err_release(&err);
}
END_TEST

START_TEST(sys_adds_the_systems_words)
{
	struct err err = ERR();

	ck_assert_int_eq(err_sys(&err, FAULT_LOCAL, ENOSPC, "cannot write %s", "x"), -1);
	ck_assert_int_eq(err.fault, FAULT_LOCAL);
	ck_assert_int_eq(strncmp(err.text.p, "cannot write x: ", 16), 0);
	ck_assert_str_eq(err.text.p + 16, strerror(ENOSPC));
	err_release(&err);
}
END_TEST

START_TEST(wrap_puts_context_first_and_keeps_the_fault)
{
	struct err err = ERR();

	err_set(&err, FAULT_RATE_LIMITED, "slow down");
	err.retry_after = 7;
	ck_assert_int_eq(err_wrap(&err, "%s", "a.b"), -1);
	ck_assert_int_eq(err_wrap(&err, "fetching"), -1);
	ck_assert_str_eq(err.text.p, "fetching: a.b: slow down");
	ck_assert_int_eq(err.fault, FAULT_RATE_LIMITED);
	ck_assert_int_eq(err.retry_after, 7);
	err_release(&err);
}
END_TEST

START_TEST(long_texts_are_cut_not_lost)
{
	struct err err = ERR();

	memset(long_text, 'x', sizeof(long_text) - 1);
	err_set(&err, FAULT_UPSTREAM, "begin %s", long_text);
	ck_assert_uint_eq(err.text.n, MAX_ERRTEXT);
	ck_assert_int_eq(strncmp(err.text.p, "begin xxx", 9), 0);
	ck_assert(!err.text.over);
	err_wrap(&err, "context");
	ck_assert_uint_eq(err.text.n, MAX_ERRTEXT);
	ck_assert_int_eq(strncmp(err.text.p, "context: begin xxx", 18), 0);
	err_wrap(&err, "%s", long_text);
	ck_assert_uint_eq(err.text.n, MAX_ERRTEXT);
	err_sys(&err, FAULT_LOCAL, EIO, "%s", long_text);
	ck_assert_uint_eq(err.text.n, MAX_ERRTEXT);
	err_release(&err);
}
END_TEST

START_TEST(move_empties_the_source)
{
	struct err from = ERR();
	struct err to = ERR();

	err_set(&to, FAULT_TIMEOUT, "old");
	err_set(&from, FAULT_AUTH, "who are you");
	from.retry_after = 9;
	ck_assert_int_eq(err_move(&to, &from), -1);
	ck_assert_int_eq(to.fault, FAULT_AUTH);
	ck_assert_str_eq(to.text.p, "who are you");
	ck_assert_int_eq(to.retry_after, 9);
	ck_assert_int_eq(from.fault, FAULT_NONE);
	ck_assert_str_eq(from.text.p, "");
	err_release(&from);
	err_release(&to);
}
END_TEST

START_TEST(reset_and_release_leave_no_fault)
{
	struct err err = ERR();

	err_set(&err, FAULT_AUTH, "x");
	err_reset(&err);
	ck_assert_int_eq(err.fault, FAULT_NONE);
	ck_assert_str_eq(err.text.p, "");
	err_set(&err, FAULT_AUTH, "x");
	err_release(&err);
	err_release(&err);
	ck_assert_int_eq(err.fault, FAULT_NONE);
	ck_assert_uint_eq(err.text.size, 0);
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		UNIT(set_replaces_and_returns_minus_one),
		UNIT(set_may_quote_the_text_that_it_replaces),
		UNIT(sys_adds_the_systems_words),
		UNIT(wrap_puts_context_first_and_keeps_the_fault),
		UNIT(long_texts_are_cut_not_lost),
		UNIT(move_empties_the_source),
		UNIT(reset_and_release_leave_no_fault),
	};

	return unit_run("err", tests, ARRAY_SIZE(tests));
}
