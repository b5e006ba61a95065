/* serve/miss.c: what the cache does not have.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <stdlib.h>

#include "base/child.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/stop.h"
#include "cache/lock.h"
#include "cache/refusal.h"
#include "serve/miss.h"

#include "base/banned.h"

/* The helper keeps fetch_timeout itself and says what it was waiting for; the
 * responder's own deadline, this much later, is for a helper that hangs. */
#define HELPER_MARGIN_MS 3000
#define HELPER_GRACE_MS 500

/* A helper that a signal ended (killed, out of memory) may have luck again. */
#define HELPER_TRIES 2

/* What a helper inherits. */
struct locks {
	int key;
	int turn;
};

static void locks_release(struct locks *l)
{
	fd_close(&l->key);
	fd_close(&l->turn);
}

/* Whether what we came for is there by now. 1 yes, 0 no, -1 with the refusal. */
static int look_again(struct server *sv, const struct key *k, time_t since, struct err *err)
{
	struct entry e = ENTRY();

	if (cache_lookup(&sv->cache, k, &e, err) < 0)
		return -1;
	bool there = e.fd >= 0;
	bool newer = there && (kind_row(k->kind)->immutable || since == 0 || e.mtime.tv_sec > since);
	entry_release(&e);
	if (newer)
		return 1;
	return refusal_find(&sv->cache, k, err) ? -1 : 0;
}

static void helper_argv(const struct server *sv, const struct key *k, const char *argv[static 6])
{
	size_t n = 0;

	argv[n++] = config_global(sv->config)->helper;
	argv[n++] = "--";
	argv[n++] = kind_row(k->kind)->name;
	argv[n++] = k->path.p;
	if (kind_row(k->kind)->versioned)
		argv[n++] = k->version.p;
	argv[n] = NULL;
}

static void helper_spec(const struct server *sv, const struct locks *l, const char *const *argv,
			struct child_spec *spec)
{
	const struct settings *s = config_global(sv->config);

	*spec = (struct child_spec){
		.program = s->helper,
		.argv = argv,
		.env = config_child_env(sv->config),
		.keep = { l->key, l->turn },
		.n_keep = 2,
		.deadline_ms = clock_ms() + s->fetch_timeout * 1000 + HELPER_MARGIN_MS,
		.grace_ms = HELPER_GRACE_MS,
	};
}

/* What the helper could not record: its exit code and what it printed. */
static int outcome(struct server *sv, const struct key *k, const struct child_result *r,
		   struct err *err)
{
	if (stop_requested() && (r->timed_out || r->signal))
		return err_set(err, FAULT_BUSY, "the server is being stopped; try again");
	if (r->timed_out)
		return err_set(err, FAULT_TIMEOUT, "the fetch helper did not end in time");
	if (r->signal)
		return err_set(err, FAULT_LOCAL, "the fetch helper was ended by signal %d", r->signal);
	if (r->exit_code == 0)
		return 0;
	if (refusal_find(&sv->cache, k, err))
		return -1;
	struct str text = str_trim(buf_view(&r->out));
	enum fault fault = fault_of_exit(r->exit_code);
	if (text.n)
		return err_set(err, fault, "%.*s", STR_ARG(text));
	return err_set(err, fault, "the fetch helper ended with code %d", r->exit_code);
}

static int run_helper(struct server *sv, const struct key *k, const struct locks *l,
		      struct err *err)
{
	const char *argv[6];
	int rc = -1;

	helper_argv(sv, k, argv);
	for (int i = 0; i < HELPER_TRIES; i++) {
		struct child_result r = { .out = BUF(MAX_CHILD_OUTPUT) };
		struct child_spec spec;

		helper_spec(sv, l, argv, &spec);
		rc = child_run(&spec, &r, err);
		if (rc == 0)
			rc = outcome(sv, k, &r, err);
		buf_release(&r.out);
		if (!r.signal || r.timed_out || stop_requested())
			break;
	}
	return rc;
}

/* The key's lock and a turn. 1: both; 0: the file came meanwhile; -1. */
static int take_locks(struct server *sv, const struct key *k, const struct settings *s,
		      time_t since, struct locks *l, struct err *err)
{
	int64_t now = clock_ms();
	int rc = lock_key(&sv->cache, k, now + s->fetch_timeout * 1000, &l->key, err);

	if (rc < 0)
		return -1;
	if (rc == 0)
		return err_set(err, FAULT_BUSY, "another fetch of the same file did not end in time");
	rc = look_again(sv, k, since, err);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	rc = lock_turn(&sv->cache, s->fetch_max, clock_ms() + s->fetch_wait * 1000, &l->turn, err);
	if (rc < 0)
		return -1;
	if (rc == 0)
		return err_set(err, FAULT_BUSY, "all %lld fetch helpers were busy for %lld s",
			       (long long)s->fetch_max, (long long)s->fetch_wait);
	return 1;
}

static int fetch(struct server *sv, const struct key *k, const struct settings *s, time_t since,
		 struct err *err)
{
	CLEANUP(locks_release) struct locks l = { -1, -1 };
	int rc = take_locks(sv, k, s, since, &l, err);

	if (rc <= 0)
		return rc;
	return run_helper(sv, k, &l, err);
}

int miss_fetch(struct server *sv, const struct key *k, const struct settings *s, time_t since,
	       struct err *err)
{
	int rc = -1;

	if (atomic_fetch_add(&sv->misses, 1) < sv->miss_most)
		rc = fetch(sv, k, s, since, err);
	else
		err_set(err, FAULT_BUSY, "%lld requests wait for fetches already",
			(long long)sv->miss_most);
	atomic_fetch_sub(&sv->misses, 1);
	return rc;
}

struct job *job_new(struct server *sv, const struct key *k)
{
	struct job *job = xcalloc(1, sizeof(*job));

	job->sv = sv;
	job->key = KEY();
	job->key.kind = k->kind;
	buf_str(&job->key.path, buf_view(&k->path));
	buf_str(&job->key.version, buf_view(&k->version));
	buf_str(&job->key.epath, buf_view(&k->epath));
	buf_str(&job->key.eversion, buf_view(&k->eversion));
	return job;
}

void job_free(struct job *job)
{
	if (!job)
		return;
	key_release(&job->key);
	free(job);
}

/* Both locks at once or not at all; a refusal that still holds is not asked
 * about again. */
static bool take_free_locks(struct job *job, int64_t wait_ms, struct locks *l)
{
	CLEANUP(err_release) struct err err = ERR();
	struct server *sv = job->sv;
	const struct settings *s = config_global(sv->config);

	if (lock_key(&sv->cache, &job->key, 0, &l->key, &err) != 1 ||
	    refusal_find(&sv->cache, &job->key, &err))
		return false;
	return lock_turn(&sv->cache, s->fetch_max, wait_ms ? clock_ms() + wait_ms : 0, &l->turn,
			 &err) == 1;
}

void miss_refresh(struct job *job)
{
	CLEANUP(locks_release) struct locks l = { -1, -1 };
	CLEANUP(err_release) struct err err = ERR();
	const struct settings *s = config_global(job->sv->config);

	if (take_free_locks(job, s->fetch_wait * 1000, &l))
		(void)!run_helper(job->sv, &job->key, &l, &err);
	job_free(job);
}

void miss_refresh_detached(struct job *job)
{
	CLEANUP(locks_release) struct locks l = { -1, -1 };
	CLEANUP(err_release) struct err err = ERR();

	if (take_free_locks(job, 0, &l)) {
		const char *argv[6];
		struct child_spec spec;
		pid_t pid = -1;

		helper_argv(job->sv, &job->key, argv);
		helper_spec(job->sv, &l, argv, &spec);
		spec.quiet = true; /* a web server may wait for our standard error to close */
		if (child_start(&spec, &pid, &err) < 0)
			log_text(LOG_LEVEL_WARN, "%s", err.text.p);
	}
	job_free(job);
}

int miss_check_helper(const struct server *sv, struct err *err)
{
	const struct settings *s = config_global(sv->config);
	const char *const argv[] = { s->helper, "--version", NULL };
	struct child_spec spec = {
		.program = s->helper,
		.argv = argv,
		.env = config_child_env(sv->config),
		.deadline_ms = clock_ms() + 5000,
		.grace_ms = HELPER_GRACE_MS,
	};
	struct child_result r = { .out = BUF(MAX_CHILD_OUTPUT) };
	int rc = child_run(&spec, &r, err);

	buf_release(&r.out);
	if (rc == 0 && r.exit_code != 0)
		return err_set(err, FAULT_LOCAL, "the fetch helper does not run (exit %d, signal %d)",
			       r.exit_code, r.signal);
	return rc;
}
