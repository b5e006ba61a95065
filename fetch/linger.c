/* fetch/linger.c: one helper that serves many misses.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <errno.h>
#include <fcntl.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/stop.h"
#include "cache/cache.h"
#include "cache/jobsock.h"
#include "cache/lock.h"
#include "cache/publish.h"
#include "config/config.h"
#include "fetch/ahead.h"
#include "fetch/job.h"
#include "fetch/linger.h"
#include "fetch/net.h"
#include "fetch/report.h"
#include "fetch/sumdbclient.h"

#include "base/banned.h"

/* OpenSSL's handshake is in the network's thread; a job needs some 60 kB for
 * libzip and the blocks it copies through. */
#ifdef STOA_SANITIZERS
#define STACK_SIZE (4u << 20)
#else
#define STACK_SIZE (256u << 10)
#endif

/* How often the loop looks at its clock. */
#define STEP_MS 500

/* A job that is this much past its own deadline hangs: the helper takes no more
 * of them, and ends when the others have. */
#define HUNG_MS 5000

/* What a stop leaves to jobs that are being failed. */
#define STOP_MS 1000

/* Heaps of the C library that the threads share: with 4, the helper of the
 * bench's live download holds 20.6 MB; with glibc's own 16 (on 2 processors),
 * 25.5. */
#define MOST_HEAPS 4

/* One job under way. */
struct seat {
	struct helper *linger;
	int fd;
	atomic_llong deadline_ms;	/* 0: nobody sits here */
};

/* Responders hold one of fetch_max (at most 1024) turns for each job. */
#define SEATS 1024

struct helper {
	const struct config *config;
	const struct cache *cache;
	const struct linger_args *args;
	struct net net;
	struct sumdb *sumdb;
	struct ahead ahead;
	struct jobsock_id id;	/* of the socket's name when we began */
	atomic_int jobs;
	atomic_llong last_ms;	/* when a job came or ended */
	struct seat seats[SEATS];
};

static bool name_is_ours(const struct helper *l)
{
	return jobsock_is(l->cache, l->args->name, &l->id);
}

/* Under the lock that starting takes too, so that what is removed is ours. */
static void give_up_name(const struct helper *l)
{
	CLEANUP(err_release) struct err err = ERR();
	CLEANUP(fd_close) int lock = -1;

	if (lock_helper(l->cache, clock_ms() + 1000, &lock, &err) == 1 && name_is_ours(l))
		jobsock_remove(l->cache, l->args->name);
}

/* Helpers that were killed leave their sockets behind. */
static void sweep_sockets(const struct helper *l)
{
	CLEANUP(err_release) struct err err = ERR();
	CLEANUP(fd_close) int lock = -1;

	if (lock_helper(l->cache, 0, &lock, &err) == 1)
		jobsock_sweep(l->cache);
}

/* --- one job --- */

static void run_job(struct helper *l, struct seat *seat, const struct key *k,
		    struct outcome *out)
{
	CLEANUP(job_release) struct job j;
	struct settings settings;
	int64_t since = clock_ms();

	config_for(l->config, buf_view(&k->path), &settings);
	job_init(&j, l->cache, &settings, config_child_env(l->config), &l->net);
	j.sumdb = l->sumdb;
	ahead_watch(&l->ahead, &j);
	atomic_store(&seat->deadline_ms, j.deadline_ms);
	(void)!job_run(&j, k, &out->err);
	out->ms = clock_ms() - since;
	out->bytes = j.bytes;
	buf_str(&out->source, str_head(buf_view(&j.source), out->source.max));
	report_job(k, &j, out->ms, NULL, &out->err);
}

/* The locks are given up before the answer goes out: whoever gets it may ask
 * for the next thing at once. */
static void serve_job(struct helper *l, struct seat *seat)
{
	CLEANUP(key_release) struct key k = KEY();
	CLEANUP(outcome_release) struct outcome out = OUTCOME();
	CLEANUP(fd_close) int key_lock = -1;
	CLEANUP(fd_close) int turn_lock = -1;

	if (jobsock_read(seat->fd, &k, &key_lock, &turn_lock, &out.err) == 0)
		run_job(l, seat, &k, &out);
	fd_close(&key_lock);
	fd_close(&turn_lock);
	(void)!jobsock_answer(seat->fd, &out); /* nobody need wait for it */
}

static void *seat_main(void *arg)
{
	struct seat *seat = arg;
	struct helper *l = seat->linger;

	serve_job(l, seat);
	fd_close(&seat->fd);
	atomic_store(&l->last_ms, clock_ms());
	atomic_store(&seat->deadline_ms, 0);
	atomic_fetch_sub(&l->jobs, 1);
	return NULL;
}

static struct seat *free_seat(struct helper *l)
{
	for (size_t i = 0; i < SEATS; i++)
		if (atomic_load(&l->seats[i].deadline_ms) == 0)
			return &l->seats[i];
	return NULL;
}

/* A connection that is closed without an answer is asked for again. */
static void seat_job(struct helper *l, int fd)
{
	struct timeval tv = { 5, 0 };
	struct seat *seat = free_seat(l);
	pthread_attr_t attr;
	pthread_t id;

	if (!seat) {
		fd_close(&fd);
		return;
	}
	/* A responder sends its job as soon as it is connected. */
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
	seat->linger = l;
	seat->fd = fd;
	atomic_store(&seat->deadline_ms, clock_ms() + 10000);
	atomic_fetch_add(&l->jobs, 1);
	atomic_store(&l->last_ms, clock_ms());
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	if (pthread_create(&id, &attr, seat_main, seat) != 0) {
		fd_close(&seat->fd);
		atomic_store(&seat->deadline_ms, 0);
		atomic_fetch_sub(&l->jobs, 1);
	}
	pthread_attr_destroy(&attr);
}

/* --- the loop --- */

static int hung_jobs(struct helper *l)
{
	int64_t now = clock_ms();
	int n = 0;

	for (size_t i = 0; i < SEATS; i++) {
		int64_t deadline = atomic_load(&l->seats[i].deadline_ms);
		n += deadline && now > deadline + HUNG_MS;
	}
	return n;
}

static void accept_all(struct helper *l)
{
	for (;;) {
		int fd = accept4(l->args->listen_fd, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0)
			return;
		seat_job(l, fd);
	}
}

enum leash { LEASH_HELD, LEASH_LOOSE, LEASH_STOP };

static enum leash look_at_leash(const struct pollfd *pfd)
{
	if (pfd->fd < 0)
		return LEASH_HELD;
	if (pfd->revents & POLLIN)
		return LEASH_STOP;
	return pfd->revents & (POLLHUP | POLLERR | POLLNVAL) ? LEASH_LOOSE : LEASH_HELD;
}

static bool is_busy(struct helper *l)
{
	return atomic_load(&l->jobs) > 0 || ahead_busy(&l->ahead);
}

/* Takes jobs until it is time to leave. */
static void serve(struct helper *l)
{
	int64_t idle_ms = config_global(l->config)->helper_idle * 1000;
	struct pollfd pfds[2] = {
		{ .fd = l->args->listen_fd, .events = POLLIN },
		{ .fd = l->args->leash, .events = POLLIN },
	};

	for (int64_t looked = clock_ms();;) {
		pfds[0].revents = 0;
		pfds[1].revents = 0;
		if (poll(pfds, 2, STEP_MS) < 0 && errno != EINTR)
			return;
		if (pfds[0].revents & POLLIN)
			accept_all(l);
		enum leash leash = look_at_leash(&pfds[1]);
		if (leash == LEASH_STOP) {
			stop_request();
			return;
		}
		if (leash == LEASH_LOOSE) {
			pfds[1].fd = -1; /* it would wake us for ever */
			idle_ms = 0;
		}
		if (!is_busy(l) && clock_ms() - atomic_load(&l->last_ms) >= idle_ms)
			return;
		if (clock_ms() - looked >= STEP_MS) {
			looked = clock_ms();
			if (!name_is_ours(l) || hung_jobs(l))
				return;
		}
	}
}

/* Jobs that are under way go on; those that hang are left to the end of the
 * process. Connections that came before the name was given up are served. */
static void finish(struct helper *l)
{
	int64_t stop_until = 0;

	give_up_name(l);
	accept_all(l);
	while (is_busy(l)) {
		struct pollfd leash = { .fd = l->args->leash, .events = POLLIN };
		if (poll(&leash, 1, 20) > 0 && look_at_leash(&leash) == LEASH_STOP)
			stop_request();
		clock_pause(5);
		accept_all(l);
		if (stop_requested() && stop_until == 0) {
			ahead_stop(&l->ahead);
			net_nudge(&l->net);
			stop_until = clock_ms() + STOP_MS;
		}
		if (stop_until && clock_left(stop_until) == 0)
			return;
		if (atomic_load(&l->jobs) == hung_jobs(l) && !ahead_busy(&l->ahead))
			return;
	}
}

/* Each heap keeps the most that any job ever needed of it. */
static void share_heaps(void)
{
#ifdef M_ARENA_MAX
	mallopt(M_ARENA_MAX, MOST_HEAPS);
#endif
}

int linger_run(const struct config *config, const struct cache *cache,
	       const struct linger_args *args, struct err *err)
{
	struct helper *l = xcalloc(1, sizeof(*l));
	int flags = fcntl(args->listen_fd, F_GETFL);

	share_heaps();
	l->config = config;
	l->cache = cache;
	l->args = args;
	l->net = NET(config_global(config));
	if (flags < 0 || fcntl(args->listen_fd, F_SETFL, flags | O_NONBLOCK) < 0 ||
	    net_run(&l->net, err) < 0) {
		free(l);
		return err->fault ? -1 : err_sys(err, FAULT_LOCAL, errno, "the helper's socket");
	}
	(void)!jobsock_id(cache, args->name, &l->id);
	atomic_store(&l->last_ms, clock_ms());
	l->sumdb = sumdb_new(config_global(config), config_child_env(config));
	sumdb_linger(l->sumdb);
	ahead_init(&l->ahead, config, cache, &l->net);
	l->ahead.sumdb = l->sumdb;
	stage_sweep(cache);
	sweep_sockets(l);
	serve(l);
	finish(l);
	ahead_stop(&l->ahead);
	if (is_busy(l))
		_exit(0); /* what hangs still uses our memory */
	ahead_release(&l->ahead);
	net_release(&l->net);
	sumdb_free(l->sumdb);
	free(l);
	return 0;
}
