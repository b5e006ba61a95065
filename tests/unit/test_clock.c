/* tests/unit/test_clock.c
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "base/clock.h"
#include "tests/unit/unit.h"

#include "base/banned.h"

START_TEST(milliseconds_do_not_go_back)
{
	int64_t before = clock_ms();

	clock_pause(2);
	ck_assert_int_ge(clock_ms(), before + 2);
}
END_TEST

START_TEST(wall_is_the_systems_time)
{
	time_t before = time(NULL);
	time_t wall = clock_wall();

	ck_assert_int_ge(wall, before);
	ck_assert_int_le(wall, time(NULL));
}
END_TEST

START_TEST(a_passed_deadline_has_nothing_left)
{
	ck_assert_int_eq(clock_left(clock_ms()), 0);
	ck_assert_int_eq(clock_left(clock_ms() - 1000), 0);
	ck_assert_int_eq(clock_left(0), 0);
}
END_TEST

START_TEST(a_coming_deadline_has_its_distance_left)
{
	int64_t left = clock_left(clock_ms() + 100000);

	ck_assert_int_le(left, 100000);
	ck_assert_int_ge(left, 40000);
}
END_TEST

START_TEST(shift_moves_both_clocks)
{
	int64_t deadline = clock_ms() + 3600 * 1000;
	time_t wall = clock_wall();

	clock_shift(2 * 3600 * 1000);
	ck_assert_int_eq(clock_left(deadline), 0);
	ck_assert_int_ge(clock_wall(), wall + 2 * 3600);
	clock_shift(-2 * 3600 * 1000);
	ck_assert_int_gt(clock_left(deadline), 0);
	ck_assert_int_lt(clock_wall(), wall + 3600);
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		UNIT(milliseconds_do_not_go_back),
		UNIT(wall_is_the_systems_time),
		UNIT(a_passed_deadline_has_nothing_left),
		UNIT(a_coming_deadline_has_its_distance_left),
		UNIT(shift_moves_both_clocks),
	};

	return unit_run("clock", tests, ARRAY_SIZE(tests));
}
