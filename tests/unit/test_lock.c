/* tests/unit/test_lock.c
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/child.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"
#include "cache/lock.h"
#include "tests/unit/cachetest.h"
#include "tests/unit/unit.h"

#include "base/banned.h"

static int try_key(const struct cache *c, const struct key *k, int *ret_fd)
{
	CLEANUP(err_release) struct err err = ERR();
	int rc = lock_key(c, k, 0, ret_fd, &err);

	ck_assert_msg(rc >= 0, "%s", err.text.p);
	return rc;
}

START_TEST(key_has_one_holder_in_a_process)
{
	CLEANUP(key_release) struct key k = test_key(KIND_ZIP, "example.com/m", "v1.0.0");
	struct cache c = test_cache();
	int first = -1;
	int second = -1;

	ck_assert_int_eq(try_key(&c, &k, &first), 1);
	ck_assert_int_eq(try_key(&c, &k, &second), 0);
	ck_assert_int_eq(second, -1);
	fd_close(&first);
	ck_assert_int_eq(try_key(&c, &k, &second), 1);
	fd_close(&second);
	cache_release(&c);
}
END_TEST

START_TEST(other_keys_are_free)
{
	CLEANUP(key_release) struct key k = test_key(KIND_ZIP, "example.com/m", "v1.0.0");
	CLEANUP(key_release) struct key other = test_key(KIND_MOD, "example.com/m", "v1.0.0");
	struct cache c = test_cache();
	int first = -1;
	int second = -1;

	ck_assert_int_eq(try_key(&c, &k, &first), 1);
	ck_assert_int_eq(try_key(&c, &other, &second), 1);
	fd_close(&first);
	fd_close(&second);
	cache_release(&c);
}
END_TEST

/* Starts a program that holds descriptor `fd` until it is killed. */
static pid_t hold_in_child(int fd)
{
	CLEANUP(err_release) struct err err = ERR();
	const char *const argv[] = { "/bin/sleep", "60", NULL };
	const char *const env[] = { NULL };
	struct child_spec spec = { .program = "/bin/sleep", .argv = argv, .env = env,
				   .keep = { fd }, .n_keep = 1 };
	pid_t pid = -1;

	ck_assert_int_eq(child_start(&spec, &pid, &err), 0);
	return pid;
}

START_TEST(lock_lives_in_a_child_that_inherited_it_and_dies_with_it)
{
	CLEANUP(key_release) struct key k = test_key(KIND_ZIP, "example.com/m", "v1.0.0");
	struct cache c = test_cache();
	int mine = -1;
	int again = -1;

	ck_assert_int_eq(try_key(&c, &k, &mine), 1);
	pid_t pid = hold_in_child(mine);
	fd_close(&mine);
	ck_assert_int_eq(try_key(&c, &k, &again), 0);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	ck_assert_int_eq(try_key(&c, &k, &again), 1);
	fd_close(&again);
	cache_release(&c);
}
END_TEST

START_TEST(waiting_ends_at_the_deadline)
{
	CLEANUP(err_release) struct err err = ERR();
	CLEANUP(key_release) struct key k = test_key(KIND_ZIP, "example.com/m", "v1.0.0");
	struct cache c = test_cache();
	int first = -1;
	int second = -1;

	ck_assert_int_eq(try_key(&c, &k, &first), 1);
	ck_assert_int_eq(lock_key(&c, &k, clock_ms() + 30, &second, &err), 0);
	fd_close(&first);
	cache_release(&c);
}
END_TEST

START_TEST(names_have_locks_beside_those_of_keys)
{
	CLEANUP(err_release) struct err err = ERR();
	CLEANUP(key_release) struct key k = test_key(KIND_ZIP, "example.com/m", "v1.0.0");
	struct cache c = test_cache();
	int fds[4] = { -1, -1, -1, -1 };

	ck_assert_int_eq(try_key(&c, &k, &fds[0]), 1);
	ck_assert_int_eq(lock_name(&c, STR("state/vcs/a"), 0, &fds[1], &err), 1);
	ck_assert_int_eq(lock_name(&c, STR("state/vcs/b"), 0, &fds[2], &err), 1);
	ck_assert_int_eq(lock_name(&c, STR("state/vcs/a"), clock_ms() + 30, &fds[3], &err), 0);
	fd_close(&fds[1]);
	ck_assert_int_eq(lock_name(&c, STR("state/vcs/a"), 0, &fds[3], &err), 1);
	for (size_t i = 0; i < 4; i++)
		fd_close(&fds[i]);
	cache_release(&c);
}
END_TEST

struct contest {
	struct cache c;
	struct key k;
	atomic_int inside;
	atomic_int worst;
	atomic_int done;
};

static void *contend(void *arg)
{
	CLEANUP(err_release) struct err err = ERR();
	struct contest *t = arg;

	for (int i = 0; i < 50; i++) {
		int fd = -1;
		if (lock_key(&t->c, &t->k, clock_ms() + 60000, &fd, &err) != 1)
			break;
		int inside = atomic_fetch_add(&t->inside, 1) + 1;
		if (inside > atomic_load(&t->worst))
			atomic_store(&t->worst, inside);
		atomic_fetch_sub(&t->inside, 1);
		atomic_fetch_add(&t->done, 1);
		fd_close(&fd);
	}
	return NULL;
}

START_TEST(threads_exclude_each_other)
{
	struct contest t = { .c = test_cache(),
			     .k = test_key(KIND_ZIP, "example.com/m", "v1.0.0") };
	pthread_t ids[8];

	for (size_t i = 0; i < ARRAY_SIZE(ids); i++)
		ck_assert_int_eq(pthread_create(&ids[i], NULL, contend, &t), 0);
	for (size_t i = 0; i < ARRAY_SIZE(ids); i++)
		pthread_join(ids[i], NULL);
	ck_assert_int_eq(atomic_load(&t.worst), 1);
	ck_assert_int_eq(atomic_load(&t.done), 50 * (int)ARRAY_SIZE(ids));
	key_release(&t.k);
	cache_release(&t.c);
}
END_TEST

START_TEST(turns_are_as_many_as_said)
{
	CLEANUP(err_release) struct err err = ERR();
	struct cache c = test_cache();
	int fds[3] = { -1, -1, -1 };
	int more = -1;

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		ck_assert_int_eq(lock_turn(&c, 3, 0, &fds[i], &err), 1);
	ck_assert_int_eq(lock_turn(&c, 3, 0, &more, &err), 0);
	fd_close(&fds[1]);
	ck_assert_int_eq(lock_turn(&c, 3, 0, &more, &err), 1);
	fd_close(&more);
	fd_close(&fds[0]);
	fd_close(&fds[2]);
	cache_release(&c);
}
END_TEST

START_TEST(missing_lock_file_is_made_again)
{
	CLEANUP(key_release) struct key k = test_key(KIND_ZIP, "example.com/m", "v1.0.0");
	struct cache c = test_cache();
	int fd = -1;

	ck_assert_int_eq(try_key(&c, &k, &fd), 1);
	fd_close(&fd);
	ck_assert_int_eq(io_unlink(c.root, "state/locks"), 0);
	ck_assert_int_eq(try_key(&c, &k, &fd), 1);
	fd_close(&fd);
	cache_release(&c);
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		UNIT(key_has_one_holder_in_a_process),
		UNIT(other_keys_are_free),
		UNIT(lock_lives_in_a_child_that_inherited_it_and_dies_with_it),
		UNIT(waiting_ends_at_the_deadline),
		UNIT(names_have_locks_beside_those_of_keys),
		UNIT(threads_exclude_each_other),
		UNIT(turns_are_as_many_as_said),
		UNIT(missing_lock_file_is_made_again),
	};

	return unit_run("lock", tests, ARRAY_SIZE(tests));
}
