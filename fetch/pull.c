/* fetch/pull.c: getting files from the sources of a job.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "base/err.h"
#include "base/log.h"
#include "base/must.h"
#include "base/url.h"
#include "config/config.h"
#include "fetch/dirhash.h"
#include "fetch/files.h"
#include "fetch/job.h"
#include "fetch/pull.h"
#include "fetch/quarantine.h"
#include "fetch/vcs/direct.h"
#include "module/key.h"

#include "base/banned.h"

void pull_init(struct pull *p, const struct key *k, pull_check_fn *check, void *ctx)
{
	*p = (struct pull){
		.key = k,
		.check = check,
		.ctx = ctx,
		.err = ERR(),
		.walk = WALK(NULL),
		.request = NET_REQUEST(),
		.url = BUF(MAX_URL),
		.h1 = BUF(H1_SIZE),
	};
	body_init(&p->body, NULL, kind_row(k->kind)->max_size);
}

void pull_release(struct pull *p)
{
	body_release(&p->body);
	err_release(&p->err);
	walk_release(&p->walk);
	net_request_release(&p->request);
	buf_release(&p->url);
	buf_release(&p->h1);
}

void pull_url(struct str base, struct str rel, struct buf *out)
{
	ptrdiff_t query = str_chr(base, '?');
	struct str path = query < 0 ? base : str_head(base, (size_t)query);

	while (path.n && path.p[path.n - 1] == '/')
		path.n--;
	buf_str(out, path);
	buf_putc(out, '/');
	buf_str(out, rel);
	if (query >= 0)
		buf_str(out, str_from(base, (size_t)query));
}

/* Whose words they are; a folder's place is nobody's business. */
static void name_source(const struct goproxy_entry *e, struct buf *out)
{
	if (files_is_url(e->url))
		buf_puts(out, "file source");
	else
		url_redact(out, str_of(e->url));
}

static int begin(struct job *j, struct pull *p)
{
	if (j->settings->offline)
		return err_set(&p->err, FAULT_UPSTREAM,
			       "offline mode: the cache does not hold it");
	if (!p->only && !j->plan.list && plan_open(&j->plan, j->settings, j->env, &p->err) < 0)
		return -1;
	p->walk = WALK(p->only ? p->only : j->plan.list);
	return 0;
}

/* Asks the next entry; false when there is none. A folder answers at once. */
static bool ask_next(struct job *j, struct pull *p)
{
	CLEANUP(buf_release) struct buf rel = BUF(MAX_URL);
	struct net_request *r = &p->request;

	if (!p->again) {
		p->wrong = 0;
		p->entry = walk_next(&p->walk);
	}
	p->again = false;
	if (!p->entry)
		return false;
	buf_reset(&p->url);
	r->done = false;
	r->status = 0;
	err_reset(&r->err);
	if (body_restart(&p->body, &r->err) < 0) {
		r->done = true;
		return true;
	}
	key_url(p->key, &rel);
	struct str path = str_from(buf_view(&rel), p->skip);
	if (files_is_url(p->entry->url)) {
		int rc = files_get(p->entry->url, path, &p->body, &r->err);
		r->done = true;
		(void)rc; /* it is in r->err as well */
		return true;
	}
	pull_url(str_of(p->entry->url), path, &p->url);
	if (buf_ok(&p->url, "the URL", &r->err) < 0) {
		r->err.fault = FAULT_NOT_FOUND;
		r->done = true;
		return true;
	}
	r->url = p->url.p;
	r->body = &p->body;
	r->deadline_ms = j->deadline_ms;
	r->compressed = p->key->kind != KIND_ZIP;
	net_start(j->net, r);
	return true;
}

/* What a source served that is not what it should be. Not the job's outcome,
 * since another source may have the right thing: so it is logged here. */
static void keep_wrong(struct job *j, struct pull *p, struct str source, const struct err *why)
{
	CLEANUP(quarantine_release) struct quarantine q = QUARANTINE();
	CLEANUP(err_release) struct err trouble = ERR();
	CLEANUP(buf_release) struct buf file = BUF(MAX_RELPATH);
	struct body *b = &p->body;
	struct log_line l;
	int rc = 0;

	key_file(p->key, &file);
	buf_str(&q.source, source);
	url_redact(&q.url, buf_view(&p->url));
	buf_str(&q.h1, buf_view(&p->h1));
	buf_str(&q.text, buf_view(&why->text));
	if (key_set_file(&q.key, buf_view(&file), &trouble) < 0)
		rc = -1;
	else if (!b->cache)
		rc = stage_open(&b->stage, j->cache, &trouble);
	if (rc == 0 && !b->cache)
		rc = stage_write(&b->stage, b->text.p, b->text.n, &trouble);
	if (rc == 0)
		rc = quarantine_stage(j->cache, &b->stage, &q, &trouble);
	log_begin(&l, LOG_LEVEL_ERROR);
	log_str(&l, "mod", buf_view(&file));
	log_str(&l, "source", source);
	log_str(&l, "fault", str_of(fault_row(why->fault)->label));
	log_str(&l, "quarantine", rc < 0 ? buf_view(&trouble.text) : str_of(q.id));
	log_str(&l, "text", buf_view(&why->text));
	log_end(&l);
}

/* The entry has answered or failed. */
static void take(struct job *j, struct pull *p)
{
	CLEANUP(buf_release) struct buf source = BUF(MAX_URL);
	struct err *why = &p->request.err;

	name_source(p->entry, &source);
	p->status = p->request.status;
	j->bytes += p->body.n;
	if (!p->aside)
		j->unchecked = false;
	if (why->fault == FAULT_NONE && p->check && p->check(p, why) < 0)
		must(why->fault != FAULT_NONE);
	if (!p->aside) {
		buf_reset(&j->source);
		buf_str(&j->source, buf_view(&source));
	}
	if (why->fault == FAULT_NONE) {
		p->done = true;
		return;
	}
	bool unchecked = !p->aside && j->unchecked;
	bool wrong = why->fault == FAULT_INTEGRITY && !unchecked;
	p->again = wrong && p->wrong++ < j->settings->verify_retries;
	if (wrong && !p->again)
		keep_wrong(j, p, buf_view(&source), why);
	if (why->fault != FAULT_LOCAL && why->fault != FAULT_BUG && !unchecked)
		err_wrap(why, "%s", source.p);
	trace(TRACE_NET, "%s%s", why->text.p, p->again ? "; once more" : "");
	if (p->again)
		walk_noted(&p->walk, why);
	else
		walk_failed(&p->walk, why);
	if (unchecked)
		p->walk.end = WALK_STOPPED;
}

/* The list ends with "direct": the repository itself is asked. */
static int ask_repository(struct job *j, struct pull *p)
{
	CLEANUP(err_release) struct err why = ERR();
	int rc = body_restart(&p->body, &why);

	p->direct = true;
	if (rc == 0)
		rc = direct_get(j, p->key, &p->body, &why);
	if (rc == 0 && p->check && p->check(p, &why) < 0) {
		rc = -1;
		if (why.fault == FAULT_INTEGRITY)
			keep_wrong(j, p, STR("direct"), &why);
	}
	j->bytes += p->body.n;
	buf_reset(&j->source);
	buf_puts(&j->source, "direct");
	if (rc == 0)
		return 0;
	trace(TRACE_NET, "direct: %s", why.text.p);
	walk_direct_failed(&p->walk, &why);
	return -1;
}

static void finish(struct job *j, struct pull *p)
{
	p->end = p->walk.end;
	p->done = true;
	if (p->end == WALK_DIRECT && !kind_is_sumdb(p->key->kind) && ask_repository(j, p) == 0)
		return;
	walk_verdict(&p->walk, &p->err);
}

void pull_start(struct job *j, struct pull *p)
{
	if (begin(j, p) < 0)
		p->done = true;
	else if (!ask_next(j, p))
		finish(j, p);
}

void pull_wait(struct job *j, struct pull *p)
{
	while (!p->done) {
		net_wait(j->net, &p->request);
		take(j, p);
		if (!p->done && !ask_next(j, p))
			finish(j, p);
	}
}

void pull_cancel(struct job *j, struct pull *p)
{
	if (!p->done) {
		net_cancel(j->net, &p->request);
		net_wait(j->net, &p->request);
	}
	p->done = true;
}

/* One round: every pull asks one entry, all at the same time. */
static void one_round(struct job *j, struct pull *const *pulls, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!pulls[i]->done && !ask_next(j, pulls[i]))
			finish(j, pulls[i]);
	for (size_t i = 0; i < n; i++) {
		if (pulls[i]->done)
			continue;
		/* even when it is done: the net's thread may still be at it */
		net_wait(j->net, &pulls[i]->request);
		take(j, pulls[i]);
	}
}

void pull_all(struct job *j, struct pull *const *pulls, size_t n)
{
	bool more = false;

	for (size_t i = 0; i < n; i++) {
		if (begin(j, pulls[i]) < 0)
			pulls[i]->done = true;
		more |= !pulls[i]->done;
	}
	while (more) {
		one_round(j, pulls, n);
		more = false;
		for (size_t i = 0; i < n; i++)
			more |= !pulls[i]->done;
	}
}

int pull_one(struct job *j, struct pull *p, struct err *err)
{
	pull_all(j, &p, 1);
	return p->err.fault == FAULT_NONE ? 0 : err_move(err, &p->err);
}
