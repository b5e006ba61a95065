/* tests/unit/unit.c: what every unit test needs around libcheck.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/limits.h"
#include "tests/unit/unit.h"

#include "base/banned.h"

/* Slow machines, sanitizers: no test waits on purpose for as long as this. */
#define TIMEOUT_SECONDS 60

static struct buf folder = { buf_empty, 0, 0, MAX_RELPATH, false };

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void make_root(void)
{
	const char *tmp = getenv("TMPDIR");

	buf_printf(&folder, "%s/stoa-unit.XXXXXX", tmp && tmp[0] ? tmp : "/tmp");
	if (!mkdtemp(folder.p)) {
		perror(folder.p);
		exit(99); /* a hard error, for automake */
	}
}

int unit_run(const char *file, const struct unit_test *tests, size_t n)
{
	Suite *suite = suite_create(file);
	TCase *tcase = tcase_create(file);

	make_root();
	tcase_set_timeout(tcase, TIMEOUT_SECONDS);
	for (size_t i = 0; i < n; i++)
		tcase_add_loop_test(tcase, tests[i].test, 0, (int)tests[i].n);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	nftw(folder.p, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	buf_release(&folder);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

int unit_folder(void)
{
	CLEANUP(buf_release) struct buf path = BUF(MAX_RELPATH);

	buf_printf(&path, "%s/XXXXXX", folder.p);
	ck_assert_ptr_nonnull(mkdtemp(path.p));
	int fd = open(path.p, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ge(fd, 0);
	return fd;
}

void unit_write(int dir, const char *path, const char *text)
{
	int fd = openat(dir, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

void unit_eq_at(const char *file, int line, struct str got, struct str want)
{
	ck_assert_msg(str_eq(got, want), "%s:%d: got \"%.*s\", want \"%.*s\"", file, line,
		      STR_ARG(got), STR_ARG(want));
}
