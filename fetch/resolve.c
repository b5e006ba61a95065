/* fetch/resolve.c: from a word to a version: branches, tags, commits, @latest.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <errno.h>

#include "base/err.h"
#include "base/io.h"
#include "base/log.h"
#include "cache/cache.h"
#include "config/config.h"
#include "fetch/info.h"
#include "fetch/job.h"
#include "fetch/kinds.h"
#include "fetch/pull.h"
#include "module/key.h"
#include "module/pseudo.h"
#include "module/semver.h"

#include "base/banned.h"

static int check_resolved(struct pull *p, struct err *err)
{
	struct info *i = p->ctx;

	if (info_parse(buf_view(&p->body.text), i, err) < 0)
		return -1;
	return info_expect_canonical(i, buf_view(&p->key->path), err);
}

/* The client asks for the version's files next. That these are there is an
 * extra: what goes wrong here is not the question's outcome. */
static void keep_version(struct job *j, const struct key *k, struct str version, struct str json,
			 bool direct)
{
	CLEANUP(key_release) struct key file = KEY();
	CLEANUP(err_release) struct err err = ERR();
	struct str path = buf_view(&k->path);
	int rc = key_set_plain(&file, KIND_INFO, path, version, &err);

	/* What a repository says of a branch is more than what it says of the version. */
	if (rc == 0 && file.kind == KIND_INFO && !cache_has(j->cache, &file))
		rc = direct ? kind_info(j, &file, &err)
			    : job_publish(j, &file, json, JOB_NOW, &err);
	if (rc == 0)
		rc = key_set_plain(&file, KIND_MOD, path, version, &err);
	if (rc == 0 && !cache_has(j->cache, &file))
		rc = kind_mod(j, &file, &err);
	if (rc < 0)
		trace(TRACE_NET, "%.*s: %s", STR_ARG(version), err.text.p);
}

static int ask(struct job *j, const struct key *k, enum walk_end *ret_end, struct err *err)
{
	CLEANUP(info_release) struct info i = INFO();
	CLEANUP(pull_release) struct pull p;

	pull_init(&p, k, check_resolved, &i);
	int rc = pull_one(j, &p, err);
	if (ret_end)
		*ret_end = p.end;
	if (rc < 0)
		return -1;
	struct str json = buf_view(&p.body.text);
	if (job_publish(j, k, json, JOB_NOW, err) < 0)
		return -1;
	keep_version(j, k, buf_view(&i.version), json, p.direct && k->kind == KIND_QUERY);
	return 0;
}

int kind_query(struct job *j, const struct key *k, struct err *err)
{
	return ask(j, k, NULL, err);
}

int kind_latest_ask(struct job *j, const struct key *k, struct err *err)
{
	return ask(j, k, NULL, err);
}

/* --- the best version that the cache holds --- */

struct best {
	struct job *j;
	const struct key *k;
	struct buf version;
};

enum { CLASS_PSEUDO, CLASS_PRERELEASE, CLASS_RELEASE };

static int class_of(struct str v)
{
	if (pseudo_is(v))
		return CLASS_PSEUDO;
	return semver_prerelease(v).n ? CLASS_PRERELEASE : CLASS_RELEASE;
}

/* Releases before prereleases before pseudo-versions; of those the newest. */
static bool is_better(struct str v, struct str than)
{
	int class = class_of(v);
	time_t v_time = 0;
	time_t than_time = 0;

	if (than.n == 0)
		return true;
	if (class != class_of(than))
		return class > class_of(than);
	if (class == CLASS_PSEUDO && pseudo_time(v, &v_time) == 0 &&
	    pseudo_time(than, &than_time) == 0 && v_time != than_time)
		return v_time > than_time;
	return semver_order(v, than) > 0;
}

static int info_key(const struct key *k, struct str version, struct key *ret, struct err *err)
{
	if (key_set_plain(ret, KIND_INFO, buf_view(&k->path), version, err) < 0)
		return -1;
	return ret->kind == KIND_INFO ? 0 : -1;
}

static void consider(void *ctx, struct str version)
{
	struct best *b = ctx;
	CLEANUP(key_release) struct key file = KEY();
	CLEANUP(err_release) struct err err = ERR();

	if (!is_better(version, buf_view(&b->version)) ||
	    info_key(b->k, version, &file, &err) < 0 || !cache_has(b->j->cache, &file))
		return;
	buf_reset(&b->version);
	buf_str(&b->version, version);
}

/* 1: published what the cache has; 0: it has nothing; -1: err. */
static int compose(struct job *j, const struct key *k, struct err *err)
{
	struct best b = { j, k, BUF(MAX_URI) };
	CLEANUP(key_release) struct key file = KEY();
	CLEANUP(entry_release) struct entry e = ENTRY();
	CLEANUP(buf_release) struct buf json = BUF(MAX_SMALL_FILE);

	int rc = cache_versions(j->cache, k, consider, &b, err);
	if (rc == 0 && b.version.n)
		rc = info_key(k, buf_view(&b.version), &file, err);
	bool found = b.version.n > 0;
	buf_release(&b.version);
	if (rc < 0 || !found)
		return rc;
	if (cache_lookup(j->cache, &file, &e, err) < 0)
		return -1;
	rc = e.fd < 0 ? -ENOENT : io_read_all(e.fd, &json);
	if (rc < 0)
		return err_sys(err, FAULT_LOCAL, -rc, "a cached .info cannot be read");
	return job_publish(j, k, buf_view(&json), CACHE_COMPOSED, err) < 0 ? -1 : 1;
}

int kind_latest(struct job *j, const struct key *k, struct err *err)
{
	CLEANUP(err_release) struct err trouble = ERR();

	if (ask(j, k, NULL, err) == 0)
		return 0;
	bool ours = err->fault == FAULT_LOCAL || err->fault == FAULT_BUG;
	/* An older answer of a source, which stays served, is better than what
	 * happens to be here. */
	if (ours || (!fault_is_absence(err->fault) && cache_has(j->cache, k)))
		return -1;
	int rc = compose(j, k, &trouble);
	if (rc < 0)
		return err_move(err, &trouble);
	return rc > 0 ? 0 : -1;
}
