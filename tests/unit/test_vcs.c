/* tests/unit/test_vcs.c: what is asked before a version-control program runs.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "base/err.h"
#include "fetch/job.h"
#include "fetch/vcs/vcs.h"
#include "tests/unit/unit.h"

#include "base/banned.h"

static const struct {
	const char *url;
	enum fault fault;
} urls[] = {
	{ "https://example.org/x", FAULT_NONE },
	{ "https://example.org", FAULT_NONE },
	{ "ssh://user@[::1]:22/a%20b", FAULT_NONE },
	{ "https://", FAULT_DENIED },
	{ "ssh://-oProxyCommand=x/y", FAULT_DENIED },
	{ "ssh://%2doProxyCommand=x/y", FAULT_DENIED },
	{ "ssh://user@-oProxyCommand/y", FAULT_DENIED },
	{ "ssh://example.org/x?fossil=/bin/x", FAULT_DENIED },
	{ "https://example.org/x#y", FAULT_DENIED },
	{ "https://a$b/x", FAULT_DENIED },
};

START_TEST(a_plain_url_is_a_host_and_a_path)
{
	CLEANUP(err_release) struct err err = ERR();
	struct vcs_repo r = { .driver = vcs_driver_named(STR("fossil")), .url = urls[_i].url };
	int rc = vcs_check_url(&r, &err);

	ck_assert_int_eq(err.fault, urls[_i].fault);
	ck_assert_int_eq(rc, urls[_i].fault == FAULT_NONE ? 0 : -1);
}
END_TEST

START_TEST(a_program_that_is_missing_is_named)
{
	CLEANUP(err_release) struct err err = ERR();
	const char *const env[] = { "PATH=bin:/nonexistent", NULL };
	struct job j = { .env = env };
	struct vcs_env e = { NULL, 0, NULL };

	ck_assert_int_eq(vcs_env_find(&e, &j, "fossil", &err), -1);
	ck_assert_int_eq(err.fault, FAULT_LOCAL);
	ck_assert(str_starts(buf_view(&err.text), STR("fossil is not installed")));
	ck_assert(!e.program);
}
END_TEST

START_TEST(a_program_is_found_in_path)
{
	CLEANUP(err_release) struct err err = ERR();
	const char *const env[] = { "PATH=bin:/nonexistent:/bin", NULL };
	struct job j = { .env = env };
	struct vcs_env e = { NULL, 0, NULL };

	ck_assert_int_eq(vcs_env_find(&e, &j, "sh", &err), 0);
	ck_assert_str_eq(e.program, "/bin/sh");
	vcs_env_release(&e);
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		UNIT_EACH(a_plain_url_is_a_host_and_a_path, urls),
		UNIT(a_program_that_is_missing_is_named),
		UNIT(a_program_is_found_in_path),
	};
	return unit_run("vcs", tests, ARRAY_SIZE(tests));
}
