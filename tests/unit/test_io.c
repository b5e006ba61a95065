/* tests/unit/test_io.c
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "tests/unit/unit.h"

#include "base/banned.h"

/* A folder with file, sub/file, link to file, sub/up to the folder above, and
 * dangling. */
static int tree(void)
{
	int dir = unit_folder();

	ck_assert_int_eq(io_mkdirs(dir, "sub"), 0);
	unit_write(dir, "file", "text");
	unit_write(dir, "sub/file", "below");
	ck_assert_int_eq(symlinkat("file", dir, "link"), 0);
	ck_assert_int_eq(symlinkat("..", dir, "sub/up"), 0);
	ck_assert_int_eq(symlinkat("sub", dir, "sublink"), 0);
	ck_assert_int_eq(symlinkat("nowhere", dir, "dangling"), 0);
	return dir;
}

static const struct {
	const char *path;
	int rc;		/* 0: opens */
} beneath[] = {
	{ "file", 0 },
	{ "sub/file", 0 },
	{ "missing", -ENOENT },
	{ "sub/missing", -ENOENT },
	{ "missing/file", -ENOENT },
	{ "file/below", -ENOTDIR },
	{ "link", -ELOOP },
	{ "dangling", -ELOOP },
	{ "sublink/file", -ELOOP },
	{ "sub/up/file", -ELOOP },
	{ "../file", -EXDEV },
	{ "sub/../file", -EXDEV },
	{ "sub/..", -EXDEV },
	{ "..", -EXDEV },
	{ "/etc/passwd", -EXDEV },
	{ "/", -EXDEV },
	{ "", -ENOENT },
};

START_TEST(beneath_refuses_links_and_leaving)
{
	int dir = tree();
	int fd = io_open_beneath(dir, beneath[_i].path, O_RDONLY, 0);

	if (beneath[_i].rc == 0)
		ck_assert_int_ge(fd, 0);
	else if (beneath[_i].rc == -ELOOP) /* a walk says ENOTDIR for a folder's link */
		ck_assert_msg(fd == -ELOOP || fd == -ENOTDIR, "%d", fd);
	else
		ck_assert_int_eq(fd, beneath[_i].rc);
	fd_close(&fd);
	close(dir);
}
END_TEST

START_TEST(names_with_dots_are_no_leaving)
{
	int dir = unit_folder();

	ck_assert_int_eq(io_mkdirs(dir, "..a/b.."), 0);
	unit_write(dir, "..a/b../...", "x");
	int fd = io_open_beneath(dir, "..a/b../...", O_RDONLY, 0);
	ck_assert_int_ge(fd, 0);
	fd_close(&fd);
	close(dir);
}
END_TEST

START_TEST(descriptors_are_closed_on_exec)
{
	int dir = tree();
	int a = io_open_beneath(dir, "file", O_RDONLY, 0);
	int b = io_open(dir, "link", O_RDONLY, 0); /* links are followed here */

	ck_assert_int_ge(a, 0);
	ck_assert_int_ge(b, 0);
	ck_assert_int_eq(fcntl(a, F_GETFD), FD_CLOEXEC);
	ck_assert_int_eq(fcntl(b, F_GETFD), FD_CLOEXEC);
	fd_close(&a);
	fd_close(&b);
	close(dir);
}
END_TEST

START_TEST(beneath_creates_and_does_not_write_through_a_link)
{
	int dir = tree();
	int fd = io_open_beneath(dir, "new", O_WRONLY | O_CREAT | O_EXCL, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(io_write_all(fd, "abc", 3), 0);
	fd_close(&fd);
	ck_assert_int_eq(io_open_beneath(dir, "new", O_WRONLY | O_CREAT | O_EXCL, 0600), -EEXIST);
	ck_assert_int_lt(io_open_beneath(dir, "dangling", O_WRONLY | O_CREAT, 0600), 0);
	ck_assert_int_eq(faccessat(dir, "nowhere", F_OK, 0), -1);
	close(dir);
}
END_TEST

static const struct {
	size_t size, max;
	int rc;
} sizes[] = {
	{ 0, 0, 0 },
	{ 0, 10, 0 },
	{ 10, 10, 0 },
	{ 11, 10, -EFBIG },
	{ 1, 0, -EFBIG },
	{ 8192, 8192, 0 },
	{ 8193, 8192, -EFBIG },
	{ 20000, 20000, 0 },
	{ 20000, 19999, -EFBIG },
	{ 20000, 100000, 0 },
};

START_TEST(read_file_refuses_what_passes_the_maximum)
{
	struct buf text = BUF(100000);
	struct buf got = BUF(sizes[_i].max);
	int dir = unit_folder();

	while (text.n < sizes[_i].size)
		buf_putc(&text, (char)('a' + text.n % 26));
	unit_write(dir, "file", text.p);
	ck_assert_int_eq(io_read_file(dir, "file", &got), sizes[_i].rc);
	if (sizes[_i].rc == 0)
		unit_eq(buf_view(&got), buf_view(&text));
	ck_assert_uint_le(got.n, sizes[_i].max);
	buf_release(&text);
	buf_release(&got);
	close(dir);
}
END_TEST

START_TEST(read_all_appends)
{
	struct buf b = BUF(100);
	int dir = tree();

	buf_puts(&b, "some ");
	ck_assert_int_eq(io_read_file(dir, "file", &b), 0);
	ck_assert_str_eq(b.p, "some text");
	ck_assert_int_eq(io_read_file(dir, "missing", &b), -ENOENT);
	ck_assert_int_eq(io_read_file(dir, "sub", &b), -EISDIR);
	ck_assert_str_eq(b.p, "some text");
	buf_release(&b);
	close(dir);
}
END_TEST

START_TEST(link_never_replaces)
{
	struct buf b = BUF(100);
	int dir = tree();

	ck_assert_int_eq(io_link(dir, "file", dir, "sub/file"), -EEXIST);
	ck_assert_int_eq(io_link(dir, "file", dir, "dangling"), -EEXIST);
	ck_assert_int_eq(io_link(dir, "file", dir, "second"), 0);
	ck_assert_int_eq(io_unlink(dir, "file"), 0);
	ck_assert_int_eq(io_unlink(dir, "file"), -ENOENT);
	ck_assert_int_eq(io_read_file(dir, "second", &b), 0);
	ck_assert_str_eq(b.p, "text");
	buf_release(&b);
	close(dir);
}
END_TEST

START_TEST(rename_replaces)
{
	struct buf b = BUF(100);
	int dir = tree();

	ck_assert_int_eq(io_rename(dir, "file", dir, "sub/file"), 0);
	ck_assert_int_eq(io_read_file(dir, "sub/file", &b), 0);
	ck_assert_str_eq(b.p, "text");
	ck_assert_int_eq(io_rename(dir, "file", dir, "other"), -ENOENT);
	buf_release(&b);
	close(dir);
}
END_TEST

START_TEST(mkdirs_makes_all_and_is_content_when_there)
{
	struct stat st;
	int dir = tree();

	ck_assert_int_eq(io_mkdirs(dir, "a/b/c"), 0);
	ck_assert_int_eq(io_mkdirs(dir, "a/b/c"), 0);
	ck_assert_int_eq(io_mkdirs(dir, "a/b/d"), 0);
	ck_assert_int_eq(fstatat(dir, "a/b/d", &st, 0), 0);
	ck_assert(S_ISDIR(st.st_mode));
	ck_assert_int_lt(io_mkdirs(dir, "file"), 0);
	ck_assert_int_eq(io_mkdirs(dir, "file/a"), -ENOTDIR);
	close(dir);
}
END_TEST

START_TEST(mkparents_leaves_the_last_name_alone)
{
	int dir = unit_folder();

	for (int sync = 0; sync < 2; sync++) {
		const char *path = sync ? "x/y/z" : "a/b/c";
		ck_assert_int_eq(io_mkparents(dir, path, sync), 0);
		ck_assert_int_eq(io_mkparents(dir, path, sync), 0);
		ck_assert_int_eq(faccessat(dir, path, F_OK, 0), -1);
		unit_write(dir, path, "x");
	}
	ck_assert_int_eq(io_mkparents(dir, "plain", true), 0);
	ck_assert_int_eq(faccessat(dir, "plain", F_OK, 0), -1);
	close(dir);
}
END_TEST

START_TEST(mkdirs_refuses_what_no_system_takes)
{
	struct buf b = BUF(10000);
	int dir = unit_folder();

	while (b.n < 5000)
		buf_puts(&b, "a/");
	ck_assert_int_eq(io_mkdirs(dir, b.p), -ENAMETOOLONG);
	buf_reset(&b);
	while (b.n < 300)
		buf_putc(&b, 'a');
	ck_assert_int_eq(io_mkdirs(dir, b.p), -ENAMETOOLONG);
	buf_release(&b);
	close(dir);
}
END_TEST

START_TEST(failures_are_negative_errno)
{
	char c = 0;

	ck_assert_int_eq(io_read(-1, &c, 1), -EBADF);
	ck_assert_int_eq(io_pread(-1, &c, 1, 0), -EBADF);
	ck_assert_int_eq(io_write_all(-1, &c, 1), -EBADF);
	ck_assert_int_eq(io_write_all(-1, &c, 0), 0);
	ck_assert_int_eq(io_fsync(-1), -EBADF);
}
END_TEST

START_TEST(pread_reads_in_the_middle)
{
	char text[3] = "";
	int dir = tree();
	int fd = io_open(dir, "file", O_RDONLY, 0);

	ck_assert_int_eq(io_pread(fd, text, 2, 1), 2);
	ck_assert_str_eq(text, "ex");
	ck_assert_int_eq(io_pread(fd, text, 2, 9), 0);
	ck_assert_int_eq(io_read(fd, text, 2), 2);
	ck_assert_str_eq(text, "te");
	fd_close(&fd);
	close(dir);
}
END_TEST

START_TEST(close_and_steal_leave_minus_one)
{
	int fd = unit_folder();
	int was = fd;
	int mine = fd_steal(&fd);

	ck_assert_int_eq(fd, -1);
	ck_assert_int_eq(mine, was);
	fd_close(&fd); /* nothing to close */
	ck_assert_int_ge(fcntl(mine, F_GETFD), 0);
	fd_close(&mine);
	ck_assert_int_eq(mine, -1);
	ck_assert_int_eq(fcntl(was, F_GETFD), -1);
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		UNIT_EACH(beneath_refuses_links_and_leaving, beneath),
		UNIT(names_with_dots_are_no_leaving),
		UNIT(descriptors_are_closed_on_exec),
		UNIT(beneath_creates_and_does_not_write_through_a_link),
		UNIT_EACH(read_file_refuses_what_passes_the_maximum, sizes),
		UNIT(read_all_appends),
		UNIT(link_never_replaces),
		UNIT(rename_replaces),
		UNIT(mkdirs_makes_all_and_is_content_when_there),
		UNIT(mkparents_leaves_the_last_name_alone),
		UNIT(mkdirs_refuses_what_no_system_takes),
		UNIT(failures_are_negative_errno),
		UNIT(pread_reads_in_the_middle),
		UNIT(close_and_steal_leave_minus_one),
	};

	return unit_run("io", tests, ARRAY_SIZE(tests));
}
