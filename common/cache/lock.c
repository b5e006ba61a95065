/* cache/lock.c: byte-range locks on CACHE/state/locks.
 *
 * Waiting is polling with growing pauses: fcntl(2) has no wait with a deadline,
 * and a signal to end F_OFD_SETLKW would need a timer for each thread. A pause
 * is a sixteenth of the time waited so far, from 1 ms to 20 ms: whoever waits for
 * a short fetch loses little, and whoever waits long costs little.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/io.h"
#include "base/limits.h"
#include "base/stop.h"
#include "cache/cache.h"
#include "cache/lock.h"
#include "module/key.h"

#include "base/banned.h"

#define LOCK_FILE "state/locks"
#define PAUSE_MAX 20

/* Where open file description locks are missing, POSIX locks keep processes
 * apart but not the threads of one; publishing stays correct, since a name is
 * given at once, and only work may be done twice. */
#if HAVE_DECL_F_OFD_SETLK
#define LOCK_CMD F_OFD_SETLK
#else
#define LOCK_CMD F_SETLK
#endif

static int open_locks(const struct cache *c, struct err *err)
{
	int fd = io_open_beneath(c->root, LOCK_FILE, O_RDWR | O_CREAT, 0666);

	if (fd == -ENOENT && io_mkdirs(c->root, "state") == 0)
		fd = io_open_beneath(c->root, LOCK_FILE, O_RDWR | O_CREAT, 0666);
	if (fd < 0)
		return err_sys(err, FAULT_LOCAL, -fd, "cannot open the cache's lock file");
	return fd;
}

/* 1 taken, 0 somebody else's, -errno. */
static int try_byte(int fd, int64_t at)
{
	struct flock fl = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = at, .l_len = 1 };
	int rc = -1;

	do {
		rc = fcntl(fd, LOCK_CMD, &fl);
	} while (rc < 0 && errno == EINTR);
	if (rc == 0)
		return 1;
	return errno == EAGAIN || errno == EACCES ? 0 : -errno;
}

/* While waiting, a look is at this many of the bytes, each time at the next
 * ones: hundreds that wait for one of many turns must not spend the machine on
 * looking at all of them. */
#define LOOK_AT 4

/* Tries `n` bytes from `first` on, starting at the `start`-th, until one is taken
 * or the deadline passes. */
static int take(const struct cache *c, int64_t first, int64_t n, int64_t start, int64_t deadline_ms,
		int *ret_fd, struct err *err)
{
	CLEANUP(fd_close) int fd = open_locks(c, err);
	int64_t since = clock_ms();
	int64_t looks = n;

	if (fd < 0)
		return -1;
	for (;;) {
		for (int64_t i = 0; i < looks; i++) {
			int got = try_byte(fd, first + (start + i) % n);
			if (got < 0)
				return err_sys(err, FAULT_LOCAL, -got, "cannot lock in the cache");
			if (got) {
				*ret_fd = fd_steal(&fd);
				return 1;
			}
		}
		if (deadline_ms == 0 || clock_left(deadline_ms) == 0 || stop_requested())
			return 0;
		int64_t pause = (clock_ms() - since) / 16 + 1;
		clock_pause(pause < PAUSE_MAX ? pause : PAUSE_MAX);
		start += looks;
		looks = n < LOOK_AT ? n : LOOK_AT;
	}
}

int lock_key(const struct cache *c, const struct key *k, int64_t deadline_ms, int *ret_fd,
	     struct err *err)
{
	CLEANUP(buf_release) struct buf path = BUF(MAX_RELPATH);

	key_file(k, &path);
	if (buf_ok(&path, "the module's path", err) < 0)
		return -1;
	return lock_name(c, buf_view(&path), deadline_ms, ret_fd, err);
}

int lock_name(const struct cache *c, struct str name, int64_t deadline_ms, int *ret_fd,
	      struct err *err)
{
	int64_t at = (int64_t)(hash64(name) % (uint64_t)LOCK_TURNS);

	return take(c, at, 1, 0, deadline_ms, ret_fd, err);
}

int lock_turn(const struct cache *c, int64_t most, int64_t deadline_ms, int *ret_fd,
	      struct err *err)
{
	static atomic_uint spread;
	int64_t start = (int64_t)getpid() + atomic_fetch_add(&spread, 7u);

	return take(c, LOCK_TURNS, most, start % most, deadline_ms, ret_fd, err);
}

int lock_helper(const struct cache *c, int64_t deadline_ms, int *ret_fd, struct err *err)
{
	return take(c, LOCK_HELPER, 1, 0, deadline_ms, ret_fd, err);
}
