/* tests/unit/test_jobsock.c
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "cache/jobsock.h"
#include "cache/lock.h"
#include "tests/unit/cachetest.h"
#include "tests/unit/unit.h"

#include "base/banned.h"

#define NAME "helper-0000000000000001.sock"

START_TEST(job_and_locks_arrive_and_the_outcome_comes_back)
{
	CLEANUP(err_release) struct err err = ERR();
	CLEANUP(key_release) struct key k = test_key(KIND_ZIP, "example.com/M", "v1.0.0-RC1");
	CLEANUP(key_release) struct key got = KEY();
	CLEANUP(outcome_release) struct outcome sent = OUTCOME();
	CLEANUP(outcome_release) struct outcome back = OUTCOME();
	struct cache c = test_cache();
	int lock = -1;
	int again = -1;
	int far_lock = -1;
	int far_turn = -1;

	int listener = jobsock_listen(&c, NAME);
	ck_assert_int_ge(listener, 0);
	int near = jobsock_connect(&c, NAME);
	ck_assert_int_ge(near, 0);
	ck_assert_int_eq(lock_key(&c, &k, 0, &lock, &err), 1);
	ck_assert_int_eq(jobsock_ask(near, &k, lock, -1), 0);
	fd_close(&lock);
	int far = accept(listener, NULL, NULL);
	ck_assert_int_eq(jobsock_read(far, &got, &far_lock, &far_turn, &err), 0);
	ck_assert_int_eq(got.kind, KIND_ZIP);
	unit_eq(buf_view(&got.path), STR("example.com/M"));
	unit_eq(buf_view(&got.eversion), STR("v1.0.0-!r!c1"));
	ck_assert_int_eq(far_turn, -1);
	/* the lock is held by the descriptor that travelled */
	ck_assert_int_eq(lock_key(&c, &k, 0, &again, &err), 0);
	fd_close(&far_lock);
	ck_assert_int_eq(lock_key(&c, &k, 0, &again, &err), 1);
	fd_close(&again);

	err_set(&sent.err, FAULT_RATE_LIMITED, "two\nlines");
	sent.err.retry_after = 7;
	sent.bytes = 123456789012;
	sent.ms = 5;
	buf_puts(&sent.source, "https://up.example");
	ck_assert_int_eq(jobsock_answer(far, &sent), 0);
	ck_assert_int_eq(jobsock_wait(near, clock_ms() + 5000, &back), 1);
	ck_assert_int_eq(back.err.fault, FAULT_RATE_LIMITED);
	ck_assert_int_eq(back.err.retry_after, 7);
	unit_eq(buf_view(&back.err.text), STR("two\nlines"));
	unit_eq(buf_view(&back.source), STR("https://up.example"));
	ck_assert_int_eq(back.bytes, 123456789012);
	close(near);
	close(far);
	close(listener);
	cache_release(&c);
}
END_TEST

START_TEST(nobody_there_is_told_from_other_trouble)
{
	struct cache c = test_cache();

	ck_assert_int_eq(jobsock_connect(&c, NAME), -ENOENT);
	int listener = jobsock_listen(&c, NAME);
	ck_assert_int_ge(listener, 0);
	close(listener); /* as a helper that was killed leaves it */
	ck_assert_int_eq(jobsock_connect(&c, NAME), -ECONNREFUSED);
	cache_release(&c);
}
END_TEST

START_TEST(new_listener_replaces_a_stale_socket)
{
	struct cache c = test_cache();

	int old = jobsock_listen(&c, NAME);
	close(old);
	int listener = jobsock_listen(&c, NAME);
	ck_assert_int_ge(listener, 0);
	int fd = jobsock_connect(&c, NAME);
	ck_assert_int_ge(fd, 0);
	close(fd);
	close(listener);
	jobsock_remove(&c, NAME);
	ck_assert_int_eq(jobsock_connect(&c, NAME), -ENOENT);
	cache_release(&c);
}
END_TEST

START_TEST(helper_that_dies_is_told_from_one_that_is_slow)
{
	CLEANUP(outcome_release) struct outcome out = OUTCOME();
	struct cache c = test_cache();

	int listener = jobsock_listen(&c, NAME);
	int near = jobsock_connect(&c, NAME);
	int far = accept(listener, NULL, NULL);
	ck_assert_int_eq(jobsock_wait(near, clock_ms() + 20, &out), 0);
	close(far);
	ck_assert_int_eq(jobsock_wait(near, clock_ms() + 5000, &out), -1);
	close(near);
	close(listener);
	cache_release(&c);
}
END_TEST

static const char *const bad_jobs[] = {
	"",
	"stoa-job 2\nzip\nexample.com/m\nv1.0.0\n",
	"stoa-job 1\nbanana\nexample.com/m\nv1.0.0\n",
	"stoa-job 1\nzip\nexample.com/m",
	"stoa-job 1\nzip\n../../etc\nv1.0.0\n",
	"stoa-job 1\nzip\nexample.com/m\n../v1.0.0\n",
	"stoa-job 1\nzip\nexample.com/m\nv1\n",
};

START_TEST(malformed_job_is_refused)
{
	CLEANUP(err_release) struct err err = ERR();
	CLEANUP(key_release) struct key k = KEY();
	int lock = -1;
	int turn = -1;
	int pair[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	ck_assert_int_ge(send(pair[0], bad_jobs[_i], strlen(bad_jobs[_i]), 0), 0);
	ck_assert_int_lt(jobsock_read(pair[1], &k, &lock, &turn, &err), 0);
	close(pair[0]);
	close(pair[1]);
}
END_TEST

START_TEST(long_cache_path_is_reached_all_the_same)
{
	CLEANUP(err_release) struct err err = ERR();
	CLEANUP(buf_release) struct buf deep = BUF(4000);
	struct cache base = test_cache();
	struct cache c = CACHE();

	buf_puts(&deep, base.dir);
	for (int i = 0; i < 20; i++)
		buf_puts(&deep, "/a-folder-name");
	ck_assert_msg(cache_open(&c, deep.p, &err) == 0, "%s", err.text.p);
	int listener = jobsock_listen(&c, NAME);
	if (listener == -ENAMETOOLONG && access("/proc/self/fd", X_OK) < 0) {
		cache_release(&c);
		cache_release(&base);
		return; /* such a system has no way; a oneshot helper works */
	}
	ck_assert_int_ge(listener, 0);
	int fd = jobsock_connect(&c, NAME);
	ck_assert_int_ge(fd, 0);
	close(fd);
	close(listener);
	cache_release(&c);
	cache_release(&base);
}
END_TEST

START_TEST(sweep_takes_only_what_nobody_listens_on)
{
	struct cache c = test_cache();

	int dead = jobsock_listen(&c, NAME);
	int alive = jobsock_listen(&c, "helper-0000000000000002.sock");
	test_write(&c, "state/other", "x");
	close(dead);
	jobsock_sweep(&c);
	ck_assert_int_eq(jobsock_connect(&c, NAME), -ENOENT);
	int fd = jobsock_connect(&c, "helper-0000000000000002.sock");
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(faccessat(c.root, "state/other", F_OK, 0), 0);
	close(fd);
	close(alive);
	cache_release(&c);
}
END_TEST

START_TEST(name_tells_identities_apart)
{
	char a[JOBSOCK_NAME_MAX];
	char b[JOBSOCK_NAME_MAX];

	jobsock_name(STR("one"), a);
	jobsock_name(STR("two"), b);
	ck_assert_str_ne(a, b);
	jobsock_name(STR("one"), b);
	ck_assert_str_eq(a, b);
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		UNIT(job_and_locks_arrive_and_the_outcome_comes_back),
		UNIT(nobody_there_is_told_from_other_trouble),
		UNIT(new_listener_replaces_a_stale_socket),
		UNIT(helper_that_dies_is_told_from_one_that_is_slow),
		UNIT_EACH(malformed_job_is_refused, bad_jobs),
		UNIT(long_cache_path_is_reached_all_the_same),
		UNIT(sweep_takes_only_what_nobody_listens_on),
		UNIT(name_tells_identities_apart),
	};

	return unit_run("jobsock", tests, ARRAY_SIZE(tests));
}
