/* tests/unit/test_policy.c
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "policy/policy.h"
#include "tests/unit/unit.h"

#include "base/banned.h"

#define NOW 1000000

static const struct {
	time_t learnt;
	bool offline;
	enum freshness want;
	int64_t max_age;
} ages[] = {
	{ NOW, false, FRESH, 60 },
	{ NOW - 59, false, FRESH, 1 },
	{ NOW - 60, false, STALE, 0 },
	{ NOW - 60 - 3599, false, STALE, 0 },
	{ NOW - 60 - 3600, false, EXPIRED, 0 },
	{ 1, false, EXPIRED, 0 },
	{ 1, true, FRESH, 0 },
	{ NOW + 1, false, FRESH, 60 },
	{ NOW + 5, false, FRESH, 60 },
	{ NOW + 6, false, EXPIRED, 0 },
	{ NOW + 3600, false, EXPIRED, 0 },
};

START_TEST(age_decides_on_freshness)
{
	struct settings s = { .list_ttl = 60, .list_stale = 3600, .offline = ages[_i].offline };

	ck_assert_int_eq(policy_freshness(&s, ages[_i].learnt, NOW), ages[_i].want);
	ck_assert_int_eq(policy_max_age(&s, ages[_i].learnt, NOW), ages[_i].max_age);
}
END_TEST

START_TEST(zero_ttl_is_never_fresh)
{
	struct settings s = { .list_ttl = 0, .list_stale = 0 };

	ck_assert_int_eq(policy_freshness(&s, NOW, NOW), EXPIRED);
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		UNIT_EACH(age_decides_on_freshness, ages),
		UNIT(zero_ttl_is_never_fresh),
	};

	return unit_run("policy", tests, ARRAY_SIZE(tests));
}
