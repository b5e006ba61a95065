/* tests/unit/test_publish.c
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/io.h"
#include "cache/publish.h"
#include "cache/refusal.h"
#include "tests/unit/cachetest.h"
#include "tests/unit/unit.h"

#include "base/banned.h"

#define FILE_OF_KEY "mod/example.com/m/@v/v1.0.0.info"

static void publish(const struct cache *c, const struct key *k, const char *text, time_t when)
{
	CLEANUP(err_release) struct err err = ERR();

	ck_assert_msg(publish_text(c, k, str_of(text), when, true, &err) == 0, "%s", err.text.p);
}

static void expect_file(const struct cache *c, const char *path, const char *want)
{
	CLEANUP(buf_release) struct buf got = BUF(4096);

	ck_assert_int_eq(io_read_file(c->root, path, &got), 0);
	unit_eq(buf_view(&got), str_of(want));
}

static bool stage_is_empty(const struct cache *c)
{
	return unlinkat(c->root, "state/stage", AT_REMOVEDIR) == 0;
}

START_TEST(publish_gives_the_bytes_their_name)
{
	CLEANUP(key_release) struct key k = test_key(KIND_INFO, "example.com/m", "v1.0.0");
	struct cache c = test_cache();

	publish(&c, &k, "one", (time_t)-1);
	expect_file(&c, FILE_OF_KEY, "one");
	ck_assert(stage_is_empty(&c));
	cache_release(&c);
}
END_TEST

START_TEST(publish_never_changes_an_immutable_file)
{
	CLEANUP(key_release) struct key k = test_key(KIND_INFO, "example.com/m", "v1.0.0");
	struct cache c = test_cache();

	publish(&c, &k, "one", (time_t)-1);
	publish(&c, &k, "two", (time_t)-1);
	expect_file(&c, FILE_OF_KEY, "one");
	ck_assert(stage_is_empty(&c));
	cache_release(&c);
}
END_TEST

START_TEST(publish_replaces_a_mutable_file_and_sets_its_time)
{
	CLEANUP(key_release) struct key k = test_key(KIND_LIST, "example.com/m", "");
	struct cache c = test_cache();
	struct stat st;

	publish(&c, &k, "v1.0.0\n", (time_t)-1);
	publish(&c, &k, "v1.0.0\nv1.1.0\n", 1);
	expect_file(&c, "mod/example.com/m/@v/list", "v1.0.0\nv1.1.0\n");
	ck_assert_int_eq(fstatat(c.root, "mod/example.com/m/@v/list", &st, 0), 0);
	ck_assert_int_eq(st.st_mtime, 1);
	cache_release(&c);
}
END_TEST

START_TEST(publish_leaves_a_file_that_says_it_already)
{
	CLEANUP(key_release) struct key k = test_key(KIND_LIST, "example.com/m", "");
	struct cache c = test_cache();
	struct stat old;
	struct stat new;

	publish(&c, &k, "v1.0.0\n", 1);
	ck_assert_int_eq(fstatat(c.root, "mod/example.com/m/@v/list", &old, 0), 0);
	publish(&c, &k, "v1.0.0\n", (time_t)-1);
	ck_assert_int_eq(fstatat(c.root, "mod/example.com/m/@v/list", &new, 0), 0);
	ck_assert(old.st_ino == new.st_ino && new.st_mtime > 1);
	publish(&c, &k, "v1.1.0\n", (time_t)-1);
	expect_file(&c, "mod/example.com/m/@v/list", "v1.1.0\n");
	cache_release(&c);
}
END_TEST

START_TEST(publish_makes_files_that_a_web_server_can_read)
{
	CLEANUP(key_release) struct key k = test_key(KIND_INFO, "example.com/m", "v1.0.0");
	struct cache c = test_cache();
	struct stat st;

	umask(077);
	publish(&c, &k, "one", (time_t)-1);
	ck_assert_int_eq(fstatat(c.root, FILE_OF_KEY, &st, 0), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0644);
	cache_release(&c);
}
END_TEST

START_TEST(publish_forgets_the_refusal)
{
	CLEANUP(err_release) struct err err = ERR();
	CLEANUP(err_release) struct err found = ERR();
	CLEANUP(key_release) struct key k = test_key(KIND_INFO, "example.com/m", "v1.0.0");
	struct cache c = test_cache();

	err_set(&err, FAULT_NOT_FOUND, "not there");
	ck_assert_int_eq(refusal_write(&c, &k, &err, 60, &found), 0);
	ck_assert(refusal_find(&c, &k, &found));
	publish(&c, &k, "one", (time_t)-1);
	ck_assert(!refusal_find(&c, &k, &found));
	cache_release(&c);
}
END_TEST

START_TEST(publish_that_fails_leaves_nothing)
{
	CLEANUP(err_release) struct err err = ERR();
	CLEANUP(key_release) struct key k = test_key(KIND_INFO, "example.com/m", "v1.0.0");
	struct cache c = test_cache();

	test_write(&c, "mod/example.com", "a file where a folder must be");
	ck_assert_int_lt(publish_text(&c, &k, STR("one"), (time_t)-1, true, &err), 0);
	ck_assert_int_eq(err.fault, FAULT_LOCAL);
	ck_assert(stage_is_empty(&c));
	cache_release(&c);
}
END_TEST

START_TEST(released_stage_leaves_nothing)
{
	CLEANUP(err_release) struct err err = ERR();
	struct cache c = test_cache();
	struct stage s = STAGE();

	ck_assert_int_eq(stage_open(&s, &c, &err), 0);
	ck_assert_int_eq(stage_write(&s, "abc", 3, &err), 0);
	stage_release(&s);
	ck_assert(stage_is_empty(&c));
	stage_release(&s); /* twice does no harm */
	cache_release(&c);
}
END_TEST

START_TEST(restarted_stage_is_empty)
{
	CLEANUP(err_release) struct err err = ERR();
	CLEANUP(key_release) struct key k = test_key(KIND_MOD, "example.com/m", "v1.0.0");
	struct cache c = test_cache();
	struct stage s = STAGE();

	ck_assert_int_eq(stage_open(&s, &c, &err), 0);
	ck_assert_int_eq(stage_write(&s, "half of the first try", 21, &err), 0);
	ck_assert_int_eq(stage_restart(&s, &err), 0);
	ck_assert_int_eq(stage_write(&s, "second", 6, &err), 0);
	ck_assert_int_eq(publish_key(&s, &k, (time_t)-1, false, &err), 0);
	expect_file(&c, "mod/example.com/m/@v/v1.0.0.mod", "second");
	cache_release(&c);
}
END_TEST

START_TEST(sweep_removes_only_old_files)
{
	struct cache c = test_cache();
	struct timespec old[2] = { { .tv_sec = 1000000 }, { .tv_sec = 1000000 } };

	test_write(&c, "state/stage/old", "x");
	test_write(&c, "state/stage/new", "x");
	ck_assert_int_eq(utimensat(c.root, "state/stage/old", old, 0), 0);
	stage_sweep(&c);
	ck_assert_int_ne(faccessat(c.root, "state/stage/old", F_OK, 0), 0);
	ck_assert_int_eq(faccessat(c.root, "state/stage/new", F_OK, 0), 0);
	cache_release(&c);
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		UNIT(publish_gives_the_bytes_their_name),
		UNIT(publish_never_changes_an_immutable_file),
		UNIT(publish_replaces_a_mutable_file_and_sets_its_time),
		UNIT(publish_leaves_a_file_that_says_it_already),
		UNIT(publish_makes_files_that_a_web_server_can_read),
		UNIT(publish_forgets_the_refusal),
		UNIT(publish_that_fails_leaves_nothing),
		UNIT(released_stage_leaves_nothing),
		UNIT(restarted_stage_is_empty),
		UNIT(sweep_removes_only_old_files),
	};

	return unit_run("publish", tests, ARRAY_SIZE(tests));
}
