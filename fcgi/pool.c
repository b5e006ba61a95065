/* fcgi/pool.c: threads that serve one request each.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <errno.h>
#include <fcgiapp.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/stop.h"
#include "fcgi/pool.h"
#include "serve/miss.h"
#include "serve/respond.h"

#include "base/banned.h"

/* Web servers send a request's parameters at once; one that takes longer than
 * this has died or is not a web server. */
#define READ_MS 10000

/* A client that takes nothing for this long is gone. */
#define WRITE_SECONDS 60

/* An idle kept-alive connection holds its thread this long at most, and is
 * given up at once when no other thread is free to accept. */
#define KEEP_MS 5000
#define KEEP_STEP_MS 50

/* Respond, libfcgi and posix_spawn need some 30 kB; sanitizers multiply. */
#ifdef STOA_SANITIZERS
#define STACK_SIZE (2u << 20)
#else
#define STACK_SIZE (192u << 10)
#endif

#define BLOCK_SIZE 32768

/* The time a stop leaves to requests in flight, then to helpers being ended. */
#define STOP_GRACE_MS 900
#define STOP_TOTAL_MS 1800

/* The time a graceful stop leaves to them, fetches included. New requests wait
 * for the next process as long, and web servers give up on those after 60 s. */
#define DRAIN_MS 45000

/* A web server sends its request as soon as it has connected: at a stop, a
 * connection on which none has arrived for this long is an idle one. */
#define STOP_READ_MS 500

/* FCGI_RESPONDER of the FastCGI specification. */
#define ROLE_RESPONDER 1

/* Threads in all, as a multiple of the setting: those beyond it are started when
 * others wait for fetches, and end when they are not needed any more. */
#define MOST_TIMES 8

/* Descriptors: of a thread its connection, a second one for the watchdog and a
 * file, or, without the second, two locks; of a fetch also what leads to its
 * helper; of the process the rest. */
#define FDS_THREAD 3
#define FDS_FETCH 4
#define FDS_REST 64

/* When no request is arriving on a connection: later than any time. */
#define UNWATCHED INT64_MAX

struct pool;

struct thread {
	struct pool *pool;
	atomic_bool used;	/* the place is taken */
	bool alive;		/* with `watch` held: may be signalled */
	pthread_t id;
	struct worker w;
	FCGX_Request req;
	char *block;
	bool whole;		/* the request has been read to its end */
	/* What the watchdog may shut down: a descriptor of its own for the
	 * connection, so that its number cannot become somebody else's. It lasts
	 * as long as the connection, as one for each request would take two system
	 * calls of nine; but not while a fetch is waited for. */
	pthread_mutex_t watch;
	int watched;
	int64_t watched_since;
};

struct pool {
	struct server *sv;
	int listen_fd;
	struct thread *threads;	/* `most` places */
	size_t n;		/* the setting */
	size_t most;
	atomic_size_t high;	/* places below this have been used */
	int reserve;		/* threads that must not wait for fetches */
	pthread_mutex_t starting;
	atomic_int accepting;	/* threads that wait for a connection */
	atomic_int running;	/* threads that have not ended */
	atomic_int waiting;	/* threads that wait for fetches */
	atomic_int refreshing;	/* refreshes in the background */
	atomic_bool stopping;	/* no new requests */
};

/* One pool a process: background refreshes and signals come without one. */
static struct pool the_pool;

/* Of the thread that runs, NULL where none of the pool's does. */
static _Thread_local struct thread *this_thread;

/* The last of that name: of a header that comes in two lines nginx before 1.23
 * makes two variables, and a load balancer's line is the last. */
static const char *fcgi_var(void *ctx, const char *name)
{
	const FCGX_Request *req = ctx;
	size_t n = strlen(name);
	const char *value = NULL;

	for (char **p = req->envp; p && *p; p++)
		if ((*p)[0] == name[0] && strncmp(*p, name, n) == 0 && (*p)[n] == '=')
			value = *p + n + 1;
	return value;
}

static int fcgi_write(void *ctx, const void *p, size_t n)
{
	struct thread *t = ctx;

	return FCGX_PutStr(p, (int)n, t->req.out) == (int)n ? 0 : -1;
}

static void limit_writes(int fd)
{
	struct timeval tv = { WRITE_SECONDS, 0 };

	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
}

static int fcgi_send(void *ctx, int fd, off_t off, off_t len)
{
	struct thread *t = ctx;
	struct sink sink = { fcgi_write, NULL, ctx };

	if (!t->block)
		t->block = xmalloc(BLOCK_SIZE);
	return sink_copy(&sink, fd, off, len, t->block, BLOCK_SIZE);
}

static void watch_begin(struct thread *t, int fd)
{
	pthread_mutex_lock(&t->watch);
	if (t->watched < 0)
		t->watched = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	t->watched_since = clock_ms();
	pthread_mutex_unlock(&t->watch);
}

/* Until the next request arrives on the connection. */
static void watch_pause(struct thread *t)
{
	pthread_mutex_lock(&t->watch);
	t->watched_since = UNWATCHED;
	pthread_mutex_unlock(&t->watch);
}

static void watch_end(struct thread *t)
{
	pthread_mutex_lock(&t->watch);
	fd_close(&t->watched);
	pthread_mutex_unlock(&t->watch);
}

/* Ends connections whose request has been arriving since before then, however
 * slowly its bytes keep dripping. */
static void hang_up(struct pool *p, int64_t before_ms)
{
	for (size_t i = 0; i < atomic_load(&p->high); i++) {
		struct thread *t = &p->threads[i];
		pthread_mutex_lock(&t->watch);
		if (t->watched >= 0 && t->watched_since < before_ms)
			shutdown(t->watched, SHUT_RDWR);
		pthread_mutex_unlock(&t->watch);
	}
}

/* The signal that wakes a thread at the stop reaches it only while it waits for
 * work: an answer that is being written must not be interrupted. */
static void let_wake(bool yes)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	pthread_sigmask(yes ? SIG_UNBLOCK : SIG_BLOCK, &set, NULL);
}

static int accept_one(struct pool *p)
{
	atomic_fetch_add(&p->accepting, 1);
	let_wake(true);
	int fd = accept4(p->listen_fd, NULL, NULL, SOCK_CLOEXEC);
	int errnum = errno;
	let_wake(false);
	atomic_fetch_sub(&p->accepting, 1);
	if (fd >= 0)
		return fd;
	if (errnum == EMFILE || errnum == ENFILE || errnum == ENOMEM || errnum == ENOBUFS)
		clock_pause(20);
	return -errnum;
}

/* Closes a kept connection. libfcgi would wait two seconds for the other side to
 * close it too. */
static void drop_connection(struct thread *t)
{
	int fd = t->req.ipcFd;

	watch_end(t);
	FCGX_Free(&t->req, 0);
	fd_close(&fd);
	t->req.ipcFd = -1;
}

/* The next connection to read a request from: the kept one when the web server
 * sends more on it, else a new one. -1 at the stop, or after a signal. */
static int next_connection(struct thread *t)
{
	struct pool *p = t->pool;

	if (t->req.ipcFd >= 0) {
		struct pollfd pfd = { .fd = t->req.ipcFd, .events = POLLIN };
		int left = KEEP_MS;
		do {
			if (poll(&pfd, 1, KEEP_STEP_MS) > 0)
				return t->req.ipcFd;
			left -= KEEP_STEP_MS;
		} while (!atomic_load(&p->stopping) && left > 0 && atomic_load(&p->accepting) > 0);
		if (poll(&pfd, 1, 0) > 0) /* since the last look */
			return t->req.ipcFd;
		drop_connection(t);
	}
	if (atomic_load(&p->stopping))
		return -1;
	int fd = accept_one(p);
	if (fd >= 0)
		limit_writes(fd);
	return fd;
}

/* After an abort the end never comes. */
static bool is_whole(FCGX_Stream *in)
{
	return FCGX_GetError(in) == 0 && FCGX_GetChar(in) == EOF && FCGX_GetError(in) == 0;
}

/* Reads one request, to its end when it has no body: that came with the rest, as
 * a rule, and costs no system call. FCGX_Accept_r first finishes the request
 * before, which would close a connection that is not to be kept; and it would
 * accept the next one itself when this one fails, but the listening socket that
 * it knows is -1. */
static bool read_request(struct thread *t, int fd)
{
	t->req.ipcFd = fd;
	t->req.keepConnection = 1;
	watch_begin(t, fd);
	int rc = FCGX_Accept_r(&t->req);
	t->whole = rc >= 0 && is_whole(t->req.in);
	watch_pause(t);
	if (rc < 0)
		t->req.ipcFd = -1;
	return rc >= 0;
}

/* Before it closes a connection, libfcgi waits until the web server has closed
 * its side, lest unread bytes reset the connection. Where none can be left, a
 * plain close does. */
static void finish(struct thread *t)
{
	if (t->req.keepConnection || !t->whole) {
		FCGX_Finish_r(&t->req);
		return;
	}
	t->req.keepConnection = 1;
	FCGX_Finish_r(&t->req);
	fd_close(&t->req.ipcFd);
}

static void serve_one(struct thread *t)
{
	struct sink sink = { fcgi_write, fcgi_send, t };

	if (t->req.role != ROLE_RESPONDER)
		respond_error(&t->w, FAULT_BAD_REQUEST,
			      "only the FastCGI role responder is served");
	else
		respond(t->pool->sv, &t->w, fcgi_var, &t->req);
	if (reply_send(&t->w.rp, &sink) < 0 && t->w.rp.fd >= 0) {
		/* The head has promised more bytes than came: closing the connection
		 * tells the web server that they are missing. */
		t->req.keepConnection = 0;
	}
	reply_reset(&t->w.rp);
	finish(t);
}

/* More threads than the setting says, and enough of them idle. */
static bool is_surplus(const struct thread *t)
{
	struct pool *p = t->pool;

	return (size_t)(t - p->threads) >= p->n && atomic_load(&p->accepting) > p->reserve;
}

static void *thread_main(void *arg)
{
	struct thread *t = arg;
	struct pool *p = t->pool;

	this_thread = t;
	let_wake(false);
	worker_init(&t->w);
	FCGX_InitRequest(&t->req, -1, FCGI_FAIL_ACCEPT_ON_INTR);
	t->req.ipcFd = -1;
	bool last = false;
	do {
		/* A kept connection is looked at once more after the stop has begun. */
		last = atomic_load(&p->stopping);
		int fd = next_connection(t);
		if (fd >= 0 && read_request(t, fd))
			serve_one(t);
		if (t->req.ipcFd >= 0)
			continue;
		watch_end(t);
		if (is_surplus(t))
			break;
	} while (!last);
	drop_connection(t);
	worker_release(&t->w);
	free(t->block);
	t->block = NULL;
	pthread_mutex_lock(&t->watch);
	t->alive = false;
	pthread_mutex_unlock(&t->watch);
	atomic_store(&t->used, false);
	atomic_fetch_sub(&p->running, 1);
	return NULL;
}

static int start_thread(pthread_t *id, void *(*fn)(void *), void *arg)
{
	pthread_attr_t attr;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	int rc = pthread_create(id, &attr, fn, arg);
	pthread_attr_destroy(&attr);
	return rc;
}

static void *refresh_main(void *arg)
{
	miss_refresh(arg);
	atomic_fetch_sub(&the_pool.refreshing, 1);
	return NULL;
}

/* Refreshes beyond twice the helpers' number are dropped: what they are for is
 * merely stale, and the next request asks again. */
static void background(struct server *sv, struct job *job)
{
	pthread_t id;

	if (atomic_load(&the_pool.stopping) ||
	    atomic_fetch_add(&the_pool.refreshing, 1) >= 2 * config_global(sv->config)->fetch_max) {
		atomic_fetch_sub(&the_pool.refreshing, 1);
		job_free(job);
		return;
	}
	if (start_thread(&id, refresh_main, job) != 0) {
		atomic_fetch_sub(&the_pool.refreshing, 1);
		job_free(job);
	}
}

/* A place that nobody has; with `starting` held. Places above the high mark have
 * never been touched, and cost no memory. */
static struct thread *free_place(struct pool *p)
{
	size_t high = atomic_load(&p->high);

	for (size_t i = 0; i < high; i++)
		if (!atomic_load(&p->threads[i].used))
			return &p->threads[i];
	if (high == p->most)
		return NULL;
	struct thread *t = &p->threads[high];
	t->pool = p;
	t->watched = -1;
	pthread_mutex_init(&t->watch, NULL);
	atomic_store(&p->high, high + 1);
	return t;
}

/* 0 or an error number. */
static int add_thread(struct pool *p)
{
	pthread_mutex_lock(&p->starting);
	struct thread *t = free_place(p);
	int rc = t ? 0 : EAGAIN;
	if (t) {
		atomic_store(&t->used, true);
		atomic_fetch_add(&p->running, 1);
		pthread_mutex_lock(&t->watch);
		rc = start_thread(&t->id, thread_main, t);
		t->alive = rc == 0;
		pthread_mutex_unlock(&t->watch);
		if (rc) {
			atomic_fetch_sub(&p->running, 1);
			atomic_store(&t->used, false);
		}
	}
	pthread_mutex_unlock(&p->starting);
	return rc;
}

static void waits(struct server *sv, bool begins)
{
	struct pool *p = &the_pool;

	(void)sv;
	if (!begins) {
		atomic_fetch_sub(&p->waiting, 1);
		return;
	}
	watch_end(this_thread);
	int waiting = atomic_fetch_add(&p->waiting, 1) + 1;
	if (atomic_load(&p->running) - waiting < p->reserve && !atomic_load(&p->stopping))
		(void)add_thread(p); /* none to be had: those that are there must do */
}

static int start_threads(struct pool *p, struct err *err)
{
	pthread_mutex_init(&p->starting, NULL);
	for (size_t i = 0; i < p->n; i++) {
		int rc = add_thread(p);
		if (rc == 0)
			continue;
		if (i == 0)
			return err_sys(err, FAULT_LOCAL, rc, "cannot start a thread");
		log_text(LOG_LEVEL_WARN, "only %zu of %zu threads could be started", i, p->n);
		break;
	}
	return 0;
}

static int wait_for_signal(struct pool *p, const sigset_t *stoppers)
{
	struct timespec second = { 1, 0 };
	int sig = -1;

	while ((sig = sigtimedwait(stoppers, NULL, &second)) < 0) {
		hang_up(p, clock_ms() - READ_MS);
		helper_reap(&p->sv->helper);
	}
	return sig;
}

/* Wakes whoever waits in accept or poll until all have ended, time is up or
 * another signal comes. */
static void end_threads(struct pool *p, int64_t until_ms, const sigset_t *stoppers)
{
	struct timespec no_time = { 0, 0 };

	while ((atomic_load(&p->running) || atomic_load(&p->refreshing)) &&
	       clock_left(until_ms) > 0 && sigtimedwait(stoppers, NULL, &no_time) < 0) {
		hang_up(p, clock_ms() - STOP_READ_MS);
		for (size_t i = 0; i < atomic_load(&p->high); i++) {
			struct thread *t = &p->threads[i];
			pthread_mutex_lock(&t->watch);
			if (t->alive)
				pthread_kill(t->id, SIGUSR2);
			pthread_mutex_unlock(&t->watch);
		}
		clock_pause(10);
	}
}

/* Requests in flight first have time to end by themselves: the flag that they
 * all look at is set only then. New connections stay in the queue of the
 * socket, for the next process. */
static void pool_stop(struct pool *p, int64_t grace_ms, const sigset_t *stoppers)
{
	atomic_store(&p->stopping, true);
	end_threads(p, clock_ms() + grace_ms, stoppers);
	hang_up(p, INT64_MAX);
	stop_request();
	int64_t until = clock_ms() + STOP_TOTAL_MS - STOP_GRACE_MS;
	end_threads(p, until, stoppers);
	helper_stop(&p->sv->helper, until);
	if (atomic_load(&p->running) || atomic_load(&p->refreshing)) {
		log_text(LOG_LEVEL_WARN, "%d requests did not end in time",
			 atomic_load(&p->running) + atomic_load(&p->refreshing));
		_exit(0); /* their memory is still in use */
	}
	for (size_t i = 0; i < atomic_load(&p->high); i++)
		pthread_mutex_destroy(&p->threads[i].watch);
	pthread_mutex_destroy(&p->starting);
	free(p->threads);
	log_text(LOG_LEVEL_INFO, "stopped");
}

/* A usual limit of 1024 would be used up by a third of the requests that may wait
 * for fetches, and connections for hits could not be taken any more. Where the
 * system gives no more, fewer requests may wait. */
static int64_t bound_misses(const struct pool *p, int64_t fetch_max)
{
	/* as many helpers again, twice, refresh in the background */
	int64_t fixed = FDS_REST + FDS_FETCH * fetch_max;
	int64_t need = fixed + FDS_THREAD * (int64_t)p->most + 2 * FDS_FETCH * fetch_max;
	int64_t wanted = (int64_t)p->most - p->reserve;
	struct rlimit r = { 0, 0 };

	if (getrlimit(RLIMIT_NOFILE, &r) < 0 || r.rlim_cur == RLIM_INFINITY ||
	    r.rlim_cur >= (rlim_t)need)
		return wanted;
	r.rlim_cur = r.rlim_max == RLIM_INFINITY || r.rlim_max > (rlim_t)need ? (rlim_t)need
									       : r.rlim_max;
	(void)!setrlimit(RLIMIT_NOFILE, &r);
	if (getrlimit(RLIMIT_NOFILE, &r) < 0 || r.rlim_cur >= (rlim_t)need)
		return wanted;
	int64_t left = (int64_t)r.rlim_cur - fixed - FDS_THREAD * (int64_t)p->n;
	int64_t most = left > FDS_THREAD ? left / FDS_THREAD : 1;
	if (most >= wanted)
		return wanted;
	log_text(LOG_LEVEL_WARN, "of %lld descriptors wanted the system gives %lld: only %lld "
		 "requests may wait for fetches", (long long)need, (long long)r.rlim_cur,
		 (long long)most);
	return most;
}

static void wake(int sig)
{
	(void)sig;
}

int pool_run(struct server *sv, int listen_fd, const char *path, struct err *err)
{
	struct pool *p = &the_pool;
	struct sigaction sa = { .sa_handler = wake };
	sigset_t stoppers;

	/* Without SA_RESTART, so that accept(2) returns. libfcgi leaves handlers
	 * alone that are there before FCGX_Init. */
	sigaction(SIGUSR2, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGUSR1, &sa, NULL);
	sigaction(SIGPIPE, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL);
	if (FCGX_Init() != 0)
		return err_set(err, FAULT_LOCAL, "libfcgi does not start");
	signal(SIGPIPE, SIG_IGN);
	sv->background = background;
	p->sv = sv;
	p->listen_fd = listen_fd;
	sv->waits = waits;
	p->n = (size_t)config_global(sv->config)->threads;
	p->most = p->n * MOST_TIMES;
	p->reserve = (int)(p->n + 7) / 8;
	sv->miss_most = bound_misses(p, config_global(sv->config)->fetch_max);
	p->threads = xcalloc(p->most, sizeof(*p->threads));
	if (start_threads(p, err) < 0)
		return -1;
	sigemptyset(&stoppers);
	sigaddset(&stoppers, SIGTERM);
	sigaddset(&stoppers, SIGINT);
	sigaddset(&stoppers, SIGHUP);
	sigaddset(&stoppers, SIGQUIT);
	log_text(LOG_LEVEL_INFO, "serving with %zu threads", p->n);
	int sig = wait_for_signal(p, &stoppers);
	if (path)
		(void)!io_unlink(AT_FDCWD, path);
	pool_stop(p, sig == SIGQUIT ? DRAIN_MS : STOP_GRACE_MS, &stoppers);
	return 0;
}
