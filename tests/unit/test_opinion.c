/* tests/unit/test_opinion.c: every entry of a large zip is shown to libzip.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <unistd.h>

#include "base/err.h"
#include "base/io.h"
#include "fetch/opinion.h"
#include "fetch/zipdir.h"
#include "tests/unit/unit.h"
#include "tests/unit/zipmake.h"

#include "base/banned.h"

#define EACH 10

/* What opinion_ask() says of so many entries, one of which is wrong (or -1). */
static int ask(int files, int wrong, off_t cut, struct err *err)
{
	CLEANUP(fd_close) int dir = unit_folder();
	CLEANUP(fd_close) int fd = zipmake_large(dir, "m/", files, EACH, wrong);
	CLEANUP(zipdir_release) struct zipdir d = ZIPDIR();

	ck_assert_msg(zipdir_open(&d, fd, err) == 0, "%s", err->text.p);
	ck_assert_int_eq((int)d.n, files);
	if (cut)
		ck_assert_int_eq(io_truncate(fd, cut), 0);
	return opinion_ask(&d, err);
}

static const int sizes[] = {
	0, 1, OPINION_MOST, OPINION_MOST + 1, 2 * OPINION_MOST, 2 * OPINION_MOST + 1,
};

START_TEST(good_zips_of_any_size_pass)
{
	CLEANUP(err_release) struct err err = ERR();

	ck_assert_msg(ask(sizes[_i], -1, 0, &err) == 0, "%s", err.text.p);
}
END_TEST

static const struct {
	int files, wrong;
} wrongs[] = {
	{ 3, 1 },
	{ OPINION_MOST + 1, 0 },
	{ OPINION_MOST + 1, OPINION_MOST - 1 },
	{ OPINION_MOST + 1, OPINION_MOST },
	{ 3 * OPINION_MOST, OPINION_MOST + 7 },
	{ 3 * OPINION_MOST, 3 * OPINION_MOST - 1 },
};

START_TEST(a_wrong_entry_is_found_wherever_it_is)
{
	CLEANUP(err_release) struct err err = ERR();
	CLEANUP(buf_release) struct buf rule = BUF(100);

	ck_assert_int_eq(ask(wrongs[_i].files, wrongs[_i].wrong, 0, &err), -1);
	ck_assert_int_eq(err.fault, FAULT_UPSTREAM);
	buf_printf(&rule, "body: bad module zip: %s: ", zipdir_rule(RULE_CONSISTENCY));
	ck_assert_msg(str_starts(buf_view(&err.text), buf_view(&rule)), "%s", err.text.p);
}
END_TEST

START_TEST(a_file_that_shrinks_is_the_disks_fault)
{
	CLEANUP(err_release) struct err err = ERR();

	ck_assert_int_eq(ask(2 * OPINION_MOST, -1, 100, &err), -1);
	ck_assert_int_eq(err.fault, FAULT_LOCAL);
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		UNIT_EACH(good_zips_of_any_size_pass, sizes),
		UNIT_EACH(a_wrong_entry_is_found_wherever_it_is, wrongs),
		UNIT(a_file_that_shrinks_is_the_disks_fault),
	};
	return unit_run("opinion", tests, ARRAY_SIZE(tests));
}
