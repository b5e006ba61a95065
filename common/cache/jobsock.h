/* cache/jobsock.h: the socket between responders and a lingering fetch helper.
 *
 * It carries a job and its outcome, never content: that goes through the cache.
 * The socket lies in state/ and is named after what the helper was started
 * with (program, settings), so that a newer program or other settings get a
 * helper of their own and the old one leaves when nobody asks it any more.
 *
 * One connection is one job: a packet with the request and the descriptors of
 * the locks that the job holds, then a packet with the outcome. A connection
 * that ends without one means that the helper died.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CACHE_JOBSOCK_H
#define CACHE_JOBSOCK_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"
#include "module/key.h"

struct cache;

/* "helper-0123456789abcdef.sock" */
#define JOBSOCK_NAME_MAX 40

/* The name for a helper with this identity (any text that tells it apart). */
void jobsock_name(struct str identity, char ret[static JOBSOCK_NAME_MAX]);

/* A connection to the helper of that name: the descriptor, or -errno; -ENOENT
 * and -ECONNREFUSED mean that there is none, -ENAMETOOLONG that the cache's
 * path cannot hold a socket. */
int jobsock_connect(const struct cache *c, const char *name);

/* A new listening socket under that name, replacing what was there; the caller
 * holds the lock of lock_helper(). The descriptor, or -errno. */
int jobsock_listen(const struct cache *c, const char *name);

/* Takes the name away, so that new connections start another helper. */
void jobsock_remove(const struct cache *c, const char *name);

/* Which socket has that name; false when none has. */
struct jobsock_id {
	dev_t dev;
	ino_t ino;
};

bool jobsock_id(const struct cache *c, const char *name, struct jobsock_id *ret);

/* That one still has it. */
bool jobsock_is(const struct cache *c, const char *name, const struct jobsock_id *id);

/* Takes sockets away that nobody listens on; the caller holds the lock of
 * lock_helper(). */
void jobsock_sweep(const struct cache *c);

/* The request: k, and one or two locks that travel with it (-1: none). 0 or
 * -errno. */
int jobsock_ask(int fd, const struct key *k, int key_lock, int turn_lock) WARN_UNUSED;

/* Reads it: *k reuses its buffers, the locks are the caller's. -1 with why. */
int jobsock_read(int fd, struct key *k, int *ret_key_lock, int *ret_turn_lock,
		 struct err *err) WARN_UNUSED;

struct outcome {
	struct err err;		/* fault NONE: it is in the cache */
	struct buf source;	/* who answered, for the log */
	int64_t bytes;
	int64_t ms;
};

#define OUTCOME() ((struct outcome){ ERR(), BUF(MAX_ERRTEXT), 0, 0 })

void outcome_release(struct outcome *o);

int jobsock_answer(int fd, const struct outcome *o) WARN_UNUSED;

/* Waits until the deadline, or until the process is being stopped. 1: *ret is
 * the outcome; 0: no answer in time; -1: the helper died. */
int jobsock_wait(int fd, int64_t deadline_ms, struct outcome *ret) WARN_UNUSED;

#endif
