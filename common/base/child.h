/* base/child.h: the only way to run another program.
 *
 * No shell; an absolute program path; an environment built from nothing; its
 * own process group; standard input a few lines or /dev/null; nothing inherited
 * above descriptor 2 but what the call names; default signals; a deadline, then
 * TERM to the group, KILL after a grace; and that process is always waited
 * for. SIGCHLD must be left at its default. Limits are those of each process of the
 * group, and are set where the system has prlimit(), at once after the start: what the
 * program starts before that, within its first moment, lacks them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BASE_CHILD_H
#define BASE_CHILD_H

#include "base/buf.h"

struct err;

#define CHILD_KEEP_MAX 4

/* Any pipe holds that much: a page on a Linux whose user has very many of them. */
#define CHILD_INPUT_MAX 4096

struct child_spec {
	const char *program;		/* absolute */
	const char *const *argv;	/* ends with NULL; argv[0] included */
	const char *const *env;		/* ends with NULL */
	struct str input;		/* child_run: at most CHILD_INPUT_MAX bytes; n 0: none */
	int keep[CHILD_KEEP_MAX];	/* arrive in the child as 3, 4, ... */
	size_t n_keep;
	int64_t deadline_ms;		/* on clock_ms() */
	int64_t grace_ms;		/* between TERM and KILL */
	int64_t cpu_seconds;		/* limits; 0: none */
	int64_t memory;			/* bytes of its own, not of files that it maps */
	int64_t file_size;		/* bytes of a file that it writes */
	bool quiet;			/* stderr to /dev/null; else ours is inherited */
	bool listen;			/* child_run: stderr into result->said instead */
};

struct child_result {
	int exit_code;		/* -1 when a signal ended it */
	int signal;		/* 0 when it exited */
	bool timed_out;		/* the deadline passed, or this process is being
				 * stopped: we ended it, out may be incomplete */
	struct buf out;		/* its standard output, cut at the buffer's maximum */
	struct buf said;	/* its standard error, likewise; only with spec->listen */
};

/* Runs to the end of that process; what it leaves in its group is killed then,
 * and not waited for. `result->out`, and `said` where it is wanted, are
 * initialised by the caller with BUF(max). 0, or -1 (FAULT_LOCAL) when the
 * program could not be started. */
int child_run(const struct child_spec *spec, struct child_result *result,
	      struct err *err) WARN_UNUSED;

/* Starts without waiting, standard output to /dev/null; for a process that
 * ends before its child does (CGI). The child becomes init's. */
int child_start(const struct child_spec *spec, pid_t *ret_pid, struct err *err) WARN_UNUSED;

#endif
