/* tests/unit/test_fault.c
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "base/fault.h"
#include "tests/unit/unit.h"

#include "base/banned.h"

START_TEST(every_row_is_complete)
{
	const struct fault_row *row = fault_row((enum fault)_i);

	ck_assert_ptr_nonnull(row->label);
	ck_assert_ptr_nonnull(row->reason);
	ck_assert_ptr_nonnull(row->advice);
	ck_assert_int_ge(row->status, 200);
	ck_assert_int_lt(row->status, 600);
	ck_assert(row->lifetime >= 0 || row->lifetime == LIFETIME_BY_SETTING);
	ck_assert_int_ge(row->retry_after, 0);
}
END_TEST

/* not_found_ttl is the one place that says how long. */
START_TEST(only_not_found_holds_as_long_as_a_setting_says)
{
	bool by_setting = fault_row((enum fault)_i)->lifetime == LIFETIME_BY_SETTING;

	ck_assert(by_setting == (_i == FAULT_NOT_FOUND));
}
END_TEST

START_TEST(label_and_exit_code_lead_back)
{
	const struct fault_row *row = fault_row((enum fault)_i);

	ck_assert_int_eq(fault_of_label(str_of(row->label)), _i);
	ck_assert_int_eq(fault_of_exit(row->exit_code), _i);
}
END_TEST

START_TEST(exit_codes_are_clear_of_other_programs_own)
{
	int code = fault_row((enum fault)_i)->exit_code;

	/* 1, 2: shells and libraries; 64 to 78: sysexits; 126 up: the shell. */
	if (_i != FAULT_NONE)
		ck_assert_msg(code > 2 && code < 64, "%d", code);
}
END_TEST

START_TEST(only_an_absence_is_404_or_410)
{
	int status = fault_row((enum fault)_i)->status;

	ck_assert_int_eq(fault_is_absence((enum fault)_i), status == 404 || status == 410);
}
END_TEST

START_TEST(unknown_ones_are_bugs)
{
	ck_assert_int_eq(fault_of_exit(1), FAULT_BUG);
	ck_assert_int_eq(fault_of_exit(-1), FAULT_BUG);
	ck_assert_int_eq(fault_of_exit(127), FAULT_BUG);
	ck_assert_int_eq(fault_of_label(STR("")), FAULT_BUG);
	ck_assert_int_eq(fault_of_label(STR("Not_Found")), FAULT_BUG);
	ck_assert_ptr_eq(fault_row(FAULT_COUNT), fault_row(FAULT_BUG));
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		{ every_row_is_complete, FAULT_COUNT },
		{ label_and_exit_code_lead_back, FAULT_COUNT },
		{ exit_codes_are_clear_of_other_programs_own, FAULT_COUNT },
		{ only_an_absence_is_404_or_410, FAULT_COUNT },
		{ only_not_found_holds_as_long_as_a_setting_says, FAULT_COUNT },
		UNIT(unknown_ones_are_bugs),
	};

	return unit_run("fault", tests, ARRAY_SIZE(tests));
}
