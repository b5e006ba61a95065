/* fetch/job.c: one job: obtain one thing, verify it, publish it; or record why
 * not.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/log.h"
#include "cache/cache.h"
#include "cache/publish.h"
#include "cache/refusal.h"
#include "config/config.h"
#include "fetch/job.h"
#include "fetch/kinds.h"
#include "fetch/sumdbclient.h"
#include "fetch/vcs/vcs.h"
#include "module/key.h"

#include "base/banned.h"

/* A source that asks for silence gets it for at most this many seconds. */
#define MAX_RETRY_AFTER 3600

typedef int kind_fn(struct job *j, const struct key *k, struct err *err);

static kind_fn *const kinds[KIND_COUNT] = {
	[KIND_LIST] = kind_list,
	[KIND_LATEST] = kind_latest,
	[KIND_INFO] = kind_info,
	[KIND_MOD] = kind_mod,
	[KIND_ZIP] = kind_zip,
	[KIND_QUERY] = kind_query,
	[KIND_SUMDB_SUPPORTED] = kind_sumdb_supported,
	[KIND_SUMDB_LATEST] = kind_sumdb,
	[KIND_SUMDB_LOOKUP] = kind_sumdb,
	[KIND_SUMDB_TILE] = kind_sumdb,
};

void job_init(struct job *j, const struct cache *cache, const struct settings *settings,
	      const char *const *env, struct net *net)
{
	*j = (struct job){
		.cache = cache,
		.settings = settings,
		.env = env,
		.net = net,
		.deadline_ms = clock_ms() + settings->fetch_timeout * 1000,
		.plan = PLAN(),
		.source = BUF(MAX_URL),
		.bytes = 0,
	};
}

void job_release(struct job *j)
{
	sumdb_release(j);
	vcs_close(j->repo);
	plan_release(&j->plan);
	buf_release(&j->source);
}

static int64_t fault_lifetime(const struct settings *s, const struct err *why)
{
	int64_t lifetime = fault_row(why->fault)->lifetime;

	if (lifetime == LIFETIME_BY_SETTING)
		return s->not_found_ttl;
	if (why->fault == FAULT_RATE_LIMITED && why->retry_after > 0)
		return why->retry_after < MAX_RETRY_AFTER ? why->retry_after : MAX_RETRY_AFTER;
	return lifetime;
}

static int64_t lifetime_of(struct job *j, const struct key *k, const struct err *why)
{
	int64_t seconds = fault_lifetime(j->settings, why);
	int64_t ttl = j->settings->list_ttl;

	if (seconds == 0 || why->fault == FAULT_LOCAL || why->fault == FAULT_BUG ||
	    kind_row(k->kind)->immutable || !cache_has(j->cache, k))
		return seconds;
	if (ttl > MAX_RETRY_AFTER)
		ttl = MAX_RETRY_AFTER;
	return ttl > seconds ? ttl : seconds;
}

/* A refusal that cannot be written costs the next client a question; why the
 * job failed matters more. */
static void record(struct job *j, const struct key *k, const struct err *why)
{
	CLEANUP(err_release) struct err trouble = ERR();
	int64_t seconds = lifetime_of(j, k, why);

	if (seconds > 0 && refusal_write(j->cache, k, why, seconds, &trouble) < 0)
		trace(TRACE_CACHE, "%s", trouble.text.p);
}

int job_run(struct job *j, const struct key *k, struct err *err)
{
	if (kind_row(k->kind)->immutable && cache_has(j->cache, k))
		return 0;
	int rc = kinds[k->kind](j, k, err);
	if (rc < 0 || (j->composed && err->fault != FAULT_NONE && !j->settings->offline))
		record(j, k, err);
	if (rc < 0)
		return -1;
	err_reset(err); /* what a source said before the cache had the answer */
	return 0;
}

int job_publish(struct job *j, const struct key *k, struct str text, time_t when,
		struct err *err)
{
	if (publish_text(j->cache, k, text, when, j->settings->sync, err) < 0)
		return -1;
	refusal_clear(j->cache, k);
	j->composed = when == CACHE_COMPOSED;
	return 0;
}
