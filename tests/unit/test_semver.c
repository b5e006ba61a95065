/* tests/unit/test_semver.c: every expectation is what golang.org/x/mod says.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "module/semver.h"
#include "tests/unit/unit.h"

#include "base/banned.h"

static const struct {
	const char *v;
	const char *canonical;	/* "": invalid */
	const char *major, *major_minor, *pre, *build;
	bool is_canonical;
} versions[] = {
	{ "v1", "v1.0.0", "v1", "v1", "", "", false },
	{ "v1.2", "v1.2.0", "v1", "v1.2", "", "", false },
	{ "v1.2.3", "v1.2.3", "v1", "v1.2", "", "", true },
	{ "v0.0.0", "v0.0.0", "v0", "v0.0", "", "", true },
	{ "v10.20.30", "v10.20.30", "v10", "v10.20", "", "", true },
	{ "v1.2.3-pre", "v1.2.3-pre", "v1", "v1.2", "-pre", "", true },
	{ "v1.2.3-RC1", "v1.2.3-RC1", "v1", "v1.2", "-RC1", "", true },
	{ "v1.2.3-pre.1.a-b", "v1.2.3-pre.1.a-b", "v1", "v1.2", "-pre.1.a-b", "", true },
	{ "v1.2.3--", "v1.2.3--", "v1", "v1.2", "--", "", true },
	{ "v1.2.3-0", "v1.2.3-0", "v1", "v1.2", "-0", "", true },
	{ "v1.2.3-0a", "v1.2.3-0a", "v1", "v1.2", "-0a", "", true },
	{ "v1.2.3-00a", "v1.2.3-00a", "v1", "v1.2", "-00a", "", true },
	{ "v1.2.3+meta", "v1.2.3", "v1", "v1.2", "", "+meta", false },
	{ "v1.2.3-pre+meta", "v1.2.3-pre", "v1", "v1.2", "-pre", "+meta", false },
	{ "v1.2.3+001.00.a", "v1.2.3", "v1", "v1.2", "", "+001.00.a", false },
	{ "v1.2.3+incompatible", "v1.2.3", "v1", "v1.2", "", "+incompatible", true },
	{ "v1.2.3+incompatible.1", "v1.2.3", "v1", "v1.2", "", "+incompatible.1", false },
	{ "v1.2.3-pre+incompatible", "v1.2.3-pre", "v1", "v1.2", "-pre", "+incompatible", true },
	{ "v99999999999999999999999.0.1", "v99999999999999999999999.0.1",
	  "v99999999999999999999999", "v99999999999999999999999.0", "", "", true },
	{ "", "", "", "", "", "", false },
	{ "v", "", "", "", "", "", false },
	{ "1.2.3", "", "", "", "", "", false },
	{ "V1.2.3", "", "", "", "", "", false },
	{ "vv1.2.3", "", "", "", "", "", false },
	{ "v1.", "", "", "", "", "", false },
	{ "v1.2.", "", "", "", "", "", false },
	{ "v1.2.3.", "", "", "", "", "", false },
	{ "v1.2.3.4", "", "", "", "", "", false },
	{ "v01.2.3", "", "", "", "", "", false },
	{ "v1.02.3", "", "", "", "", "", false },
	{ "v1.2.03", "", "", "", "", "", false },
	{ "v00.0.0", "", "", "", "", "", false },
	{ "v1-pre", "", "", "", "", "", false },
	{ "v1.2-pre", "", "", "", "", "", false },
	{ "v1+meta", "", "", "", "", "", false },
	{ "v1.2+meta", "", "", "", "", "", false },
	{ "v1.2.3-", "", "", "", "", "", false },
	{ "v1.2.3+", "", "", "", "", "", false },
	{ "v1.2.3-+meta", "", "", "", "", "", false },
	{ "v1.2.3-pre.", "", "", "", "", "", false },
	{ "v1.2.3-.pre", "", "", "", "", "", false },
	{ "v1.2.3-a..b", "", "", "", "", "", false },
	{ "v1.2.3-01", "", "", "", "", "", false },
	{ "v1.2.3-00", "", "", "", "", "", false },
	{ "v1.2.3-pre.01", "", "", "", "", "", false },
	{ "v1.2.3-pre.01+meta", "", "", "", "", "", false },
	{ "v1.2.3+a..b", "", "", "", "", "", false },
	{ "v1.2.3+a.", "", "", "", "", "", false },
	{ "v1.2.3+a+b", "", "", "", "", "", false },
	{ "v1.2.3-pr_e", "", "", "", "", "", false },
	{ "v1.2.3-\xc3\xa9", "", "", "", "", "", false },
	{ "v1.2.3 ", "", "", "", "", "", false },
	{ " v1.2.3", "", "", "", "", "", false },
	{ "v1.2.3\n", "", "", "", "", "", false },
	{ "v-1.2.3", "", "", "", "", "", false },
	{ "v1.2.3/go.mod", "", "", "", "", "", false },
	{ "master", "", "", "", "", "", false },
};

START_TEST(parts_are_what_go_finds)
{
	struct str v = str_of(versions[_i].v);

	ck_assert_int_eq(semver_valid(v), versions[_i].canonical[0] != '\0');
	unit_eq(semver_major(v), str_of(versions[_i].major));
	unit_eq(semver_major_minor(v), str_of(versions[_i].major_minor));
	unit_eq(semver_prerelease(v), str_of(versions[_i].pre));
	unit_eq(semver_build(v), str_of(versions[_i].build));
}
END_TEST

START_TEST(canonical_fills_in_and_drops_the_build)
{
	struct buf b = BUF(100);

	semver_canonical(str_of(versions[_i].v), &b);
	ck_assert_str_eq(b.p, versions[_i].canonical);
	buf_release(&b);
}
END_TEST

START_TEST(module_canonical_keeps_incompatible_alone)
{
	struct buf b = BUF(100);
	struct buf want = BUF(100);
	struct str v = str_of(versions[_i].v);

	semver_module_canonical(v, &b);
	buf_puts(&want, versions[_i].canonical);
	if (str_eqz(semver_build(v), "+incompatible"))
		buf_puts(&want, "+incompatible");
	ck_assert_str_eq(b.p, want.p);
	ck_assert_int_eq(semver_is_canonical(v), versions[_i].is_canonical);
	ck_assert_int_eq(semver_is_canonical(v), v.n && str_eq(v, buf_view(&b)));
	buf_release(&b);
	buf_release(&want);
}
END_TEST

/* Each is less than the next. */
static const char *const ascending[] = {
	"master",
	"v0.0.0-0",
	"v0.0.0-20190101000000-abcdef123456",
	"v0.0.0",
	"v0.0.1",
	"v0.9.0",
	"v0.10.0",
	"v1.0.0-1",
	"v1.0.0--",	/* "-" is no number */
	"v1.0.0",
	"v1.2.3-0",
	"v1.2.3-1",
	"v1.2.3-9",
	"v1.2.3-10",
	"v1.2.3-99999999999999999998",
	"v1.2.3-99999999999999999999",
	"v1.2.3-100000000000000000000",
	"v1.2.3--",
	"v1.2.3-0a",
	"v1.2.3-A",
	"v1.2.3-RC1",
	"v1.2.3-a",
	"v1.2.3-alpha",
	"v1.2.3-alpha.1",
	"v1.2.3-alpha.1.0",
	"v1.2.3-alpha.beta",
	"v1.2.3-alpha-x",
	"v1.2.3-beta",
	"v1.2.3-beta.2",
	"v1.2.3-beta.11",
	"v1.2.3-rc.1",
	"v1.2.3-rc10",
	"v1.2.3-rc9",
	"v1.2.3",
	"v1.2.4",
	"v1.2.10",
	"v1.3.0",
	"v1.10.0",
	"v2.0.0",
	"v10.0.0",
	"v9223372036854775807.0.0",
	"v9223372036854775808.0.0",
	"v18446744073709551616.0.0",
	"v99999999999999999999999999.0.0",
	"v100000000000000000000000000.0.0",
};

START_TEST(cmp_orders_the_whole_list)
{
	for (int j = 0; j < (int)ARRAY_SIZE(ascending); j++) {
		int want = (_i > j) - (_i < j);
		ck_assert_msg(semver_cmp(str_of(ascending[_i]), str_of(ascending[j])) == want,
			      "%s, %s: not %d", ascending[_i], ascending[j], want);
	}
}
END_TEST

static const char *const same[][2] = {
	{ "v1", "v1.0.0" },
	{ "v1.2", "v1.2.0" },
	{ "v1.2.3", "v1.2.3+meta" },
	{ "v1.2.3+a", "v1.2.3+b" },
	{ "v1.2.3-a+x", "v1.2.3-a" },
	{ "", "master" },
	{ "v1.2.3.4", "1.2.3" },
};

START_TEST(cmp_ignores_the_build_and_order_breaks_the_tie)
{
	struct str a = str_of(same[_i][0]);
	struct str b = str_of(same[_i][1]);

	ck_assert_int_eq(semver_cmp(a, b), 0);
	ck_assert_int_eq(semver_cmp(b, a), 0);
	ck_assert_int_eq(semver_order(a, b), str_cmp(a, b));
	ck_assert_int_eq(semver_order(b, a), str_cmp(b, a));
	ck_assert_int_eq(semver_order(a, a), 0);
}
END_TEST

START_TEST(long_numbers_are_quick)
{
	struct buf a = BUF(1 << 20);
	struct buf b = BUF(1 << 20);

	buf_putc(&a, 'v');
	buf_putc(&b, 'v');
	for (int i = 0; i < 100000; i++) {
		buf_putc(&a, '9');
		buf_putc(&b, i < 99999 ? '9' : '8');
	}
	buf_puts(&a, ".1.0");
	buf_puts(&b, ".1.0");
	ck_assert_int_eq(semver_cmp(buf_view(&a), buf_view(&b)), 1);
	ck_assert(semver_is_canonical(buf_view(&a)));
	buf_release(&a);
	buf_release(&b);
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		UNIT_EACH(parts_are_what_go_finds, versions),
		UNIT_EACH(canonical_fills_in_and_drops_the_build, versions),
		UNIT_EACH(module_canonical_keeps_incompatible_alone, versions),
		UNIT_EACH(cmp_orders_the_whole_list, ascending),
		UNIT_EACH(cmp_ignores_the_build_and_order_breaks_the_tie, same),
		UNIT(long_numbers_are_quick),
	};

	return unit_run("semver", tests, ARRAY_SIZE(tests));
}
