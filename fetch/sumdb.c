/* fetch/sumdb.c: checksum databases, passed on from the source that has them.
 *
 * The go command asks a proxy once whether it serves a database, and then only
 * the proxy; so we stay with the source that said yes: its redacted base stands
 * in state/sumdb/NAME/base. What passes here is checked for its form only; the
 * go command verifies it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "base/err.h"
#include "base/io.h"
#include "base/parse.h"
#include "base/url.h"
#include "cache/cache.h"
#include "cache/publish.h"
#include "config/config.h"
#include "fetch/job.h"
#include "fetch/kinds.h"
#include "fetch/pull.h"
#include "fetch/sumdb.h"
#include "fetch/text.h"
#include "module/key.h"

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

/* "state/sumdb/NAME/base", beside the key's own file "supported". */
static void base_file(const struct key *supported, struct buf *out)
{
	key_file(supported, out);
	ptrdiff_t slash = str_rchr(buf_view(out), '/');
	buf_cut(out, (size_t)(slash + 1));
	buf_puts(out, "base");
}

static int publish_base(struct job *j, const struct key *supported,
			const struct goproxy_entry *entry, struct err *err)
{
	CLEANUP(buf_release) struct buf path = BUF(MAX_RELPATH);
	CLEANUP(buf_release) struct buf url = BUF(MAX_URL);
	CLEANUP(stage_release) struct stage s = STAGE();

	base_file(supported, &path);
	url_redact(&url, str_of(entry->url));
	if (buf_ok(&path, "the database's name", err) < 0 || stage_open(&s, j->cache, err) < 0 ||
	    stage_write(&s, url.p, url.n, err) < 0)
		return -1;
	return publish_file(&s, path.p, false, JOB_NOW, j->settings->sync, err);
}

/* Walks the list; *ret_entry is who said yes. */
static int find_source(struct job *j, const struct key *supported,
		       const struct goproxy_entry **ret_entry, struct err *err)
{
	CLEANUP(pull_release) struct pull p;

	pull_init(&p, supported, NULL, NULL);
	if (pull_one(j, &p, err) < 0) {
		if (p.end == WALK_GOING || p.end == WALK_STOPPED)
			return -1;
		return err_set(err, FAULT_NOT_FOUND,
			       "no source serves the checksum database %s; the go command "
			       "asks it directly", supported->path.p);
	}
	if (publish_base(j, supported, p.entry, err) < 0)
		return -1;
	*ret_entry = p.entry;
	return job_publish(j, supported, STR(""), JOB_NOW, err);
}

int kind_sumdb_supported(struct job *j, const struct key *k, struct err *err)
{
	const struct goproxy_entry *entry = NULL;

	return find_source(j, k, &entry, err);
}

/* The entry that was found before, if it is still configured. */
static const struct goproxy_entry *known_source(struct job *j, const struct key *supported)
{
	CLEANUP(buf_release) struct buf path = BUF(MAX_RELPATH);
	CLEANUP(buf_release) struct buf base = BUF(MAX_URL);

	base_file(supported, &path);
	if (io_read_file(j->cache->root, path.p, &base) < 0)
		return NULL;
	for (size_t i = 0; i < j->plan.list->n; i++) {
		const struct goproxy_entry *e = &j->plan.list->entries[i];
		CLEANUP(buf_release) struct buf url = BUF(MAX_URL);

		if (e->kind != GOPROXY_URL)
			continue;
		url_redact(&url, str_of(e->url));
		if (str_eq(buf_view(&url), buf_view(&base)))
			return e;
	}
	return NULL;
}

static int source_for(struct job *j, const struct key *k, const struct goproxy_entry **ret_entry,
		      struct err *err)
{
	CLEANUP(key_release) struct key supported = KEY();

	if (key_set_plain(&supported, KIND_SUMDB_SUPPORTED, buf_view(&k->path), STR(""), err) < 0)
		return -1;
	if (!j->plan.list && plan_open(&j->plan, j->settings, j->env, err) < 0)
		return -1;
	*ret_entry = known_source(j, &supported);
	return *ret_entry ? 0 : find_source(j, &supported, ret_entry, err);
}

int kind_sumdb(struct job *j, const struct key *k, struct err *err)
{
	const struct goproxy_entry *entry = NULL;
	CLEANUP(pull_release) struct pull p;

	pull_init(&p, k, check_answer, NULL);
	if (source_for(j, k, &entry, err) < 0)
		return -1;
	struct goproxy_entry one = *entry;
	struct goproxy list = { &one, 1 };
	p.only = &list;
	if (pull_one(j, &p, err) < 0) {
		/* A database answers 400 to what cannot be a module or a tile. */
		if (p.status == 400)
			err->fault = FAULT_NOT_FOUND;
		return -1;
	}
	return job_publish(j, k, buf_view(&p.body.text), JOB_NOW, err);
}
