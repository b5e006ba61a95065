/* fetch/list.c: the versions of a module: what the sources name, and what the
 * cache holds.
 *
 * A 200 with an empty list would stop a client's fallback to its next proxy, so
 * a module without versions has a list only when its @latest resolves.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"
#include "cache/cache.h"
#include "cache/lock.h"
#include "cache/refusal.h"
#include "config/config.h"
#include "fetch/job.h"
#include "fetch/kinds.h"
#include "fetch/merge.h"
#include "fetch/pull.h"
#include "module/key.h"
#include "policy/policy.h"

#include "base/banned.h"

/* For somebody else's question about the same @latest. Not longer: whoever has its
 * lock may wait for the turn that this job has. */
#define LATEST_WAIT_MS 2000

static void offer(void *ctx, struct str version)
{
	versions_offer(ctx, version);
}

static int publish_versions(struct job *j, const struct key *k, struct versions *vs, time_t when,
			    struct err *err)
{
	CLEANUP(buf_release) struct buf text = BUF(MAX_SMALL_FILE);

	versions_text(vs, &text);
	if (text.over)
		return err_set(err, FAULT_UPSTREAM, "body: the list is too long");
	return job_publish(j, k, buf_view(&text), when, err);
}

/* Learnt within list_ttl: 1. Else 0, or -1 with why it is not to be had. */
static int latest_is_known(struct job *j, const struct key *k, struct err *err)
{
	CLEANUP(entry_release) struct entry e = ENTRY();

	if (cache_lookup(j->cache, k, &e, err) < 0)
		return -1;
	if (e.fd >= 0 && policy_freshness(j->settings, e.mtime.tv_sec, clock_wall()) == FRESH)
		return 1;
	return refusal_find(j->cache, k, err) ? -1 : 0;
}

/* Clients ask for both at once. */
static int learn_latest(struct job *j, const struct key *k, struct err *err)
{
	CLEANUP(fd_close) int lock = -1;

	if (lock_key(j->cache, k, clock_ms() + LATEST_WAIT_MS, &lock, err) < 0)
		return -1;
	int rc = latest_is_known(j, k, err);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	return kind_latest_ask(j, k, err);
}

/* The source knows the module, but no version of it. */
static int without_versions(struct job *j, const struct key *k, struct versions *vs,
			    struct err *err)
{
	CLEANUP(key_release) struct key latest = KEY();

	if (key_set_plain(&latest, KIND_LATEST, buf_view(&k->path), STR(""), err) < 0 ||
	    learn_latest(j, &latest, err) < 0)
		return -1;
	return publish_versions(j, k, vs, JOB_NOW, err);
}

/* No source could be asked. An older list is served as it is. */
static int from_cache_alone(struct job *j, const struct key *k, struct versions *vs,
			    struct err *err)
{
	if (err->fault == FAULT_BUG || cache_has(j->cache, k))
		return -1;
	if (vs->n || vs->pseudo_seen)
		return publish_versions(j, k, vs, CACHE_COMPOSED, err);
	if (j->settings->offline)
		return err_set(err, FAULT_NOT_FOUND,
			       "offline, and the cache holds no version of it");
	return -1;
}

static int settle(struct job *j, const struct key *k, struct pull *p, struct versions *vs,
		  struct err *err)
{
	if (p->err.fault == FAULT_NONE) {
		versions_offer_list(vs, buf_view(&p->body.text));
		if (vs->n == 0)
			return without_versions(j, k, vs, err);
		return publish_versions(j, k, vs, JOB_NOW, err);
	}
	err_move(err, &p->err);
	if (!fault_is_absence(err->fault))
		return from_cache_alone(j, k, vs, err);
	/* It is gone where it came from, and lives on here. */
	return vs->n ? publish_versions(j, k, vs, JOB_NOW, err) : -1;
}

int kind_list(struct job *j, const struct key *k, struct err *err)
{
	CLEANUP(pull_release) struct pull p;
	struct versions vs;

	pull_init(&p, k, NULL, NULL);
	pull_all(j, (struct pull *[]){ &p }, 1);
	versions_init(&vs, buf_view(&k->path));
	int rc = cache_versions(j->cache, k, offer, &vs, err);
	if (rc == 0)
		rc = settle(j, k, &p, &vs, err);
	versions_release(&vs);
	return rc;
}
