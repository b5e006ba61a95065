/* fetch/vcs/run.h: running a version-control program.
 *
 * No shell; an environment built from nothing; no prompts; no configuration but
 * the administrator's; a deadline for the whole process group; bounded output.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FETCH_VCS_RUN_H
#define FETCH_VCS_RUN_H

#include "base/buf.h"
#include "base/limits.h"

struct err;
struct job;
struct settings;
struct vcs_repo;

struct vcs_env {
	char **v;	/* ends with NULL */
	size_t n;
	char *program;	/* absolute */
};

/* "NAME=value". */
void vcs_env_add(struct vcs_env *e, const char *name, const char *value);
void vcs_env_release(struct vcs_env *e);

/* Looks for the program in PATH: e->program. -1 with FAULT_LOCAL and a text that
 * says what is to be installed. */
int vcs_env_find(struct vcs_env *e, const struct job *j, const char *program,
		 struct err *err) WARN_UNUSED;

/* PATH, HOME (a private one, with the netrc file of the settings), the HTTP
 * proxies. */
int vcs_env_basic(struct vcs_env *e, const struct job *j, struct err *err) WARN_UNUSED;

/* Appends a command line for ssh: no prompts, the key and the hosts of the settings. */
void vcs_ssh_command(const struct settings *s, struct buf *out);

/* What a run is given, and what it brought. */
struct vcs_said {
	struct str in;		/* standard input, at most CHILD_INPUT_MAX bytes */
	int exit_code;
	bool timed_out;
	struct buf out;
	struct buf said;
};

#define VCS_SAID(max) ((struct vcs_said){ { NULL, 0 }, -1, false, BUF(max), \
					  BUF(MAX_CHILD_OUTPUT) })

void vcs_said_release(struct vcs_said *s);

/* Whether one of the texts is among what it said of errors. */
bool vcs_says(const struct vcs_said *s, const char *const *words, size_t n);

/* Runs e->program. 0 whatever it exits with; -1 with FAULT_LOCAL when it cannot
 * run, FAULT_TIMEOUT when it took too long, FAULT_UPSTREAM when it printed more
 * than s->out holds. */
int vcs_run(struct vcs_repo *r, const char *const *argv, struct vcs_said *s,
	    struct err *err) WARN_UNUSED;

/* Fills err from what a program said while it talked to the other side:
 * FAULT_AUTH, FAULT_NOT_FOUND, FAULT_DENIED, FAULT_UPSTREAM. Returns -1. */
int vcs_remote_err(const struct vcs_repo *r, const struct vcs_said *s, const char *doing,
		   struct err *err);

#endif
