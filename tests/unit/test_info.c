/* tests/unit/test_info.c
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "base/err.h"
#include "fetch/info.h"
#include "tests/unit/unit.h"

#include "base/banned.h"

static const struct {
	const char *json, *version;
	bool has_time;
	int64_t time;
} good[] = {
	{ "{\"Version\":\"v1.0.0\",\"Time\":\"1970-01-02T00:00:00Z\"}", "v1.0.0", true, 86400 },
	{ "{\"Version\":\"v1.0.0\"}", "v1.0.0", false, 0 },
	{ " {\"version\":\"v1.0.0\",\n\"TIME\":\"1970-01-01T01:00:00.5+01:00\"} \n",
	  "v1.0.0", true, 0 },
	{ "{\"Version\":\"v1.0.0\",\"Time\":null}", "v1.0.0", false, 0 },
	{ "{\"Version\":\"v1.0.0\",\"Origin\":{\"VCS\":\"git\"},\"x\":[1]}", "v1.0.0", false, 0 },
};

START_TEST(reads_what_go_reads)
{
	CLEANUP(info_release) struct info i = INFO();
	CLEANUP(err_release) struct err err = ERR();

	ck_assert_msg(info_parse(str_of(good[_i].json), &i, &err) == 0, "%s", err.text.p);
	unit_eq(buf_view(&i.version), str_of(good[_i].version));
	ck_assert(i.has_time == good[_i].has_time);
	ck_assert_int_eq(i.time, good[_i].time);
}
END_TEST

static const char *const bad[] = {
	"", "null", "[]", "\"v1.0.0\"", "{}", "<html>", "{\"Version\":\"\"}", "{\"Version\":1}",
	"{\"Version\":null}", "{\"Version\":\"v1.0.0\"", "{\"Version\":\"v1.0.0\"}x",
	"{\"Version\":\"v1.0.0\",\"Version\":\"v1.0.1\"}",
	"{\"Version\":\"v1.0.0\",\"version\":\"v1.0.1\"}",
	"{\"Version\":\"v1.0.0\",\"Time\":\"yesterday\"}", "{\"Version\":\"v1.0.0\",\"Time\":0}",
	"{\"Version\":\"v1.0.0\",\"Time\":\"\"}", "{\"Version\":\"v1.0.0\xff\"}",
};

START_TEST(refuses_what_is_no_info)
{
	CLEANUP(info_release) struct info i = INFO();
	CLEANUP(err_release) struct err err = ERR();

	ck_assert_msg(info_parse(str_of(bad[_i]), &i, &err) < 0, "%s", bad[_i]);
	ck_assert_int_eq(err.fault, FAULT_UPSTREAM);
	ck_assert(str_starts(buf_view(&err.text), STR("body: ")));
}
END_TEST

START_TEST(another_version_is_refused)
{
	CLEANUP(info_release) struct info i = INFO();
	CLEANUP(err_release) struct err err = ERR();

	ck_assert_int_eq(info_parse(STR("{\"Version\":\"v1.0.1\"}"), &i, &err), 0);
	ck_assert_int_eq(info_expect(&i, STR("v1.0.1"), &err), 0);
	ck_assert_int_eq(info_expect(&i, STR("v1.0.0"), &err), -1);
	unit_eq(buf_view(&err.text), STR("body: answered for version v1.0.1 instead of v1.0.0"));
}
END_TEST

static const struct {
	const char *path, *version;
	bool fits;
} answers[] = {
	{ "example.com/m", "v1.0.0", true },
	{ "example.com/m", "v2.0.0+incompatible", true },
	{ "example.com/m/v2", "v2.0.0-20200101000000-abcdefabcdef", true },
	{ "example.com/m", "v2.0.0", false },
	{ "example.com/m/v2", "v1.0.0", false },
	{ "example.com/m", "v1", false },
	{ "example.com/m", "v1.0.0+meta", false },
	{ "example.com/m", "master", false },
	{ "example.com/m", "../../etc", false },
};

START_TEST(a_query_resolves_to_a_version_of_the_module)
{
	CLEANUP(info_release) struct info i = INFO();
	CLEANUP(err_release) struct err err = ERR();
	int rc;

	buf_puts(&i.version, answers[_i].version);
	rc = info_expect_canonical(&i, str_of(answers[_i].path), &err);
	ck_assert_int_eq(rc, answers[_i].fits ? 0 : -1);
	ck_assert_int_eq(err.fault, answers[_i].fits ? FAULT_NONE : FAULT_UPSTREAM);
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		UNIT_EACH(reads_what_go_reads, good),
		UNIT_EACH(refuses_what_is_no_info, bad),
		UNIT(another_version_is_refused),
		UNIT_EACH(a_query_resolves_to_a_version_of_the_module, answers),
	};
	return unit_run("info", tests, ARRAY_SIZE(tests));
}
