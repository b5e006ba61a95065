/* serve/helper.c: running the fetch helper, for one job or as one that lingers.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/child.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/log.h"
#include "base/stop.h"
#include "cache/jobsock.h"
#include "cache/lock.h"
#include "cache/refusal.h"
#include "config/config.h"
#include "serve/helper.h"

#include "base/banned.h"

/* The helper keeps fetch_timeout itself and says what it was waiting for; the
 * responder's own deadline, this much later, is for a helper that hangs. */
#define MARGIN_MS 3000
#define GRACE_MS 500

/* Tries with a lingering helper; the next one is in a process of its own, and
 * is tried twice, since a signal may have been bad luck (out of memory). A helper
 * that is being killed still takes connections for some milliseconds, which are
 * waited for, lest the second try meets it again. */
#define SHARED_TRIES 3
#define DYING_MS 30
#define ONESHOT_TRIES 2

/* Starting takes some 10 ms; a machine may be slow. */
#define START_MS 5000

void locks_release(struct locks *l)
{
	fd_close(&l->key);
	fd_close(&l->turn);
}

int helper_init(struct helper *h, const struct config *config, const struct cache *cache,
		bool detached, struct err *err)
{
	*h = (struct helper){ .config = config, .cache = cache, .detached = detached,
			      .leash = { -1, -1 } };
	pthread_mutex_init(&h->lock, NULL);
	if (!detached && pipe2(h->leash, O_CLOEXEC) < 0)
		return err_sys(err, FAULT_LOCAL, errno, "cannot make a pipe");
	return 0;
}

void helper_release(struct helper *h)
{
	fd_close(&h->leash[0]);
	fd_close(&h->leash[1]);
	pthread_mutex_destroy(&h->lock);
}

/* --- a helper for one job --- */

static void base_spec(const struct helper *h, const char *const *argv, struct child_spec *spec)
{
	const struct settings *s = config_global(h->config);

	*spec = (struct child_spec){
		.program = s->helper,
		.argv = argv,
		.env = config_child_env(h->config),
		.deadline_ms = clock_ms() + s->fetch_timeout * 1000 + MARGIN_MS,
		.grace_ms = GRACE_MS,
		/* A web server may wait for a CGI program's standard error to close. */
		.quiet = h->detached,
	};
}

static void oneshot_spec(const struct helper *h, const struct key *k, const struct locks *l,
			 const char *argv[static 6], struct child_spec *spec)
{
	size_t n = 0;

	argv[n++] = config_global(h->config)->helper;
	argv[n++] = "--";
	argv[n++] = kind_row(k->kind)->name;
	argv[n++] = k->path.p;
	if (kind_row(k->kind)->versioned)
		argv[n++] = k->version.p;
	argv[n] = NULL;
	base_spec(h, argv, spec);
	spec->keep[spec->n_keep++] = l->key;
	spec->keep[spec->n_keep++] = l->turn;
	spec->quiet = false;
}

static int stopping(struct err *err)
{
	return err_set(err, FAULT_BUSY, "the server is being stopped; try again");
}

/* What the helper could not record: its exit code and what it printed. */
static int oneshot_outcome(const struct helper *h, const struct key *k,
			   const struct child_result *r, struct err *err)
{
	if (stop_requested() && (r->timed_out || r->signal))
		return stopping(err);
	if (r->timed_out)
		return err_set(err, FAULT_TIMEOUT, "the fetch helper did not end in time");
	if (r->signal)
		return err_set(err, FAULT_LOCAL, "the fetch helper was ended by signal %d",
			       r->signal);
	if (r->exit_code == 0)
		return 0;
	if (refusal_find(h->cache, k, err))
		return -1;
	struct str text = str_trim(buf_view(&r->out));
	enum fault fault = fault_of_exit(r->exit_code);
	if (text.n)
		return err_set(err, fault, "%.*s", STR_ARG(text));
	return err_set(err, fault, "the fetch helper ended with code %d", r->exit_code);
}

static int run_oneshot(const struct helper *h, const struct key *k, const struct locks *l,
		       struct err *err)
{
	const char *argv[6];
	int rc = -1;

	for (int i = 0; i < ONESHOT_TRIES; i++) {
		struct child_result r = { .out = BUF(MAX_CHILD_OUTPUT) };
		struct child_spec spec;

		oneshot_spec(h, k, l, argv, &spec);
		rc = child_run(&spec, &r, err);
		if (rc == 0)
			rc = oneshot_outcome(h, k, &r, err);
		buf_release(&r.out);
		if (!r.signal || r.timed_out || stop_requested())
			break;
	}
	return rc;
}

/* --- a lingering one --- */

static void add_stat(struct buf *b, const char *path)
{
	struct stat st;

	if (stat(path, &st) == 0)
		buf_printf(b, "%s %llx %llx %llx %llx.%lx\n", path, (unsigned long long)st.st_dev,
			   (unsigned long long)st.st_ino, (unsigned long long)st.st_size,
			   (unsigned long long)st.st_mtim.tv_sec,
			   (unsigned long)st.st_mtim.tv_nsec);
}

/* The program as it is now, the settings' file as it is now, what we would start
 * it with, and who and where we are: on a file system that machines share each has
 * a helper of its own, and so has each user. */
static void socket_name(const struct helper *h, char name[static JOBSOCK_NAME_MAX])
{
	CLEANUP(buf_release) struct buf identity = BUF(1u << 20);
	static const char conf[] = "STOA_CONF=";

	char host[256] = "";

	if (gethostname(host, sizeof(host) - 1) == 0)
		buf_puts(&identity, host);
	buf_printf(&identity, " %ld\n", (long)geteuid());
	add_stat(&identity, config_global(h->config)->helper);
	for (const char *const *e = config_child_env(h->config); *e; e++) {
		buf_puts(&identity, *e);
		buf_putc(&identity, '\n');
		if (str_starts(str_of(*e), STR(conf)))
			add_stat(&identity, *e + sizeof(conf) - 1);
	}
	jobsock_name(buf_view(&identity), name);
}

void helper_reap(struct helper *h)
{
	pthread_mutex_lock(&h->lock);
	for (size_t i = 0; i < HELPER_PIDS; i++)
		if (h->pids[i] > 0 && waitpid(h->pids[i], NULL, WNOHANG) != 0)
			h->pids[i] = 0;
	pthread_mutex_unlock(&h->lock);
}

static void remember(struct helper *h, pid_t pid)
{
	pthread_mutex_lock(&h->lock);
	for (size_t i = 0; i < HELPER_PIDS; i++) {
		if (h->pids[i] == 0) {
			h->pids[i] = pid;
			break;
		}
	}
	pthread_mutex_unlock(&h->lock);
}

/* The socket is made here and passed on: connections wait in it until the
 * helper is ready. */
static int start(struct helper *h, const char *name, struct err *err)
{
	CLEANUP(fd_close) int listener = jobsock_listen(h->cache, name);
	const char *const argv[] = { config_global(h->config)->helper, "--serve", name, NULL };
	struct child_spec spec;
	pid_t pid = -1;

	if (listener < 0)
		return err_sys(err, FAULT_LOCAL, -listener, "the helper's socket");
	helper_reap(h);
	base_spec(h, argv, &spec);
	spec.keep[spec.n_keep++] = listener;
	if (!h->detached)
		spec.keep[spec.n_keep++] = h->leash[0];
	if (child_start(&spec, &pid, err) < 0) {
		jobsock_remove(h->cache, name);
		return -1;
	}
	remember(h, pid);
	return 0;
}

static bool is_absent(int rc)
{
	return rc == -ENOENT || rc == -ECONNREFUSED || rc == -ECONNRESET || rc == -EPIPE;
}

/* A connection to the helper of that name, which is started when there is none.
 * The descriptor, or -1. */
static int reach(struct helper *h, const char *name, struct err *err)
{
	CLEANUP(fd_close) int lock = -1;
	int fd = jobsock_connect(h->cache, name);

	if (fd >= 0)
		return fd;
	if (!is_absent(fd))
		return err_sys(err, FAULT_LOCAL, -fd, "the helper's socket");
	int rc = lock_helper(h->cache, clock_ms() + START_MS, &lock, err);
	if (rc < 0)
		return -1;
	if (rc == 0)
		return err_set(err, FAULT_LOCAL, "the fetch helper does not start");
	fd = jobsock_connect(h->cache, name);
	if (fd < 0 && is_absent(fd)) {
		if (start(h, name, err) < 0)
			return -1;
		fd = jobsock_connect(h->cache, name);
	}
	return fd >= 0 ? fd : err_sys(err, FAULT_LOCAL, -fd, "the helper's socket");
}

/* Which helper has a job. */
struct asked {
	char name[JOBSOCK_NAME_MAX];
	struct jobsock_id id;
};

/* A connection that carries the job; -1 when no lingering helper can be had. */
static int ask(struct helper *h, const struct key *k, const struct locks *l, struct asked *ret,
	       struct err *err)
{
	socket_name(h, ret->name);
	ret->id = (struct jobsock_id){ 0, 0 };
	CLEANUP(fd_close) int fd = reach(h, ret->name, err);
	if (fd < 0)
		return -1;
	(void)!jobsock_id(h->cache, ret->name, &ret->id);
	int rc = jobsock_ask(fd, k, l->key, l->turn);
	if (rc < 0 && !is_absent(rc))
		return err_sys(err, FAULT_LOCAL, -rc, "the helper's socket");
	return fd_steal(&fd); /* one that died shows when its answer is read */
}

/* One that does not even say that a job's time is up is stopped or stuck. The next miss
 * starts another; if it lives after all, it sees that and leaves. */
static void forsake(struct helper *h, const struct asked *a)
{
	CLEANUP(err_release) struct err ignored = ERR();
	CLEANUP(fd_close) int lock = -1;

	if (lock_helper(h->cache, clock_ms() + START_MS, &lock, &ignored) == 1 &&
	    jobsock_is(h->cache, a->name, &a->id))
		jobsock_remove(h->cache, a->name);
}

enum shared { SHARED_DONE, SHARED_FAILED, SHARED_IMPOSSIBLE };

static enum shared stopped(struct err *err)
{
	stopping(err);
	return SHARED_FAILED;
}

static enum shared run_shared(struct helper *h, const struct key *k, const struct locks *l,
			      struct err *err)
{
	const struct settings *s = config_global(h->config);

	for (int i = 0; i < SHARED_TRIES; i++) {
		CLEANUP(outcome_release) struct outcome out = OUTCOME();
		struct asked asked;
		CLEANUP(fd_close) int fd = ask(h, k, l, &asked, err);
		if (fd < 0) {
			trace(TRACE_SPAWN, "no lingering helper: %s", err->text.p);
			return SHARED_IMPOSSIBLE;
		}
		int rc = jobsock_wait(fd, clock_ms() + s->fetch_timeout * 1000 + MARGIN_MS, &out);
		if (rc == 0) {
			if (stop_requested())
				return stopped(err);
			forsake(h, &asked);
			err_set(err, FAULT_TIMEOUT, "the fetch helper did not end in time");
			return SHARED_FAILED;
		}
		/* BUSY is a helper's own end: it was told to stop by whoever started it. */
		if (rc > 0 && out.err.fault != FAULT_BUSY) {
			if (out.err.fault == FAULT_NONE)
				return SHARED_DONE;
			err_move(err, &out.err);
			return SHARED_FAILED;
		}
		if (stop_requested())
			return stopped(err);
		clock_pause(DYING_MS);
	}
	return SHARED_IMPOSSIBLE;
}

static bool is_shared(const struct helper *h)
{
	return strcmp(config_global(h->config)->helper_mode, "shared") == 0;
}

int helper_run(struct helper *h, const struct key *k, const struct locks *l, struct err *err)
{
	if (is_shared(h)) {
		enum shared how = run_shared(h, k, l, err);
		if (how != SHARED_IMPOSSIBLE)
			return how == SHARED_DONE ? 0 : -1;
	}
	return run_oneshot(h, k, l, err);
}

int helper_post(struct helper *h, const struct key *k, const struct locks *l, struct err *err)
{
	const char *argv[6];
	struct child_spec spec;
	pid_t pid = -1;

	if (is_shared(h)) {
		struct asked asked;
		CLEANUP(fd_close) int fd = ask(h, k, l, &asked, err);
		if (fd >= 0)
			return 0;
	}
	oneshot_spec(h, k, l, argv, &spec);
	spec.quiet = true;
	return child_start(&spec, &pid, err);
}

int helper_check(struct helper *h, struct err *err)
{
	const char *const argv[] = { config_global(h->config)->helper, "--version", NULL };
	struct child_result r = { .out = BUF(MAX_CHILD_OUTPUT) };
	struct child_spec spec;

	base_spec(h, argv, &spec);
	spec.deadline_ms = clock_ms() + START_MS;
	int rc = child_run(&spec, &r, err);
	buf_release(&r.out);
	if (rc == 0 && r.exit_code != 0)
		return err_set(err, FAULT_LOCAL,
			       "the fetch helper does not run (exit %d, signal %d)", r.exit_code,
			       r.signal);
	return rc;
}

static bool any_left(struct helper *h)
{
	helper_reap(h);
	for (size_t i = 0; i < HELPER_PIDS; i++)
		if (h->pids[i] > 0)
			return true;
	return false;
}

void helper_stop(struct helper *h, int64_t deadline_ms)
{
	if (h->leash[1] < 0 || !any_left(h))
		return;
	(void)!io_write_all(h->leash[1], "s", 1); /* never read: all of them see it */
	while (any_left(h) && clock_left(deadline_ms) > 0)
		clock_pause(5);
}
