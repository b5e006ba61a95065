/* tests/unit/test_zipcheck.c
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <fcntl.h>
#include <unistd.h>
#include <zip.h>

#include "base/err.h"
#include "base/io.h"
#include "fetch/zipcheck.h"
#include "tests/unit/unit.h"

#include "base/banned.h"

#define PATH "example.com/M"
#define VERSION "v1.0.0-RC1"
#define PREFIX PATH "@" VERSION "/"

/* A zip with these files (ended by NULL), in memory and then in a file. */
static int make_zip(const char *const *names, struct buf *out)
{
	zip_error_t why;
	zip_source_t *source = zip_source_buffer_create(NULL, 0, 0, &why);

	zip_source_keep(source);
	zip_t *z = zip_open_from_source(source, ZIP_TRUNCATE, &why);
	ck_assert_ptr_nonnull(z);
	for (; *names; names++) {
		zip_source_t *text = zip_source_buffer(z, "text\n", 5, 0);
		ck_assert_int_ge(zip_file_add(z, *names, text, ZIP_FL_ENC_UTF_8), 0);
	}
	ck_assert_int_eq(zip_close(z), 0);
	char block[4096];
	ck_assert_int_eq(zip_source_open(source), 0);
	for (;;) {
		zip_int64_t got = zip_source_read(source, block, sizeof(block));
		if (got <= 0)
			break;
		buf_add(out, block, (size_t)got);
	}
	zip_source_close(source);
	zip_source_free(source);
	return 0;
}

static int check_bytes(struct str bytes, struct err *err)
{
	CLEANUP(fd_close) int dir = unit_folder();
	CLEANUP(fd_close) int fd = io_open(dir, "z", O_RDWR | O_CREAT, 0666);

	ck_assert_int_eq(io_write_all(fd, bytes.p, bytes.n), 0);
	int rc = zipcheck(fd, STR(PATH), STR(VERSION), err);
	ck_assert_int_ge(fcntl(fd, F_GETFD), 0);
	return rc;
}

START_TEST(takes_a_module_zip)
{
	const char *const names[] = { PREFIX "go.mod", PREFIX "a/b.go", PREFIX "caf\xc3\xa9.txt",
				      PREFIX "dir/", NULL };
	CLEANUP(buf_release) struct buf zip = BUF(65536);
	CLEANUP(err_release) struct err err = ERR();

	make_zip(names, &zip);
	ck_assert_msg(check_bytes(buf_view(&zip), &err) == 0, "%s", err.text.p);
}
END_TEST

START_TEST(takes_an_empty_zip)
{
	CLEANUP(err_release) struct err err = ERR();
	static const char none[] = "PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

	ck_assert_msg(check_bytes(str_make(none, 22), &err) == 0, "%s", err.text.p);
}
END_TEST

static const char *const outside[] = {
	"go.mod", "/" PREFIX "go.mod", "example.com/m@v1.0.0-RC1/go.mod",
	"example.com/!m@v1.0.0-!r!c1/go.mod", PATH "@v1.0.0/go.mod", PATH "@" VERSION,
	"../" PREFIX "x",
};

START_TEST(every_name_begins_with_module_and_version)
{
	const char *const names[] = { PREFIX "go.mod", outside[_i], NULL };
	CLEANUP(buf_release) struct buf zip = BUF(65536);
	CLEANUP(err_release) struct err err = ERR();

	make_zip(names, &zip);
	ck_assert_int_eq(check_bytes(buf_view(&zip), &err), -1);
	ck_assert_int_eq(err.fault, FAULT_UPSTREAM);
	ck_assert_msg(str_starts(buf_view(&err.text), STR("body: the zip has a file ")), "%s",
		      err.text.p);
}
END_TEST

/* Where the bytes t occur for the last time. */
static char *last(struct buf *b, struct str t)
{
	ptrdiff_t at = str_rfind(buf_view(b), t);

	ck_assert_int_ge(at, 0);
	return b->p + at;
}

START_TEST(a_name_that_comes_twice_is_refused)
{
	const char *const names[] = { PREFIX "aaaa", PREFIX "bbbb", NULL };
	CLEANUP(buf_release) struct buf zip = BUF(65536);
	CLEANUP(err_release) struct err err = ERR();

	make_zip(names, &zip);
	for (ptrdiff_t at; (at = str_find(buf_view(&zip), STR("bbbb"))) >= 0;)
		memcpy(zip.p + at, "aaaa", 4);
	ck_assert_int_eq(check_bytes(buf_view(&zip), &err), -1);
	ck_assert_int_eq(err.fault, FAULT_UPSTREAM);
}
END_TEST

START_TEST(a_declared_size_above_the_limit_is_refused)
{
	const char *const names[] = { PREFIX "a", NULL };
	CLEANUP(buf_release) struct buf zip = BUF(65536);
	CLEANUP(err_release) struct err err = ERR();

	make_zip(names, &zip);
	/* the size in both headers: offset 22 locally, 24 in the directory */
	memcpy(zip.p + 22, "\xff\xff\xff\x7f", 4);
	memcpy(last(&zip, STR("PK\1\2")) + 24, "\xff\xff\xff\x7f", 4);
	ck_assert_int_eq(check_bytes(buf_view(&zip), &err), -1);
	ck_assert_int_eq(err.fault, FAULT_UPSTREAM);
}
END_TEST

START_TEST(what_is_cut_or_has_more_behind_is_refused)
{
	const char *const names[] = { PREFIX "a", PREFIX "b", NULL };
	CLEANUP(buf_release) struct buf zip = BUF(65536);
	CLEANUP(err_release) struct err err = ERR();

	make_zip(names, &zip);
	for (size_t n = 0; n < zip.n; n++)
		ck_assert_int_eq(check_bytes(str_head(buf_view(&zip), n), &err), -1);
	buf_puts(&zip, "more");
	ck_assert_int_eq(check_bytes(buf_view(&zip), &err), -1);
}
END_TEST

START_TEST(html_is_no_zip)
{
	CLEANUP(err_release) struct err err = ERR();

	ck_assert_int_eq(check_bytes(STR("<html></html>"), &err), -1);
	ck_assert(str_starts(buf_view(&err.text), STR("body: not a usable zip: ")));
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		UNIT(takes_a_module_zip),
		UNIT(takes_an_empty_zip),
		UNIT_EACH(every_name_begins_with_module_and_version, outside),
		UNIT(a_name_that_comes_twice_is_refused),
		UNIT(a_declared_size_above_the_limit_is_refused),
		UNIT(what_is_cut_or_has_more_behind_is_refused),
		UNIT(html_is_no_zip),
	};
	return unit_run("zipcheck", tests, ARRAY_SIZE(tests));
}
