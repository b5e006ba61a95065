/* tests/unit/test_rules.c
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "base/err.h"
#include "fetch/vcs/rules.h"
#include "tests/unit/unit.h"

#include "base/banned.h"

/* corp.example is private. */
static const struct {
	const char *rules;
	const char *vcs;
	const char *path;
	enum fault fault;
} cases[] = {
	{ "public:git|hg,private:all", "git", "github.com/a/b", FAULT_NONE },
	{ "public:git|hg,private:all", "svn", "github.com/a/b", FAULT_DENIED },
	{ "public:git|hg,private:all", "svn", "corp.example/x", FAULT_NONE },
	{ "", "hg", "github.com/a/b", FAULT_NONE },
	{ "", "svn", "github.com/a/b", FAULT_DENIED },
	{ "", "fossil", "corp.example/x", FAULT_NONE },
	{ "github.com:git,*:off", "git", "github.com/a/b", FAULT_NONE },
	{ "github.com:git,*:off", "git", "gitlab.com/a/b", FAULT_DENIED },
	{ "private:off", "git", "corp.example/x", FAULT_DENIED },
	{ "private:off", "git", "github.com/a/b", FAULT_NONE },
	{ "github.com/a:hg,github.com:git", "git", "github.com/a/b", FAULT_DENIED },
	{ " github.com : hg | git ", "git", "github.com/a/b", FAULT_NONE },
	{ "github.com", "git", "github.com/a/b", FAULT_LOCAL },
	{ "github.com:", "git", "github.com/a/b", FAULT_LOCAL },
	{ ":git", "git", "github.com/a/b", FAULT_LOCAL },
	{ "public:git,,", "git", "github.com/a/b", FAULT_LOCAL },
};

START_TEST(the_first_rule_that_matches_decides)
{
	CLEANUP(err_release) struct err err = ERR();
	int rc = rules_check(str_of(cases[_i].rules), STR("corp.example"), str_of(cases[_i].vcs),
			     str_of(cases[_i].path), &err);

	ck_assert_int_eq(err.fault, cases[_i].fault);
	ck_assert_int_eq(rc, cases[_i].fault == FAULT_NONE ? 0 : -1);
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		UNIT_EACH(the_first_rule_that_matches_decides, cases),
	};
	return unit_run("rules", tests, ARRAY_SIZE(tests));
}
