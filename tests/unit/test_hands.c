/* tests/unit/test_hands.c
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <stdatomic.h>

#include "base/err.h"
#include "fetch/hands.h"
#include "tests/unit/unit.h"

#include "base/banned.h"

#define MANY 5000

struct tally {
	atomic_uint done[MANY];
	atomic_uint in[HANDS_MAX];	/* one thread at most in each hand */
	size_t bad_from;		/* these and all above fail */
};

static int count(void *ctx, size_t hand, size_t i, struct err *err)
{
	struct tally *t = ctx;

	ck_assert_uint_lt(hand, HANDS_MAX);
	ck_assert_uint_eq(atomic_fetch_add(&t->in[hand], 1u), 0);
	atomic_fetch_add(&t->done[i], 1u);
	int rc = i >= t->bad_from ? err_set(err, FAULT_LOCAL, "thing %zu", i) : 0;
	atomic_fetch_sub(&t->in[hand], 1u);
	return rc;
}

static const size_t sizes[] = { 0, 1, 2, 3, HANDS_MAX, HANDS_MAX + 1, MANY };

START_TEST(each_thing_is_done_once)
{
	CLEANUP(err_release) struct err err = ERR();
	static struct tally t;
	size_t n = sizes[_i];

	memset(&t, 0, sizeof(t));
	t.bad_from = MANY;
	ck_assert_int_eq(hands_run(n, count, &t, &err), 0);
	for (size_t i = 0; i < MANY; i++)
		ck_assert_uint_eq(atomic_load(&t.done[i]), i < n);
	ck_assert_int_eq(err.fault, FAULT_NONE);
}
END_TEST

static const size_t failures[] = { 0, 1, 17, MANY - 1 };

START_TEST(the_lowest_failure_is_told_and_all_below_are_done)
{
	CLEANUP(err_release) struct err err = ERR();
	CLEANUP(buf_release) struct buf text = BUF(100);
	static struct tally t;

	for (int again = 0; again < 50; again++) {
		memset(&t, 0, sizeof(t));
		t.bad_from = failures[_i];
		err_set(&err, FAULT_BUG, "what was there before");
		ck_assert_int_eq(hands_run(MANY, count, &t, &err), -1);
		for (size_t i = 0; i < MANY; i++)
			ck_assert_uint_le(atomic_load(&t.done[i]), 1);
		for (size_t i = 0; i <= t.bad_from; i++)
			ck_assert_uint_eq(atomic_load(&t.done[i]), 1);
		for (size_t i = t.bad_from + HANDS_MAX; i < MANY; i++)
			ck_assert_uint_eq(atomic_load(&t.done[i]), 0);
		buf_reset(&text);
		buf_printf(&text, "thing %zu", t.bad_from);
		unit_eq(buf_view(&err.text), buf_view(&text));
		ck_assert_int_eq(err.fault, FAULT_LOCAL);
	}
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		UNIT_EACH(each_thing_is_done_once, sizes),
		UNIT_EACH(the_lowest_failure_is_told_and_all_below_are_done, failures),
	};
	return unit_run("hands", tests, ARRAY_SIZE(tests));
}
