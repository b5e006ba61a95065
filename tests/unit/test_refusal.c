/* tests/unit/test_refusal.c
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"
#include "cache/refusal.h"
#include "tests/unit/cachetest.h"
#include "tests/unit/unit.h"

#include "base/banned.h"

static void refuse(const struct cache *c, const struct key *k, enum fault fault, int64_t seconds)
{
	CLEANUP(err_release) struct err why = ERR();
	CLEANUP(err_release) struct err err = ERR();

	err_set(&why, fault, "https://up.example: http: 404 Not Found\nsecond line");
	ck_assert_msg(refusal_write(c, k, &why, seconds, &err) == 0, "%s", err.text.p);
}

START_TEST(refusal_comes_back_with_its_fault_and_text)
{
	CLEANUP(err_release) struct err got = ERR();
	CLEANUP(key_release) struct key k = test_key(KIND_INFO, "example.com/m", "v1.0.0");
	struct cache c = test_cache();

	refuse(&c, &k, FAULT_NOT_FOUND, 60);
	ck_assert(refusal_find(&c, &k, &got));
	ck_assert_int_eq(got.fault, FAULT_NOT_FOUND);
	unit_eq(buf_view(&got.text), STR("https://up.example: http: 404 Not Found\nsecond line"));
	ck_assert_int_eq(got.retry_after, 0);
	cache_release(&c);
}
END_TEST

START_TEST(refusal_says_how_long_to_wait_where_its_fault_does)
{
	CLEANUP(err_release) struct err got = ERR();
	CLEANUP(key_release) struct key k = test_key(KIND_INFO, "example.com/m", "v1.0.0");
	struct cache c = test_cache();

	refuse(&c, &k, FAULT_RATE_LIMITED, 100);
	ck_assert(refusal_find(&c, &k, &got));
	ck_assert_int_gt(got.retry_after, 90);
	ck_assert_int_le(got.retry_after, 100);
	cache_release(&c);
}
END_TEST

START_TEST(refusal_ends_with_its_lifetime)
{
	CLEANUP(err_release) struct err got = ERR();
	CLEANUP(key_release) struct key k = test_key(KIND_INFO, "example.com/m", "v1.0.0");
	struct cache c = test_cache();

	refuse(&c, &k, FAULT_NOT_FOUND, 60);
	clock_shift(59 * 1000);
	ck_assert(refusal_find(&c, &k, &got));
	clock_shift(2 * 1000);
	ck_assert(!refusal_find(&c, &k, &got));
	cache_release(&c);
}
END_TEST

START_TEST(refusal_of_a_clock_that_was_ahead_is_none)
{
	CLEANUP(err_release) struct err got = ERR();
	CLEANUP(key_release) struct key k = test_key(KIND_INFO, "example.com/m", "v1.0.0");
	struct cache c = test_cache();

	refuse(&c, &k, FAULT_NOT_FOUND, 60);
	clock_shift(-3 * 1000);
	ck_assert(refusal_find(&c, &k, &got));
	clock_shift(-60 * 1000);
	ck_assert(!refusal_find(&c, &k, &got));
	cache_release(&c);
}
END_TEST

START_TEST(refusal_is_of_one_key_only)
{
	CLEANUP(err_release) struct err got = ERR();
	CLEANUP(key_release) struct key k = test_key(KIND_INFO, "example.com/m", "v1.0.0");
	CLEANUP(key_release) struct key other = test_key(KIND_MOD, "example.com/m", "v1.0.0");
	struct cache c = test_cache();

	refuse(&c, &k, FAULT_NOT_FOUND, 60);
	ck_assert(!refusal_find(&c, &other, &got));
	cache_release(&c);
}
END_TEST

/* The only file below state/refused: its path, or false. */
static bool only_file(const struct cache *c, struct buf *path)
{
	bool found = false;

	for (int i = 0; i < 256; i++) {
		CLEANUP(buf_release) struct buf dir = BUF(64);
		buf_printf(&dir, "state/refused/%02x", (unsigned)i);
		int fd = openat(c->root, dir.p, O_RDONLY | O_DIRECTORY);
		DIR *d = fd < 0 ? NULL : fdopendir(fd);
		for (struct dirent *de = d ? readdir(d) : NULL; de; de = readdir(d)) {
			if (de->d_name[0] == '.')
				continue;
			ck_assert(!found);
			found = true;
			buf_printf(path, "%s/%s", dir.p, de->d_name);
		}
		if (d)
			closedir(d);
	}
	return found;
}

START_TEST(refusal_of_another_key_with_the_same_hash_does_not_count)
{
	CLEANUP(err_release) struct err got = ERR();
	CLEANUP(buf_release) struct buf path = BUF(128);
	CLEANUP(key_release) struct key k = test_key(KIND_INFO, "example.com/m", "v1.0.0");
	struct cache c = test_cache();

	refuse(&c, &k, FAULT_NOT_FOUND, 60);
	ck_assert(only_file(&c, &path));
	test_write(&c, path.p, "stoa-refusal 1\nkey: mod/example.com/other/@v/v1.0.0.info\n"
				   "fault: not_found\nexpires: 99999999999\ntext:\nno\n");
	ck_assert(!refusal_find(&c, &k, &got));
	cache_release(&c);
}
END_TEST

#define KEY_FILE "mod/example.com/m/@v/v1.0.0.info"

static const char *const bad_files[] = {
	"",
	"stoa-refusal 2\nkey: " KEY_FILE "\nfault: not_found\nexpires: 99999999999\ntext:\nx\n",
	"stoa-refusal 1\nkey: " KEY_FILE "\nfault: not_found\nexpires: -1\ntext:\nx\n",
	"stoa-refusal 1\nkey: " KEY_FILE "\nfault: not_found\nexpires: 9x\ntext:\nx\n",
	"stoa-refusal 1\nkey: " KEY_FILE "\nfault: not_found\n",
	"stoa-refusal 1\nkey: " KEY_FILE "\nfault: not_found\nexpires: 99999999999\n",
	"\n\n\n\n\n\n",
};

START_TEST(damaged_refusal_counts_as_none)
{
	CLEANUP(err_release) struct err got = ERR();
	CLEANUP(buf_release) struct buf path = BUF(128);
	CLEANUP(key_release) struct key k = test_key(KIND_INFO, "example.com/m", "v1.0.0");
	struct cache c = test_cache();

	refuse(&c, &k, FAULT_NOT_FOUND, 60);
	ck_assert(only_file(&c, &path));
	test_write(&c, path.p, bad_files[_i]);
	ck_assert(!refusal_find(&c, &k, &got));
	cache_release(&c);
}
END_TEST

START_TEST(cleared_refusal_is_gone)
{
	CLEANUP(err_release) struct err got = ERR();
	CLEANUP(key_release) struct key k = test_key(KIND_INFO, "example.com/m", "v1.0.0");
	struct cache c = test_cache();

	refuse(&c, &k, FAULT_NOT_FOUND, 60);
	refusal_clear(&c, &k);
	ck_assert(!refusal_find(&c, &k, &got));
	cache_release(&c);
}
END_TEST

START_TEST(writing_removes_expired_ones_from_the_same_folder)
{
	CLEANUP(buf_release) struct buf path = BUF(128);
	CLEANUP(buf_release) struct buf old = BUF(128);
	CLEANUP(key_release) struct key k = test_key(KIND_INFO, "example.com/m", "v1.0.0");
	struct cache c = test_cache();

	refuse(&c, &k, FAULT_NOT_FOUND, 60);
	ck_assert(only_file(&c, &path));
	buf_str(&old, str_head(buf_view(&path), path.n - 16));
	buf_puts(&old, "0123456789abcdef");
	test_write(&c, old.p, "stoa-refusal 1\nkey: mod/example.com/x/@v/list\nfault: not_found\n"
				  "expires: 1000\ntext:\nx\n");
	refuse(&c, &k, FAULT_NOT_FOUND, 60);
	ck_assert_int_ne(faccessat(c.root, old.p, F_OK, 0), 0);
	ck_assert_int_eq(faccessat(c.root, path.p, F_OK, 0), 0);
	cache_release(&c);
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		UNIT(refusal_comes_back_with_its_fault_and_text),
		UNIT(refusal_says_how_long_to_wait_where_its_fault_does),
		UNIT(refusal_ends_with_its_lifetime),
		UNIT(refusal_of_a_clock_that_was_ahead_is_none),
		UNIT(refusal_is_of_one_key_only),
		UNIT(refusal_of_another_key_with_the_same_hash_does_not_count),
		UNIT_EACH(damaged_refusal_counts_as_none, bad_files),
		UNIT(cleared_refusal_is_gone),
		UNIT(writing_removes_expired_ones_from_the_same_folder),
	};

	return unit_run("refusal", tests, ARRAY_SIZE(tests));
}
