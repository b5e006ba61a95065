/* fetch/vcs/direct.c: the source "direct".
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "base/err.h"
#include "base/log.h"
#include "base/url.h"
#include "config/config.h"
#include "config/goproxy.h"
#include "fetch/body.h"
#include "fetch/job.h"
#include "fetch/net.h"
#include "fetch/pull.h"
#include "fetch/vcs/code.h"
#include "fetch/vcs/direct.h"
#include "fetch/vcs/discover.h"
#include "fetch/vcs/gocmd.h"
#include "fetch/vcs/vcs.h"
#include "module/key.h"

#include "base/banned.h"

static int put(struct body *body, const struct buf *text, struct err *err)
{
	if (buf_ok(text, "the answer", err) < 0)
		return -1;
	return body_write(body, text->p, text->n, err);
}

static int give_list(struct code *c, struct body *body, struct err *err)
{
	CLEANUP(names_release) struct names list = NAMES();
	CLEANUP(buf_release) struct buf text = BUF(MAX_SMALL_FILE);

	if (code_versions(c, &list, err) < 0)
		return -1;
	for (size_t i = 0; i < list.n; i++) {
		buf_str(&text, names_at(&list, i));
		buf_putc(&text, '\n');
	}
	return put(body, &text, err);
}

static int give_info(struct code *c, const struct key *k, struct body *body, struct err *err)
{
	CLEANUP(code_info_release) struct code_info info = CODE_INFO();
	CLEANUP(buf_release) struct buf text = BUF(MAX_SMALL_FILE);
	int rc = k->kind == KIND_LATEST ? code_latest(c, &info, err)
					: code_stat(c, buf_view(&k->version), &info, err);

	if (rc < 0)
		return -1;
	code_json(c, &info, k->kind != KIND_QUERY, &text);
	return put(body, &text, err);
}

static int give_mod(struct code *c, const struct key *k, struct body *body, struct err *err)
{
	CLEANUP(buf_release) struct buf text = BUF(MAX_SMALL_FILE);

	if (code_check(c, buf_view(&k->version), err) < 0 ||
	    code_mod(c, buf_view(&k->version), &text, err) < 0)
		return -1;
	return put(body, &text, err);
}

static int give(struct code *c, const struct key *k, struct body *body, struct err *err)
{
	switch (k->kind) {
	case KIND_LIST:
		return give_list(c, body, err);
	case KIND_LATEST:
	case KIND_INFO:
	case KIND_QUERY:
		return give_info(c, k, body, err);
	case KIND_MOD:
		return give_mod(c, k, body, err);
	case KIND_ZIP:
		return code_zip(c, buf_view(&k->version), body, err);
	case KIND_SUMDB_SUPPORTED:
	case KIND_SUMDB_LATEST:
	case KIND_SUMDB_LOOKUP:
	case KIND_SUMDB_TILE:
	case KIND_COUNT:
		break;
	}
	return err_set(err, FAULT_NOT_FOUND, "not in a repository");
}

/* A host that hides what it has answers 401 where git asks; the go command then looks
 * whether the URL itself is there. */
static bool is_missing(struct job *j, const char *url)
{
	CLEANUP(body_release) struct body body;
	struct net_request r = NET_REQUEST();

	body_init(&body, NULL, 1 << 20);
	if (!str_starts(str_of(url), STR("https://")) && !str_starts(str_of(url), STR("http://")))
		return false;
	r.url = url;
	r.body = &body;
	r.deadline_ms = j->deadline_ms;
	r.compressed = true;
	net_start(j->net, &r);
	net_wait(j->net, &r);
	bool missing = r.status == 404 || r.status == 410;
	net_request_release(&r);
	return missing;
}

/* The one that the job's last question left open, if it is that: what it has learnt of
 * the revision need not be asked again. */
static int open_repo(struct job *j, const struct vcs_driver *d, struct str url, bool insecure,
		     struct vcs_repo **ret, struct err *err)
{
	struct vcs_repo *left = j->repo;

	j->repo = NULL;
	if (vcs_is_open(left, d, url, insecure)) {
		*ret = left;
		return 0;
	}
	vcs_close(left);
	return vcs_open(j, d, url, insecure, ret, err);
}

static int try_repo(struct job *j, const struct key *k, const struct vcs_driver *d,
		    const struct place_found *p, struct body *body, struct vcs_repo **ret,
		    struct err *err)
{
	CLEANUP(code_release) struct code c = CODE();
	struct str path = buf_view(&k->path);

	if (open_repo(j, d, buf_view(&p->url), discover_is_insecure(j, path), ret, err) < 0)
		return -1;
	if (code_init(&c, *ret, buf_view(&p->root), buf_view(&p->subdir), path, err) < 0)
		return -1;
	return give(&c, k, body, err);
}

/* A repository that turns out damaged is thrown away and made anew, once. */
static int from_repo(struct job *j, const struct key *k, const struct vcs_driver *d,
		     const struct place_found *p, struct body *body, struct err *err)
{
	int rc = -1;

	for (int tries = 0; rc < 0 && tries < 2; tries++) {
		CLEANUP(err_release) struct err trouble = ERR();
		struct vcs_repo *r = NULL;
		err_reset(err);
		if (body_restart(body, err) < 0)
			return -1;
		rc = try_repo(j, k, d, p, body, &r, err);
		bool damaged = rc < 0 && r && r->damaged;
		if (damaged)
			log_text(LOG_LEVEL_WARN, "%s: %s; it is made anew", r->rel.p,
				 err->text.p);
		if (damaged && vcs_discard(r, &trouble) < 0) {
			vcs_close(r);
			return err_move(err, &trouble);
		}
		/* the .mod comes next, in the same job; others wait for the lock */
		if (!damaged && k->kind == KIND_INFO)
			j->repo = r;
		else
			vcs_close(r);
		if (!damaged)
			break;
	}
	if (rc < 0 && err->fault == FAULT_AUTH && is_missing(j, p->url.p))
		err->fault = FAULT_NOT_FOUND;
	return rc;
}

/* go-import named a proxy. */
static int from_proxy(struct job *j, const struct key *k, const struct place_found *p,
		      struct body *body, struct err *err)
{
	struct goproxy list = { NULL, 0 };
	struct pull pull;

	if (!str_starts(buf_view(&p->url), STR("https://")) &&
	    !str_starts(buf_view(&p->url), STR("http://")))
		return err_set(err, FAULT_NOT_FOUND, "go-import names a proxy that is not on the "
			       "web");
	if (str_chr(buf_view(&p->url), ',') >= 0 || str_chr(buf_view(&p->url), '|') >= 0 ||
	    goproxy_parse(buf_view(&p->url), &list, err) < 0)
		return err_set(err, FAULT_NOT_FOUND, "go-import names no good proxy");
	pull_init(&pull, k, NULL, NULL);
	body_release(&pull.body);
	body_init(&pull.body, body->cache, body->max);
	pull.only = &list;
	int rc = pull_one(j, &pull, err);
	if (rc == 0) {
		struct body got = pull.body;
		pull.body = *body;
		*body = got;
	}
	pull_release(&pull);
	goproxy_release(&list);
	return rc;
}

int direct_get(struct job *j, const struct key *k, struct body *body, struct err *err)
{
	CLEANUP(place_found_release) struct place_found p = PLACE_FOUND();
	struct str path = buf_view(&k->path);

	if (str_eqz(path, "golang.org/toolchain"))
		return err_set(err, FAULT_NOT_FOUND, "toolchains do not come from version control; "
			       "name a proxy in upstream");
	if (str_eqz(str_of(j->settings->direct), "go"))
		return gocmd_get(j, k, body, err);
	if (discover(j, path, &p, err) < 0)
		return -1;
	if (str_eqz(buf_view(&p.vcs), "mod"))
		return from_proxy(j, k, &p, body, err);
	const struct vcs_driver *d = vcs_driver_named(buf_view(&p.vcs));
	if (!d)
		return err_set(err, FAULT_NOT_FOUND, "unknown version control system %s", p.vcs.p);
	return from_repo(j, k, d, &p, body, err);
}
