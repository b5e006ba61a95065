/* fetch/sumdb.c: clients' questions to checksum databases.
 *
 * Those to the database that the settings name are answered with what was
 * proved to be its own (sumdbclient.c). Others are passed on from the source
 * that has them, checked for their form only; the go command verifies them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "base/err.h"
#include "base/parse.h"
#include "config/config.h"
#include "fetch/job.h"
#include "fetch/kinds.h"
#include "fetch/pull.h"
#include "fetch/sumbase.h"
#include "fetch/sumdb.h"
#include "fetch/sumdbclient.h"
#include "fetch/text.h"
#include "module/key.h"
#include "module/modpath.h"

#include "base/banned.h"

/* A tile of height 8 has up to 256 hashes of 32 bytes. */
#define TILE_WIDTH 256
#define HASH_SIZE 32

int sumdb_check_text(struct str body, bool lookup, struct err *err)
{
	struct str line = str_head(body, body.n);
	uint64_t id = 0;

	if (body.n == 0 || !text_is_plain(body))
		return err_set(err, FAULT_UPSTREAM, "body: not a checksum database's text");
	ptrdiff_t end = str_chr(body, '\n');
	line.n = end < 0 ? body.n : (size_t)end;
	if (lookup && parse_u64(line, INT64_MAX, &id) < 0)
		return err_set(err, FAULT_UPSTREAM, "body: no record number in the first line");
	return 0;
}

int sumdb_check_tile(struct str tile, int64_t size, struct err *err)
{
	ptrdiff_t partial = str_rfind(tile, STR(".p/"));
	uint64_t width = TILE_WIDTH;

	if (str_starts(tile, STR("8/data/")))
		return size > 0 ? 0 : err_set(err, FAULT_UPSTREAM, "body: an empty tile");
	if (partial >= 0 && parse_u64(str_from(tile, (size_t)partial + 3), TILE_WIDTH, &width) < 0)
		return err_set(err, FAULT_NOT_FOUND, "not the name of a tile");
	if (size == (int64_t)width * HASH_SIZE)
		return 0;
	return err_set(err, FAULT_UPSTREAM, "body: a tile of %lld bytes instead of %lld",
		       (long long)size, (long long)width * HASH_SIZE);
}

static int check_answer(struct pull *p, struct err *err)
{
	if (p->key->kind == KIND_SUMDB_TILE)
		return sumdb_check_tile(buf_view(&p->key->version), p->body.n, err);
	return sumdb_check_text(buf_view(&p->body.text), p->key->kind == KIND_SUMDB_LOOKUP, err);
}

/* Walks the list; *ret is who said yes. */
static int find_source(struct job *j, const struct key *supported, struct sumbase *ret,
		       struct err *err)
{
	int rc = sumbase_find(j, &j->plan, supported, ret, err);

	if (rc < 0)
		return -1;
	if (rc == 0)
		return err_set(err, FAULT_NOT_FOUND,
			       "no source serves the checksum database %s; the go command "
			       "asks it directly", supported->path.p);
	return job_publish(j, supported, STR(""), JOB_NOW, err);
}

static int open_plan(struct job *j, struct err *err)
{
	return j->plan.list ? 0 : plan_open(&j->plan, j->settings, j->env, err);
}

int kind_sumdb_supported(struct job *j, const struct key *k, struct err *err)
{
	CLEANUP(sumbase_release) struct sumbase base = SUMBASE();

	if (sumdb_is_ours(j, buf_view(&k->path)))
		return sumdb_bring_supported(j, k, err);
	return open_plan(j, err) < 0 ? -1 : find_source(j, k, &base, err);
}

static int source_for(struct job *j, const struct key *k, struct sumbase *ret, struct err *err)
{
	CLEANUP(key_release) struct key supported = KEY();

	if (key_set_plain(&supported, KIND_SUMDB_SUPPORTED, buf_view(&k->path), STR(""), err) < 0 ||
	    open_plan(j, err) < 0)
		return -1;
	if (sumbase_known(j, &j->plan, &supported, false, ret))
		return 0;
	return find_source(j, &supported, ret, err);
}

/* A database that the settings do not name: what comes is passed on. */
static int pass_on(struct job *j, const struct key *k, struct err *err)
{
	CLEANUP(sumbase_release) struct sumbase base = SUMBASE();
	CLEANUP(pull_release) struct pull p;
	struct goproxy list = { &base.entry, 1 };

	pull_init(&p, k, check_answer, NULL);
	if (source_for(j, k, &base, err) < 0)
		return -1;
	p.only = &list;
	if (pull_one(j, &p, err) < 0) {
		/* A database answers 400 to what cannot be a module or a tile. */
		if (p.status == 400)
			err->fault = FAULT_NOT_FOUND;
		return -1;
	}
	return job_publish(j, k, buf_view(&p.body.text), JOB_NOW, err);
}

/* The module of "rsc.io/!quote@v1.5.2" is one that no database may learn of. */
static bool is_kept_private(struct job *j, const struct key *k)
{
	CLEANUP(buf_release) struct buf module = BUF(MAX_URI);
	CLEANUP(err_release) struct err ignored = ERR();
	struct str what = buf_view(&k->version);
	ptrdiff_t at = str_rchr(what, '@');

	return k->kind == KIND_SUMDB_LOOKUP && at >= 0 &&
	       modpath_unescape(str_head(what, (size_t)at), &module, &ignored) == 0 &&
	       sumdb_is_private(j->settings, buf_view(&module));
}

int kind_sumdb(struct job *j, const struct key *k, struct err *err)
{
	if (is_kept_private(j, k))
		return err_set(err, FAULT_DENIED, "nosumdb: no checksum database is asked about "
			       "it");
	if (!sumdb_is_ours(j, buf_view(&k->path)))
		return pass_on(j, k, err);
	if (k->kind == KIND_SUMDB_TILE)
		return sumdb_bring_tile(j, k, err);
	if (k->kind == KIND_SUMDB_LATEST)
		return sumdb_bring_latest(j, k, err);
	return sumdb_bring_lookup(j, k, err);
}
