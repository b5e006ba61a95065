/* tests/unit/test_zipdir.c: what a zip's directory says; test_zipcheck.c has what
 * it may not say.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <fcntl.h>

#include "base/err.h"
#include "base/io.h"
#include "fetch/zipdir.h"
#include "tests/unit/unit.h"
#include "tests/unit/zipmake.h"

#include "base/banned.h"

static int open_bytes(struct zipdir *d, int *ret_fd, struct str bytes, struct err *err)
{
	CLEANUP(fd_close) int dir = unit_folder();

	*ret_fd = io_open(dir, "z", O_RDWR | O_CREAT, 0666);
	ck_assert_int_eq(io_write_all(*ret_fd, bytes.p, bytes.n), 0);
	return zipdir_open(d, *ret_fd, err);
}

static const struct ent three[] = {
	{ .name = "m/a", .text = "first", .descriptor = 16 },
	{ .name = "m/bb/", .text = NULL },
	{ .name = "m/ccc", .zeros = 1000, .deflate = true },
	{ .name = NULL },
};

START_TEST(an_entry_is_as_the_directory_describes_it)
{
	CLEANUP(buf_release) struct buf zip = BUF(65536);
	CLEANUP(zipdir_release) struct zipdir d = ZIPDIR();
	CLEANUP(err_release) struct err err = ERR();
	CLEANUP(fd_close) int fd = -1;
	struct zipdir_file f;

	zipmake(three, NULL, &zip);
	ck_assert_msg(open_bytes(&d, &fd, buf_view(&zip), &err) == 0, "%s", err.text.p);
	ck_assert_uint_eq(d.n, 3);
	ck_assert_uint_eq(d.size, zip.n);
	ck_assert_uint_eq(d.dir_at + d.dir_n + 22, zip.n);
	zipdir_file(&d, 0, &f);
	unit_eq(f.name, STR("m/a"));
	ck_assert_uint_eq(f.at, 0);
	ck_assert_uint_eq(f.size, 5);
	ck_assert_uint_eq(f.packed, 5);
	ck_assert_int_eq(zipdir_local(&d, 0, &f, &err), 0);
	unit_eq(str_make(zip.p + f.data_at, f.packed), STR("first"));
	zipdir_file(&d, 1, &f);
	unit_eq(f.name, STR("m/bb/"));
	ck_assert_uint_eq(f.size, 0);
	zipdir_file(&d, 2, &f);
	unit_eq(f.name, STR("m/ccc"));
	ck_assert_uint_eq(f.method, ZIPDIR_DEFLATED);
	ck_assert_uint_eq(f.size, 1000);
	ck_assert_int_eq(zipdir_local(&d, 2, &f, &err), 0);
	ck_assert_uint_eq(f.data_at + f.packed, d.dir_at);
}
END_TEST

/* The heads of `zip`, which has the three, in another order. */
static void reorder(struct buf *zip, uint64_t dir_at, const int *order)
{
	static const size_t sizes[] = { 46 + 3, 46 + 5, 46 + 5 };
	CLEANUP(buf_release) struct buf heads = BUF(1000);
	const char *p[3];

	p[0] = zip->p + dir_at;
	p[1] = p[0] + sizes[0];
	p[2] = p[1] + sizes[1];
	for (int i = 0; i < 3; i++)
		buf_add(&heads, p[order[i]], sizes[order[i]]);
	memcpy(zip->p + dir_at, heads.p, heads.n);
}

static const int orders[][3] = { { 0, 1, 2 }, { 2, 1, 0 }, { 1, 2, 0 }, { 0, 2, 1 } };

START_TEST(entries_come_as_they_lie_in_the_file)
{
	CLEANUP(buf_release) struct buf zip = BUF(65536);
	CLEANUP(zipdir_release) struct zipdir d = ZIPDIR();
	CLEANUP(zipdir_release) struct zipdir other = ZIPDIR();
	CLEANUP(err_release) struct err err = ERR();
	CLEANUP(fd_close) int fd = -1;
	CLEANUP(fd_close) int other_fd = -1;
	struct zipdir_file f;

	zipmake(three, NULL, &zip);
	ck_assert_int_eq(open_bytes(&d, &fd, buf_view(&zip), &err), 0);
	reorder(&zip, d.dir_at, orders[_i]);
	ck_assert_msg(open_bytes(&other, &other_fd, buf_view(&zip), &err) == 0, "%s", err.text.p);
	for (size_t i = 0; i < 3; i++) {
		zipdir_file(&other, i, &f);
		unit_eq(f.name, str_of(three[i].name));
		ck_assert_int_eq(zipdir_local(&other, i, &f, &err), 0);
	}
}
END_TEST

/* From the beginning of a head to another, or to the end. */
static const struct {
	int from, n;		/* heads */
	int to, passed;
} passes[] = {
	{ 0, 0, 0, 0 }, { 0, 1, 1, 1 }, { 0, 2, 2, 2 }, { 0, 3, 3, 3 }, { 0, 4, 3, 3 },
	{ 1, 1, 2, 1 }, { 1, 100, 3, 2 }, { 3, 1, 3, 0 },
};

START_TEST(pass_counts_heads_and_ends_with_the_directory)
{
	static const size_t at[] = { 0, 49, 49 + 51, 49 + 51 + 51 };
	CLEANUP(buf_release) struct buf zip = BUF(65536);
	CLEANUP(zipdir_release) struct zipdir d = ZIPDIR();
	CLEANUP(err_release) struct err err = ERR();
	CLEANUP(fd_close) int fd = -1;
	size_t passed = 99;

	zipmake(three, NULL, &zip);
	ck_assert_int_eq(open_bytes(&d, &fd, buf_view(&zip), &err), 0);
	ck_assert_uint_eq(d.dir_n, at[3]);
	ck_assert_uint_eq(zipdir_pass(&d, at[passes[_i].from], (size_t)passes[_i].n, &passed),
			  at[passes[_i].to]);
	ck_assert_int_eq((int)passed, passes[_i].passed);
}
END_TEST

START_TEST(a_zip_without_entries_has_an_empty_directory)
{
	const struct ent none[] = { { .name = NULL } };
	CLEANUP(buf_release) struct buf zip = BUF(1000);
	CLEANUP(zipdir_release) struct zipdir d = ZIPDIR();
	CLEANUP(err_release) struct err err = ERR();
	CLEANUP(fd_close) int fd = -1;
	size_t passed = 99;

	zipmake(none, NULL, &zip);
	ck_assert_int_eq(open_bytes(&d, &fd, buf_view(&zip), &err), 0);
	ck_assert_uint_eq(d.n, 0);
	ck_assert_uint_eq(zipdir_pass(&d, 0, 10, &passed), 0);
	ck_assert_uint_eq(passed, 0);
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		UNIT(an_entry_is_as_the_directory_describes_it),
		UNIT_EACH(entries_come_as_they_lie_in_the_file, orders),
		UNIT_EACH(pass_counts_heads_and_ends_with_the_directory, passes),
		UNIT(a_zip_without_entries_has_an_empty_directory),
	};
	return unit_run("zipdir", tests, ARRAY_SIZE(tests));
}
