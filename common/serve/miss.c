/* serve/miss.c: what the cache does not have.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "cache/lock.h"
#include "cache/refusal.h"
#include "policy/policy.h"
#include "serve/miss.h"

#include "base/banned.h"

/* Whether what we came for is there by now. 1 yes, 0 no, -1 with the refusal. */
static int look_again(struct server *sv, const struct key *k, time_t since, struct err *err)
{
	struct entry e = ENTRY();

	if (cache_lookup(&sv->cache, k, &e, err) < 0)
		return -1;
	bool there = e.fd >= 0;
	bool newer = there && (kind_row(k->kind)->immutable || since == 0 ||
			       e.mtime.tv_sec > since);
	entry_release(&e);
	if (newer)
		return 1;
	return refusal_find(&sv->cache, k, err) ? -1 : 0;
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
		return err_set(err, FAULT_BUSY,
			       "another fetch of the same file did not end in time");
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
	CLEANUP(locks_release) struct locks l = LOCKS();
	int rc = take_locks(sv, k, s, since, &l, err);

	if (rc <= 0)
		return rc;
	return helper_run(&sv->helper, k, &l, err);
}

int miss_fetch(struct server *sv, const struct key *k, const struct settings *s, time_t since,
	       struct err *err)
{
	int rc = -1;

	if (atomic_fetch_add(&sv->misses, 1) < sv->miss_most) {
		if (sv->waits)
			sv->waits(sv, true);
		rc = fetch(sv, k, s, since, err);
		if (sv->waits)
			sv->waits(sv, false);
	} else {
		err_set(err, FAULT_BUSY, "%lld requests wait for fetches already",
			(long long)sv->miss_most);
	}
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

/* Somebody's refresh may have ended since we looked. */
static bool is_fresh(struct job *job)
{
	CLEANUP(entry_release) struct entry e = ENTRY();
	CLEANUP(err_release) struct err err = ERR();
	struct settings s;

	policy_settings(job->sv->config, &job->key, &s);
	return cache_lookup(&job->sv->cache, &job->key, &e, &err) == 0 && e.fd >= 0 &&
	       policy_freshness(&s, e.mtime.tv_sec, clock_wall()) == FRESH;
}

/* Both locks at once or not at all; a refusal that still holds is not asked
 * about again. */
static bool take_free_locks(struct job *job, int64_t wait_ms, struct locks *l)
{
	CLEANUP(err_release) struct err err = ERR();
	struct server *sv = job->sv;
	const struct settings *s = config_global(sv->config);

	if (lock_key(&sv->cache, &job->key, 0, &l->key, &err) != 1 ||
	    is_fresh(job) || refusal_find(&sv->cache, &job->key, &err))
		return false;
	return lock_turn(&sv->cache, s->fetch_max, wait_ms ? clock_ms() + wait_ms : 0, &l->turn,
			 &err) == 1;
}

void miss_refresh(struct job *job)
{
	CLEANUP(locks_release) struct locks l = LOCKS();
	CLEANUP(err_release) struct err err = ERR();
	const struct settings *s = config_global(job->sv->config);

	if (take_free_locks(job, s->fetch_wait * 1000, &l))
		(void)!helper_run(&job->sv->helper, &job->key, &l, &err);
	job_free(job);
}

void miss_refresh_detached(struct job *job)
{
	CLEANUP(locks_release) struct locks l = LOCKS();
	CLEANUP(err_release) struct err err = ERR();

	if (take_free_locks(job, 0, &l) &&
	    helper_post(&job->sv->helper, &job->key, &l, &err) < 0)
		log_text(LOG_LEVEL_WARN, "%s", err.text.p);
	job_free(job);
}
