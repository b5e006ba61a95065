/* tests/unit/test_sumsave.c: what is to be written is found until it is, and then
 * is there whole.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/io.h"
#include "cache/cache.h"
#include "cache/lock.h"
#include "config/config.h"
#include "fetch/job.h"
#include "fetch/sumdbclient.h"
#include "fetch/sumdbparts.h"
#include "tests/unit/cachetest.h"
#include "tests/unit/unit.h"

#include "base/banned.h"

/* More than wait at the same time. */
#define MANY 600

struct site {
	struct cache cache;
	struct config *config;
	struct job job;
	struct sumdb *db;
};

static void site_open(struct site *s, bool lingers)
{
	static char *const env[] = { NULL };
	CLEANUP(err_release) struct err err = ERR();

	*s = (struct site){ .cache = test_cache() };
	ck_assert_int_eq(config_load_text("test", "sync = yes\n", env, false, &s->config, &err), 0);
	s->job.cache = &s->cache;
	s->db = sumdb_new(config_global(s->config), config_child_env(s->config));
	if (lingers)
		sumdb_linger(s->db);
}

static void site_close(struct site *s)
{
	sumdb_free(s->db);
	config_free(s->config);
	cache_release(&s->cache);
}

static void name_of(int i, struct buf *ret)
{
	buf_reset(ret);
	buf_printf(ret, "state/sumdb/example.org/tile/8/0/%03d", i);
}

static void put(struct site *s, const char *path, const char *text, bool replace)
{
	sumsave_put(s->db, &s->job, path, str_of(text), replace, NULL);
}

static void has(struct site *s, const char *path, const char *text)
{
	CLEANUP(buf_release) struct buf got = BUF(100);

	ck_assert_int_eq(io_read_file(s->cache.root, path, &got), 0);
	unit_eq(buf_view(&got), str_of(text));
}

static int staged(const struct site *s)
{
	DIR *d = fdopendir(io_open(s->cache.root, "state/stage", O_RDONLY | O_DIRECTORY, 0));
	int n = 0;

	ck_assert_ptr_nonnull(d);
	for (struct dirent *de = readdir(d); de; de = readdir(d))
		n += de->d_name[0] != '.';
	closedir(d);
	return n;
}

START_TEST(a_process_for_one_job_writes_at_once)
{
	unsigned char data[4];
	struct site s;

	site_open(&s, false);
	put(&s, "state/sumdb/example.org/a", "text", false);
	has(&s, "state/sumdb/example.org/a", "text");
	ck_assert(!sumsave_find(s.db, "state/sumdb/example.org/a", data, 4));
	ck_assert_int_eq(staged(&s), 0);
	site_close(&s);
}
END_TEST

static const bool ways[] = { false, true };

START_TEST(what_is_there_stays_unless_it_is_to_be_replaced)
{
	struct site s;

	site_open(&s, ways[_i]);
	test_write(&s.cache, "state/sumdb/example.org/a", "old");
	test_write(&s.cache, "state/sumdb/example.org/b", "old");
	put(&s, "state/sumdb/example.org/a", "new", false);
	put(&s, "state/sumdb/example.org/b", "new", true);
	put(&s, "state/sumdb/example.org/empty", "", false);
	sumsave_end(s.db);
	has(&s, "state/sumdb/example.org/a", "old");
	has(&s, "state/sumdb/example.org/b", "new");
	has(&s, "state/sumdb/example.org/empty", "");
	ck_assert_int_eq(staged(&s), 0);
	site_close(&s);
}
END_TEST

/* Whatever the thread has done meanwhile: each is found in memory or on the disk. */
START_TEST(a_file_is_never_nowhere)
{
	CLEANUP(buf_release) struct buf path = BUF(100);
	unsigned char data[3];
	struct site s;
	int waited = 0;

	site_open(&s, true);
	for (int i = 0; i < MANY; i++) {
		char text[4];
		name_of(i, &path);
		snprintf(text, sizeof(text), "%03d", i);
		put(&s, path.p, text, false);
		if (sumsave_find(s.db, path.p, data, 3)) {
			ck_assert_mem_eq(data, text, 3);
			/* not what it does not have */
			ck_assert(!sumsave_find(s.db, path.p, data, 4));
			waited++;
		} else {
			has(&s, path.p, text);
		}
	}
	ck_assert_int_gt(waited, 0);
	sumsave_end(s.db);
	for (int i = 0; i < MANY; i++) {
		char text[4];
		name_of(i, &path);
		snprintf(text, sizeof(text), "%03d", i);
		has(&s, path.p, text);
	}
	ck_assert_int_eq(staged(&s), 0);
	site_close(&s);
}
END_TEST

START_TEST(a_lock_is_given_up_when_it_is_written)
{
	unsigned char data[4];
	struct site s;
	int pipes[2];

	site_open(&s, true);
	ck_assert_int_eq(pipe(pipes), 0);
	sumsave_put(s.db, &s.job, "state/sumdb/example.org/a", STR("text"), false, &pipes[1]);
	ck_assert_int_eq(pipes[1], -1);
	/* the last writer closes it when the name is there */
	ck_assert_int_eq(io_read(pipes[0], data, 1), 0);
	has(&s, "state/sumdb/example.org/a", "text");
	close(pipes[0]);
	site_close(&s);
}
END_TEST

START_TEST(one_that_cannot_be_written_takes_no_other_along)
{
	struct site s;

	site_open(&s, ways[_i]);
	test_write(&s.cache, "state/sumdb/example.org/file", "a file");
	put(&s, "state/sumdb/example.org/a", "one", false);
	put(&s, "state/sumdb/example.org/file/below", "two", false);
	put(&s, "state/sumdb/example.org/b", "three", false);
	sumsave_end(s.db);
	has(&s, "state/sumdb/example.org/a", "one");
	has(&s, "state/sumdb/example.org/b", "three");
	has(&s, "state/sumdb/example.org/file", "a file");
	ck_assert_int_eq(staged(&s), 0);
	site_close(&s);
}
END_TEST

START_TEST(behind_the_end_it_is_written_at_once)
{
	struct site s;

	site_open(&s, true);
	sumsave_end(s.db);
	put(&s, "state/sumdb/example.org/a", "text", false);
	has(&s, "state/sumdb/example.org/a", "text");
	site_close(&s);
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		UNIT(a_process_for_one_job_writes_at_once),
		UNIT_EACH(what_is_there_stays_unless_it_is_to_be_replaced, ways),
		UNIT(a_file_is_never_nowhere),
		UNIT(a_lock_is_given_up_when_it_is_written),
		UNIT_EACH(one_that_cannot_be_written_takes_no_other_along, ways),
		UNIT(behind_the_end_it_is_written_at_once),
	};
	return unit_run("sumsave", tests, ARRAY_SIZE(tests));
}
