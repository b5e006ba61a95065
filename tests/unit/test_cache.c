/* tests/unit/test_cache.c
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/io.h"
#include "tests/unit/cachetest.h"
#include "tests/unit/unit.h"

#include "base/banned.h"

#define INFO "mod/example.com/m/@v/v1.0.0.info"

START_TEST(open_makes_the_folders)
{
	static const char *const want[] = { "mod", "state/stage", "state/refused", "state/query",
					    "state/sumdb" };
	struct cache c = test_cache();
	struct stat st;

	for (size_t i = 0; i < ARRAY_SIZE(want); i++)
		ck_assert(fstatat(c.root, want[i], &st, 0) == 0 && S_ISDIR(st.st_mode));
	cache_release(&c);
}
END_TEST

START_TEST(open_refuses_a_relative_folder)
{
	CLEANUP(err_release) struct err err = ERR();
	struct cache c = CACHE();

	ck_assert_int_lt(cache_open(&c, "not/absolute", &err), 0);
	ck_assert_int_eq(err.fault, FAULT_LOCAL);
}
END_TEST

START_TEST(lookup_finds_what_is_there)
{
	CLEANUP(err_release) struct err err = ERR();
	CLEANUP(entry_release) struct entry e = ENTRY();
	CLEANUP(key_release) struct key k = test_key(KIND_INFO, "example.com/m", "v1.0.0");
	struct cache c = test_cache();

	test_write(&c, INFO, "{}");
	ck_assert_int_eq(cache_lookup(&c, &k, &e, &err), 0);
	ck_assert_int_ge(e.fd, 0);
	ck_assert_int_eq(e.size, 2);
	ck_assert(cache_has(&c, &k));
	cache_release(&c);
}
END_TEST

START_TEST(lookup_of_nothing_is_a_miss_not_an_error)
{
	CLEANUP(err_release) struct err err = ERR();
	CLEANUP(entry_release) struct entry e = ENTRY();
	CLEANUP(key_release) struct key k = test_key(KIND_ZIP, "example.com/m", "v1.0.0");
	struct cache c = test_cache();

	ck_assert_int_eq(cache_lookup(&c, &k, &e, &err), 0);
	ck_assert_int_eq(e.fd, -1);
	ck_assert(!cache_has(&c, &k));
	cache_release(&c);
}
END_TEST

START_TEST(lookup_follows_no_link)
{
	CLEANUP(err_release) struct err err = ERR();
	CLEANUP(entry_release) struct entry e = ENTRY();
	CLEANUP(key_release) struct key file = test_key(KIND_INFO, "example.com/m", "v1.0.0");
	CLEANUP(key_release) struct key dir = test_key(KIND_LIST, "example.com/linked", "");
	struct cache c = test_cache();

	ck_assert_int_eq(io_mkparents(c.root, INFO, false), 0);
	ck_assert_int_eq(symlinkat("/etc/passwd", c.root, INFO), 0);
	ck_assert_int_lt(cache_lookup(&c, &file, &e, &err), 0);
	ck_assert_int_eq(err.fault, FAULT_LOCAL);
	test_write(&c, "elsewhere/@v/list", "v1.0.0\n");
	ck_assert_int_eq(symlinkat("../../elsewhere", c.root, "mod/example.com/linked"), 0);
	ck_assert_int_lt(cache_lookup(&c, &dir, &e, &err), 0);
	ck_assert_int_eq(e.fd, -1);
	cache_release(&c);
}
END_TEST

START_TEST(lookup_refuses_what_is_no_file)
{
	CLEANUP(err_release) struct err err = ERR();
	CLEANUP(entry_release) struct entry e = ENTRY();
	CLEANUP(key_release) struct key k = test_key(KIND_INFO, "example.com/m", "v1.0.0");
	struct cache c = test_cache();

	ck_assert_int_eq(io_mkdirs(c.root, INFO), 0);
	ck_assert_int_lt(cache_lookup(&c, &k, &e, &err), 0);
	ck_assert_int_eq(e.fd, -1);
	cache_release(&c);
}
END_TEST

static void add_line(void *ctx, struct str version)
{
	buf_str(ctx, version);
	buf_putc(ctx, '\n');
}

START_TEST(versions_names_each_version_once_in_plain_form)
{
	CLEANUP(err_release) struct err err = ERR();
	CLEANUP(buf_release) struct buf seen = BUF(4096);
	CLEANUP(key_release) struct key k = test_key(KIND_LIST, "example.com/M", "");
	struct cache c = test_cache();

	test_write(&c, "mod/example.com/!m/@v/v1.0.0-!r!c1.info", "{}");
	test_write(&c, "mod/example.com/!m/@v/v1.0.0-!r!c1.mod", "");
	test_write(&c, "mod/example.com/!m/@v/v1.0.0-!r!c1.zip", "");
	test_write(&c, "mod/example.com/!m/@v/v1.0.0-!r!c1.ziphash", "");
	test_write(&c, "mod/example.com/!m/@v/list", "v9.9.9\n");
	test_write(&c, "mod/example.com/!m/@v/master.info", "{}");
	test_write(&c, "mod/example.com/!m/@v/v1.info", "{}");
	test_write(&c, "mod/example.com/!m/@v/.hidden.info", "{}");
	ck_assert_int_eq(cache_versions(&c, &k, add_line, &seen, &err), 0);
	unit_eq(buf_view(&seen), STR("v1.0.0-RC1\n"));
	cache_release(&c);
}
END_TEST

START_TEST(versions_of_an_unknown_module_are_none)
{
	CLEANUP(err_release) struct err err = ERR();
	CLEANUP(buf_release) struct buf seen = BUF(4096);
	CLEANUP(key_release) struct key k = test_key(KIND_LIST, "example.com/m", "");
	struct cache c = test_cache();

	ck_assert_int_eq(cache_versions(&c, &k, add_line, &seen, &err), 0);
	ck_assert_uint_eq(seen.n, 0);
	cache_release(&c);
}
END_TEST

START_TEST(writable_cache_says_so_and_leaves_nothing)
{
	CLEANUP(err_release) struct err err = ERR();
	struct cache c = test_cache();

	ck_assert_int_eq(cache_check_writable(&c, &err), 0);
	/* rmdir works on an empty folder only */
	ck_assert_int_eq(unlinkat(c.root, "state/stage", AT_REMOVEDIR), 0);
	cache_release(&c);
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		UNIT(open_makes_the_folders),
		UNIT(open_refuses_a_relative_folder),
		UNIT(lookup_finds_what_is_there),
		UNIT(lookup_of_nothing_is_a_miss_not_an_error),
		UNIT(lookup_follows_no_link),
		UNIT(lookup_refuses_what_is_no_file),
		UNIT(versions_names_each_version_once_in_plain_form),
		UNIT(versions_of_an_unknown_module_are_none),
		UNIT(writable_cache_says_so_and_leaves_nothing),
	};

	return unit_run("cache", tests, ARRAY_SIZE(tests));
}
