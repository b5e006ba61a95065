/* base/child.c: the only way to run another program.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/child.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"
#include "base/log.h"
#include "base/must.h"
#include "base/stop.h"

#include "base/banned.h"

/* Descriptors that the child keeps are first moved up here, so that none of
 * them is in the way of another one's place at 3, 4, ... */
#define KEEP_ABOVE 64

/* How often a waiter looks whether this process is being stopped. */
#define POLL_MS 250

/* What must be undone after a spawn, whether or not it worked. */
struct plan {
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	int moved[CHILD_KEEP_MAX];
	size_t n_moved;
};

static void plan_release(struct plan *p)
{
	for (size_t i = 0; i < p->n_moved; i++)
		fd_close(&p->moved[i]);
	posix_spawn_file_actions_destroy(&p->actions);
	posix_spawnattr_destroy(&p->attr);
}

static int plan_attr(struct plan *p)
{
	sigset_t none;
	sigset_t all;

	sigemptyset(&none);
	sigfillset(&all);
	int rc = posix_spawnattr_setsigmask(&p->attr, &none);
	if (!rc)
		rc = posix_spawnattr_setsigdefault(&p->attr, &all);
	if (!rc)
		rc = posix_spawnattr_setpgroup(&p->attr, 0);
	if (!rc)
		rc = posix_spawnattr_setflags(&p->attr, POSIX_SPAWN_SETSIGMASK |
							 POSIX_SPAWN_SETSIGDEF |
							 POSIX_SPAWN_SETPGROUP);
	return rc;
}

/* What the child has as 0, 1 and 2; -1: what the spec says otherwise. */
struct ends {
	int in;
	int out;
	int said;
};

static int plan_files(struct plan *p, const struct child_spec *spec, const struct ends *ends)
{
	posix_spawn_file_actions_t *a = &p->actions;
	int rc = ends->in >= 0
			 ? posix_spawn_file_actions_adddup2(a, ends->in, 0)
			 : posix_spawn_file_actions_addopen(a, 0, "/dev/null", O_RDONLY, 0);

	if (!rc && ends->out < 0)
		rc = posix_spawn_file_actions_addopen(a, 1, "/dev/null", O_WRONLY, 0);
	if (!rc && ends->out >= 0)
		rc = posix_spawn_file_actions_adddup2(a, ends->out, 1);
	if (!rc && ends->said >= 0)
		rc = posix_spawn_file_actions_adddup2(a, ends->said, 2);
	else if (!rc && spec->quiet)
		rc = posix_spawn_file_actions_addopen(a, 2, "/dev/null", O_WRONLY, 0);
	for (size_t i = 0; !rc && i < spec->n_keep; i++) {
		int fd = fcntl(spec->keep[i], F_DUPFD_CLOEXEC, KEEP_ABOVE);
		if (fd < 0)
			return errno;
		p->moved[p->n_moved++] = fd;
		rc = posix_spawn_file_actions_adddup2(a, fd, 3 + (int)i);
	}
#ifdef HAVE_POSIX_SPAWN_FILE_ACTIONS_ADDCLOSEFROM_NP
	if (!rc)
		rc = posix_spawn_file_actions_addclosefrom_np(a, 3 + (int)spec->n_keep);
#endif
	return rc;
}

#ifdef HAVE_PRLIMIT
/* `more` lets it end by the signal of the soft limit. */
static void limit(pid_t pid, int resource, int64_t most, int64_t more)
{
	struct rlimit now;
	struct rlimit l = { (rlim_t)most, (rlim_t)(most + more) };

	if (most == 0 || prlimit(pid, resource, NULL, &now) < 0)
		return;
	if (now.rlim_max != RLIM_INFINITY && l.rlim_max > now.rlim_max)
		l.rlim_max = now.rlim_max;
	if (l.rlim_cur > l.rlim_max)
		l.rlim_cur = l.rlim_max;
	if (prlimit(pid, resource, &l, NULL) < 0)
		trace(TRACE_SPAWN, "pid %d: no limit: %s", (int)pid, strerror(errno));
}
#endif

/* posix_spawn cannot do it. The program has just begun; what it starts inherits them. */
static void limit_all(pid_t pid, const struct child_spec *spec)
{
#ifdef HAVE_PRLIMIT
	limit(pid, RLIMIT_CPU, spec->cpu_seconds, 5);
	limit(pid, RLIMIT_DATA, spec->memory, 0);
	limit(pid, RLIMIT_FSIZE, spec->file_size, 0);
#else
	(void)pid;
	(void)spec;
#endif
}

static int spawn(const struct child_spec *spec, const struct ends *ends, pid_t *ret_pid,
		 struct err *err)
{
	struct plan p = { .n_moved = 0 };
	union {	/* posix_spawn wants char *const *, and does not write to it */
		const char *const *from;
		char *const *to;
	} argv = { spec->argv }, env = { spec->env };
	pid_t pid = -1;

	must(spec->program[0] == '/' && spec->n_keep <= CHILD_KEEP_MAX);
	posix_spawn_file_actions_init(&p.actions);
	posix_spawnattr_init(&p.attr);
	int rc = plan_attr(&p);
	if (!rc)
		rc = plan_files(&p, spec, ends);
	if (!rc)
		rc = posix_spawn(&pid, spec->program, &p.actions, &p.attr, argv.to, env.to);
	plan_release(&p);
	if (rc) {
		const char *base = strrchr(spec->program, '/');
		return err_sys(err, FAULT_LOCAL, rc, "cannot run %s", base + 1);
	}
	limit_all(pid, spec);
	trace(TRACE_SPAWN, "pid %d: %s", (int)pid, spec->program);
	*ret_pid = pid;
	return 0;
}

/* true when the child has ended. It stays a zombie, so its number, and its
 * group's, cannot be somebody else's yet. */
static bool is_zombie(pid_t pid)
{
	siginfo_t info = { .si_pid = 0 };
	int rc = waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT);

	return (rc == 0 && info.si_pid == pid) || (rc < 0 && errno == ECHILD);
}

/* One of the child's outputs. */
struct stream {
	int fd;			/* -1 once it is closed, or was never wanted */
	struct buf *into;
};

/* Reads a block; what passes the maximum is dropped, so that the child is not
 * stopped by a full pipe. */
static void take_block(struct stream *s)
{
	char block[4096];
	ssize_t got = io_read(s->fd, block, sizeof(block));

	if (got <= 0)
		s->fd = -1;
	else
		buf_str(s->into, str_head(str_make(block, (size_t)got), s->into->max - s->into->n));
}

/* Reads what the child prints until it closes the pipes, or has ended and left
 * them to somebody who says nothing; false when time is up before. */
static bool drain(struct stream *s, size_t n, pid_t pid, int64_t deadline_ms)
{
	bool gone = false;

	for (;;) {
		struct pollfd pfds[2] = { { .fd = -1 }, { .fd = -1 } };
		int64_t left = gone ? 0 : clock_left(deadline_ms);
		bool open = false;

		for (size_t i = 0; i < n; i++) {
			pfds[i] = (struct pollfd){ .fd = s[i].fd, .events = POLLIN };
			open = open || s[i].fd >= 0;
		}
		if (!open)
			return true;
		int ready = poll(pfds, n, left > POLL_MS ? POLL_MS : (int)left);
		if (ready < 0 && errno != EINTR)
			return false;
		if (ready > 0) {
			for (size_t i = 0; i < n; i++)
				if (pfds[i].revents)
					take_block(&s[i]);
		} else if (gone) {
			return true;
		} else if (is_zombie(pid)) {
			gone = true;
			continue; /* to look for its last words */
		}
		if (stop_requested() || clock_left(deadline_ms) == 0)
			return false;
	}
}

/* true when the child has ended before the deadline. */
static bool ended(pid_t pid, int64_t deadline_ms, bool may_stop)
{
	int64_t step_us = 50;	/* one that has closed its output is about to end */

	for (;;) {
		if (is_zombie(pid))
			return true;
		if (clock_left(deadline_ms) == 0 || (may_stop && stop_requested()))
			return false;
		clock_pause_us(step_us);
		step_us = step_us < 8000 ? step_us * 2 : 16000;
	}
}

static void finish(pid_t pid, const struct child_spec *spec, bool drained,
		   struct child_result *result)
{
	int status = 0;

	/* A process that closed its output is about to end; a deadline that has
	 * just passed must not turn its answer into a timeout. */
	int64_t until = spec->deadline_ms;
	if (drained && clock_left(until) < 50)
		until = clock_ms() + 50;
	if (!drained || !ended(pid, until, true)) {
		result->timed_out = true;
		kill(-pid, SIGTERM);
		ended(pid, clock_ms() + spec->grace_ms, false);
	}
	kill(-pid, SIGKILL); /* the child if it is still there, and its leavings */
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	result->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	result->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	trace(TRACE_SPAWN, "pid %d: exit %d signal %d%s", (int)pid, result->exit_code,
	      result->signal, result->timed_out ? " timed out" : "");
}

/* A pipe that holds all of it. */
static int make_input(struct str text, int *ret_in, struct err *err)
{
	int pair[2] = { -1, -1 };

	must(text.n <= CHILD_INPUT_MAX);
	if (pipe2(pair, O_CLOEXEC) < 0)
		return err_sys(err, FAULT_LOCAL, errno, "cannot make a pipe");
	*ret_in = pair[0];
	int rc = io_write_all(pair[1], text.p, text.n);
	close(pair[1]);
	return rc < 0 ? err_sys(err, FAULT_LOCAL, -rc, "cannot write to a pipe") : 0;
}

int child_run(const struct child_spec *spec, struct child_result *result, struct err *err)
{
	CLEANUP(fd_close) int input = -1;
	int pair[2] = { -1, -1 };
	int said[2] = { -1, -1 };
	pid_t pid = -1;

	result->exit_code = -1;
	result->signal = 0;
	result->timed_out = false;
	if (spec->input.n && make_input(spec->input, &input, err) < 0)
		return -1;
	if (pipe2(pair, O_CLOEXEC) < 0)
		return err_sys(err, FAULT_LOCAL, errno, "cannot make a pipe");
	CLEANUP(fd_close) int in = pair[0];
	CLEANUP(fd_close) int out = pair[1];
	if (spec->listen && pipe2(said, O_CLOEXEC) < 0)
		return err_sys(err, FAULT_LOCAL, errno, "cannot make a pipe");
	CLEANUP(fd_close) int said_in = said[0];
	CLEANUP(fd_close) int said_out = said[1];
	if (spawn(spec, &(struct ends){ input, out, said_out }, &pid, err) < 0)
		return -1;
	fd_close(&input);
	fd_close(&out);
	fd_close(&said_out);
	struct stream streams[] = { { in, &result->out }, { said_in, &result->said } };
	bool drained = drain(streams, ARRAY_SIZE(streams), pid, spec->deadline_ms);
	finish(pid, spec, drained, result);
	return 0;
}

int child_start(const struct child_spec *spec, pid_t *ret_pid, struct err *err)
{
	return spawn(spec, &(struct ends){ -1, -1, -1 }, ret_pid, err);
}
