/* fetch/sumdbclient.c: what a checksum database says about a version.
 *
 * The rules are those of golang.org/x/mod/sumdb's client. One read proves both
 * that the record is in the tree and that the older of two trees is the
 * beginning of the newer one, so that a lookup costs one round of tiles.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <stdlib.h>

#include "base/io.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "cache/cache.h"
#include "cache/lock.h"
#include "cache/publish.h"
#include "cache/refusal.h"
#include "config/config.h"
#include "fetch/files.h"
#include "fetch/job.h"
#include "fetch/report.h"
#include "fetch/sumdb.h"
#include "fetch/sumdbclient.h"
#include "fetch/sumdbparts.h"
#include "module/modpath.h"
#include "module/pattern.h"

#include "base/banned.h"

/* How often others may move the head while we prove something against it. */
#define MAX_TRIES 100

/* --- proofs --- */

/* One answer of the database: a signed tree, and a record in it or none. */
struct answer {
	struct str note;
	struct tlog_tree tree;
	const struct tlog_record *record;	/* NULL: none */
	bool merged;				/* the head is known to continue its tree */
	bool quiet;				/* it was kept here: its faults are no
						 * news about the database */
};

static int contradiction(const struct tlog_tree *older, const struct tlog_tree *newer,
			 struct err *err)
{
	return err_set(err, FAULT_INTEGRITY, "the database contradicts itself: its tree of %lld "
		       "records does not begin with its tree of %lld records",
		       (long long)newer->n, (long long)older->n);
}

/* A tile of a tree that the database has signed is missing. When that tree is
 * the one that we know and its answer has an older one, it was set back. */
static int missing(const struct tlog_tree *older, const struct tlog_tree *newer, bool ahead,
		   struct err *err)
{
	bool set_back = fault_is_absence(err->fault) && !ahead && older->n < newer->n;

	if (fault_is_absence(err->fault))
		err->fault = set_back ? FAULT_INTEGRITY : FAULT_UPSTREAM;
	if (older->n == newer->n)
		return -1;
	return err_wrap(err, "between its trees of %lld and %lld records", (long long)older->n,
			(long long)newer->n);
}

/* The older tree is the beginning of the newer one, and the record is in it.
 * *ret_begins is the newer one's hash of so many records, where it comes so far. */
static int prove(struct tile_reading *r, const struct answer *a, const struct sumhead *head,
		 struct tlog_hash *ret_begins, struct err *err)
{
	bool ahead = a->tree.n > head->tree.n;
	const struct tlog_tree *older = ahead ? &head->tree : &a->tree;
	const struct tlog_tree *newer = ahead ? &a->tree : &head->tree;
	const struct tlog_record *record = a->record;
	struct tlog_source source = sumtiles_source(r);
	int64_t indexes[TLOG_MAX_READ];
	struct tlog_hash hashes[TLOG_MAX_READ];
	struct tlog_hash got;
	bool begins = older->n < newer->n && !a->merged;
	size_t n = begins && older->n <= TLOG_MAX_RECORDS ? tlog_subtrees(older->n, indexes) : 0;
	size_t all = n + (record != NULL);

	*ret_begins = newer->hash;
	if (older->n == newer->n && !tlog_tree_eq(older, newer))
		return contradiction(older, newer, err);
	if (record && record->id >= newer->n)
		return err_set(err, FAULT_INTEGRITY, "record %lld in a tree of %lld records",
			       (long long)record->id, (long long)newer->n);
	if (record)
		indexes[n] = tlog_index(0, record->id);
	if (all > 0 && tlog_read(newer, indexes, all, &source, hashes, err) < 0)
		return missing(older, newer, ahead, err);
	if (begins)
		tlog_fold(hashes, n, ret_begins);
	if (begins && !tlog_hash_eq(ret_begins, &older->hash))
		return contradiction(older, newer, err);
	if (!record)
		return 0;
	tlog_hash_record(record->text, &got);
	if (tlog_hash_eq(&got, &hashes[n]))
		return 0;
	return err_set(err, FAULT_INTEGRITY, "record %lld is not the one in the tree",
		       (long long)record->id);
}

/* Tiles that were kept may have been damaged since, so a failed proof is tried
 * again with what the database has now; if that fails, the world should know. */
static int prove_answer(struct sumdb *db, struct job *j, const struct answer *a,
			const struct sumhead *head, struct err *err)
{
	struct tile_reading r = { .db = db, .j = j };
	bool ahead = a->tree.n > head->tree.n;
	struct tlog_hash begins;
	int rc = prove(&r, a, head, &begins, err);

	if (rc < 0 && err->fault == FAULT_INTEGRITY && !a->quiet) {
		sumtiles_forget(db);
		sumtiles_release(&r);
		r.anew = true;
		err_reset(err);
		rc = prove(&r, a, head, &begins, err);
	}
	if (rc == 0)
		sumtiles_keep(&r);
	else if (err->fault == FAULT_INTEGRITY && !a->quiet)
		report_distrust(sumdb_name(db), buf_view(&err->text),
				ahead ? buf_view(&head->note) : a->note,
				ahead ? a->note : buf_view(&head->note),
				begins.p, TLOG_HASH_SIZE);
	sumtiles_release(&r);
	return rc;
}

/* Proves the answer and moves the head on when it is ahead. */
static int merge(struct sumdb *db, struct job *j, struct answer *a, struct err *err)
{
	for (int i = 0; i < MAX_TRIES; i++) {
		struct sumhead head = SUMHEAD();
		int rc = sumhead_read(db, j, &head, err);
		bool ahead = a->tree.n > head.tree.n;
		a->merged = !ahead && sumhead_is_merged(db, a->note);
		if (rc == 0)
			rc = prove_answer(db, j, a, &head, err) < 0 ? -1 : 1;
		if (rc > 0 && !ahead)
			sumhead_merged(db, &head, a->note, &a->tree);
		if (rc > 0 && ahead)
			rc = sumhead_move(db, j, &head, a->note, &a->tree, err);
		buf_release(&head.note);
		if (rc != 0)
			return rc < 0 ? -1 : 0;
	}
	return err_set(err, FAULT_BUSY, "others keep moving the latest tree");
}

static int check_body(struct sumdb *db, struct job *j, struct str body, bool quiet,
		      struct tlog_record *ret, struct err *err)
{
	struct answer a = { .record = ret, .quiet = quiet };

	if (tlog_parse_record(body, ret, err) < 0)
		return -1;
	a.note = ret->rest;
	if (sumhead_open(db, a.note, &a.tree, err) < 0)
		return -1;
	return merge(db, j, &a, err);
}

/* --- records --- */

/* A question that was begun. */
struct sumdb_ask {
	struct key key;
	struct sumbase base;
	struct goproxy list;
	struct pull pull;
	int lock;		/* the key's */
	bool begun;
};

static int check_lookup(struct pull *p, struct err *err)
{
	return sumdb_check_text(buf_view(&p->body.text), true, err);
}

static struct sumdb_ask *ask_new(void)
{
	struct sumdb_ask *a = xcalloc(1, sizeof(*a));

	a->key = KEY();
	a->lock = -1;
	return a;
}

static void ask_begin(struct sumdb_ask *a, struct job *j)
{
	pull_init(&a->pull, &a->key, check_lookup, NULL);
	sumdb_aim(&a->pull, &a->base, &a->list);
	pull_start(j, &a->pull);
	a->begun = true;
}

static void ask_free(struct sumdb_ask *a, struct job *j)
{
	if (!a)
		return;
	if (a->begun) {
		pull_cancel(j, &a->pull);
		pull_release(&a->pull);
	}
	fd_close(&a->lock);
	sumbase_release(&a->base);
	key_release(&a->key);
	free(a);
}

static int lookup_key(struct sumdb *db, struct str module, struct str version, struct key *ret,
		      struct err *err)
{
	CLEANUP(buf_release) struct buf what = BUF(MAX_URI);

	if (modpath_escape(module, &what, err) < 0)
		return -1;
	buf_putc(&what, '@');
	if (modpath_escape_version(version, &what, err) < 0)
		return -1;
	return key_set_plain(ret, KIND_SUMDB_LOOKUP, sumdb_name(db), buf_view(&what), err);
}

/* A record that was kept counts when it still proves right. */
static bool read_kept(struct sumdb *db, struct job *j, const struct key *k, struct buf *body,
		      struct tlog_record *ret)
{
	CLEANUP(entry_release) struct entry e = ENTRY();
	CLEANUP(err_release) struct err why = ERR();

	buf_reset(body);
	if (cache_lookup(j->cache, k, &e, &why) < 0 || e.fd < 0 || io_read_all(e.fd, body) < 0)
		return false;
	if (check_body(db, j, buf_view(body), true, ret, &why) == 0)
		return true;
	trace(TRACE_CACHE, "a kept lookup: %s", why.text.p);
	return false;
}

/* With the key's lock ours, the file may come later; whoever wants the record
 * waits for that lock. */
static int save_record(struct sumdb *db, struct job *j, struct sumdb_ask *a, struct str body,
		       struct err *err)
{
	CLEANUP(buf_release) struct buf path = BUF(MAX_RELPATH);

	key_file(&a->key, &path);
	if (buf_ok(&path, "the module's path", err) < 0)
		return -1;
	refusal_clear(j->cache, &a->key);
	if (a->lock >= 0) {
		sumsave_put(db, j, path.p, body, true, &a->lock);
		return 0;
	}
	CLEANUP(stage_release) struct stage s = STAGE();
	if (stage_open(&s, j->cache, err) < 0 || stage_write(&s, body.p, body.n, err) < 0)
		return -1;
	return publish_file(&s, path.p, false, JOB_NOW, j->settings->sync, err);
}

static int explain(struct sumdb *db, int status, struct err *err)
{
	/* A database answers 400 to what cannot be a module or a tile. */
	if (status == 400 || fault_is_absence(err->fault)) {
		err->fault = FAULT_NOT_FOUND;
		return err_wrap(err, "the checksum database %.*s does not know it, and "
				"nosumdb does not name it", STR_ARG(sumdb_name(db)));
	}
	return err_wrap(err, "checksum database %.*s (setting sumdb)", STR_ARG(sumdb_name(db)));
}

/* The question's answer, begun here unless it was before; the key is locked. */
static int fetch_record(struct sumdb *db, struct job *j, struct sumdb_ask *a, struct buf *body,
			struct tlog_record *ret, struct err *err)
{
	if (!a->begun) {
		if (sumdb_base(db, j, false, &a->base, err) < 0)
			return explain(db, 0, err);
		ask_begin(a, j);
	}
	pull_wait(j, &a->pull);
	if (a->pull.err.fault != FAULT_NONE) {
		err_move(err, &a->pull.err);
		return explain(db, a->pull.status, err);
	}
	buf_reset(body);
	buf_str(body, buf_view(&a->pull.body.text));
	if (check_body(db, j, buf_view(body), false, ret, err) < 0)
		return err_wrap(err, "checksum database %.*s", STR_ARG(sumdb_name(db)));
	return save_record(db, j, a, buf_view(body), err);
}

/* From the cache or the database. One of those who want it asks; `locked`: the
 * key's lock is the job's. */
static int get_record(struct sumdb *db, struct job *j, struct sumdb_ask *a, bool locked,
		      struct buf *body, struct tlog_record *ret, struct err *err)
{
	if (a->begun)
		return fetch_record(db, j, a, body, ret, err);
	if (read_kept(db, j, &a->key, body, ret))
		return 0;
	if (!locked) {
		int rc = lock_key(j->cache, &a->key, j->deadline_ms, &a->lock, err);
		if (rc <= 0)
			return rc < 0 ? -1 : err_set(err, FAULT_TIMEOUT, "somebody else's lookup "
						     "in the checksum database takes too long");
		if (read_kept(db, j, &a->key, body, ret))
			return 0;
	}
	return fetch_record(db, j, a, body, ret, err);
}

/* --- checks --- */

static bool is_off(const struct settings *s)
{
	return strcmp(s->sumdb, "off") == 0;
}

/* No go.sum lists it, so nobody else would notice. */
static bool is_toolchain(struct str module)
{
	return str_eqz(module, "golang.org/toolchain");
}

/* Where the go command does not look a toolchain up, either. */
static bool is_folder_alone(const struct goproxy *list)
{
	return list && list->n == 1 && list->entries[0].kind == GOPROXY_URL &&
	       files_is_url(list->entries[0].url);
}

bool sumdb_is_private(const struct settings *s, struct str module)
{
	if (is_toolchain(module))
		return false;
	return pattern_match(str_of(s->nosumdb), module) ||
	       (strcmp(s->nosumdb, "none") != 0 && pattern_match(str_of(s->private), module));
}

static bool applies(struct job *j, struct str module)
{
	const struct settings *s = j->sumdb ? j->sumdb->settings : j->settings;

	if (is_off(s))
		return is_toolchain(module) && !is_folder_alone(s->upstream);
	return !sumdb_is_private(s, module);
}

static int compare(struct sumdb *db, struct str text, struct str what, struct str h1,
		   struct err *err)
{
	struct str rest = text;
	struct str line;

	while (str_cut(&rest, '\n', &line)) {
		if (!str_starts(line, what) || !str_starts(str_from(line, what.n), STR("h1:")))
			continue;
		struct str says = str_from(line, what.n);
		if (str_eq(says, h1))
			return 0;
		return err_set(err, FAULT_INTEGRITY, "checksum mismatch: the database %.*s says "
			       "%.*s, the source's bytes are %.*s", STR_ARG(sumdb_name(db)),
			       STR_ARG(str_head(says, 60)), STR_ARG(h1));
	}
	return err_set(err, FAULT_INTEGRITY, "checksum missing: the database %.*s has a record, "
		       "but no hash of this in it; the source's bytes are %.*s",
		       STR_ARG(sumdb_name(db)), STR_ARG(h1));
}

static bool is_about(const struct sumdb_ask *a, const struct key *k)
{
	return a && str_eq(buf_view(&a->key.version), buf_view(&k->version));
}

void sumdb_prefetch(struct job *j, struct str module, struct str version)
{
	CLEANUP(err_release) struct err ignored = ERR();
	struct sumdb *db = !j->ask && applies(j, module) ? sumdb_open(j, &ignored) : NULL;

	if (!db || j->settings->offline)
		return;
	struct sumdb_ask *a = ask_new();
	if (lookup_key(db, module, version, &a->key, &ignored) == 0 &&
	    !cache_has(j->cache, &a->key) && sumdb_base_known(db, j, &a->base) &&
	    lock_key(j->cache, &a->key, 0, &a->lock, &ignored) == 1 &&
	    !cache_has(j->cache, &a->key)) {
		ask_begin(a, j);
		j->ask = a;
		return;
	}
	ask_free(a, j);
}

int sumdb_verify(struct job *j, struct str module, struct str version, bool gomod, struct str h1,
		 struct err *err)
{
	CLEANUP(buf_release) struct buf body = BUF(MAX_SMALL_FILE);
	CLEANUP(buf_release) struct buf what = BUF(2 * MAX_URI);
	struct tlog_record record;

	j->unchecked = false;
	if (!applies(j, module))
		return 0;
	struct sumdb *db = sumdb_open(j, err);
	j->unchecked = !db;
	if (!db)
		return -1;
	struct sumdb_ask *a = ask_new();
	int rc = lookup_key(db, module, version, &a->key, err);
	if (rc == 0 && is_about(j->ask, &a->key)) {
		ask_free(a, j);
		a = j->ask;
		j->ask = NULL;
	}
	if (rc == 0)
		rc = get_record(db, j, a, false, &body, &record, err);
	j->unchecked = rc < 0;
	buf_str(&what, module);
	buf_putc(&what, ' ');
	buf_str(&what, version);
	buf_puts(&what, gomod ? "/go.mod " : " ");
	if (rc == 0)
		rc = compare(db, record.text, buf_view(&what), h1, err);
	ask_free(a, j);
	return rc < 0 ? -1 : 1;
}

void sumdb_release(struct job *j)
{
	ask_free(j->ask, j);
	j->ask = NULL;
	sumdb_free(j->own_sumdb);
	j->own_sumdb = NULL;
}

/* --- clients' questions --- */

bool sumdb_is_ours(struct job *j, struct str name)
{
	CLEANUP(err_release) struct err ignored = ERR();
	const struct settings *s = j->sumdb ? j->sumdb->settings : j->settings;
	struct sumdb *db = is_off(s) ? NULL : sumdb_open(j, &ignored);

	return db && str_eq(sumdb_name(db), name);
}

int sumdb_bring_supported(struct job *j, const struct key *k, struct err *err)
{
	CLEANUP(sumbase_release) struct sumbase base = SUMBASE();
	struct sumdb *db = sumdb_open(j, err);

	if (!db || sumdb_base(db, j, true, &base, err) < 0)
		return -1;
	return job_publish(j, k, STR(""), JOB_NOW, err);
}

int sumdb_bring_lookup(struct job *j, const struct key *k, struct err *err)
{
	CLEANUP(buf_release) struct buf body = BUF(MAX_SMALL_FILE);
	struct sumdb *db = sumdb_open(j, err);
	struct tlog_record record;

	if (!db)
		return -1;
	struct sumdb_ask *a = ask_new();
	int rc = key_set_plain(&a->key, k->kind, buf_view(&k->path), buf_view(&k->version), err);
	if (rc == 0)
		rc = get_record(db, j, a, true, &body, &record, err);
	ask_free(a, j);
	return rc;
}

/* Asks for what the database now calls its latest tree, and merges it. */
static int fetch_latest(struct sumdb *db, struct job *j, struct err *err)
{
	CLEANUP(sumbase_release) struct sumbase base = SUMBASE();
	CLEANUP(key_release) struct key k = KEY();
	CLEANUP(pull_release) struct pull p;
	struct goproxy list = { NULL, 0 };
	struct answer a = { .record = NULL };

	pull_init(&p, &k, NULL, NULL);
	if (key_set_plain(&k, KIND_SUMDB_LATEST, sumdb_name(db), STR(""), err) < 0 ||
	    sumdb_base(db, j, false, &base, err) < 0)
		return explain(db, 0, err);
	sumdb_aim(&p, &base, &list);
	if (pull_one(j, &p, err) < 0)
		return explain(db, p.status, err);
	a.note = buf_view(&p.body.text);
	if (sumhead_open(db, a.note, &a.tree, err) < 0 || merge(db, j, &a, err) < 0)
		return err_wrap(err, "checksum database %.*s", STR_ARG(sumdb_name(db)));
	return 0;
}

/* The database's answer may be older than what we know. */
int sumdb_bring_latest(struct job *j, const struct key *k, struct err *err)
{
	struct sumhead head = SUMHEAD();
	struct sumdb *db = sumdb_open(j, err);

	int rc = !db || fetch_latest(db, j, err) < 0 ? -1 : sumhead_read(db, j, &head, err);
	if (rc == 0)
		rc = job_publish(j, k, buf_view(&head.note), JOB_NOW, err);
	buf_release(&head.note);
	return rc;
}

static bool is_in_tree(const struct tlog_tile *t, const struct tlog_tree *tree)
{
	/* a tree of TLOG_MAX_RECORDS has eight levels */
	return t->level < 8 && tlog_tile_parent(*t, 0, tree->n).width >= t->width;
}

static int read_tile(struct sumdb *db, struct job *j, const struct tlog_tile *t,
		     const struct tlog_tree *tree, unsigned char *data, struct err *err)
{
	int64_t last = tlog_index(t->level * TLOG_HEIGHT, t->n * TLOG_WIDTH + t->width - 1);
	struct tile_reading r = { .db = db, .j = j };
	struct tlog_source source = sumtiles_source(&r);
	struct tlog_hash hash;
	int rc = tlog_read(tree, &last, 1, &source, &hash, err);

	if (rc < 0 && err->fault == FAULT_INTEGRITY) {
		sumtiles_forget(db);
		r.anew = true;
		err_reset(err);
		rc = tlog_read(tree, &last, 1, &source, &hash, err);
	}
	if (rc < 0 && fault_is_absence(err->fault))
		err->fault = FAULT_UPSTREAM; /* the tree has it */
	if (rc == 0) {
		memcpy(data, sumtiles_got(&r, t), tlog_tile_size(t));
		sumtiles_keep(&r);
	}
	sumtiles_release(&r);
	return rc;
}

/* The bytes of a tile of hashes, proved to be the latest tree's. */
static int get_tile(struct sumdb *db, struct job *j, const struct tlog_tile *t, unsigned char *data,
		    struct err *err)
{
	struct sumhead head = SUMHEAD();
	int rc = sumhead_read(db, j, &head, err);

	if (rc == 0 && !is_in_tree(t, &head.tree))
		rc = fetch_latest(db, j, err) < 0 ? -1 : sumhead_read(db, j, &head, err);
	if (rc == 0 && !is_in_tree(t, &head.tree))
		rc = err_set(err, FAULT_NOT_FOUND, "the checksum database %.*s has no such tile",
			     STR_ARG(sumdb_name(db)));
	else if (rc == 0)
		rc = read_tile(db, j, t, &head.tree, data, err);
	buf_release(&head.note);
	return rc;
}

static int check_data(struct pull *p, struct err *err)
{
	return sumdb_check_text(buf_view(&p->body.text), false, err);
}

/* The texts of records, each with a blank line behind it. */
static int compare_records(struct str texts, const struct tlog_tile *t, const unsigned char *hashes,
			   struct err *err)
{
	int n = 0;

	for (; texts.n && n < t->width; n++) {
		struct tlog_hash got;
		ptrdiff_t end = str_find(texts, STR("\n\n"));
		if (end < 0)
			break;
		tlog_hash_record(str_head(texts, (size_t)end + 1), &got);
		if (memcmp(got.p, hashes + (ptrdiff_t)n * TLOG_HASH_SIZE, TLOG_HASH_SIZE) != 0)
			break;
		texts = str_from(texts, (size_t)end + 2);
	}
	if (n == t->width && texts.n == 0)
		return 0;
	return err_set(err, FAULT_INTEGRITY, "record %lld is not the one in the tree",
		       (long long)(t->n * TLOG_WIDTH + n));
}

/* No go command asks for these; those who watch the database do. */
static int bring_data(struct sumdb *db, struct job *j, const struct key *k,
		      const struct tlog_tile *t, struct err *err)
{
	CLEANUP(sumbase_release) struct sumbase base = SUMBASE();
	CLEANUP(pull_release) struct pull p;
	struct tlog_tile hashes = { 0, t->n, t->width };
	unsigned char data[TLOG_TILE_SIZE];
	struct goproxy list = { NULL, 0 };

	pull_init(&p, k, check_data, NULL);
	if (get_tile(db, j, &hashes, data, err) < 0 || sumdb_base(db, j, false, &base, err) < 0)
		return -1;
	sumdb_aim(&p, &base, &list);
	if (pull_one(j, &p, err) < 0)
		return explain(db, p.status, err);
	if (compare_records(buf_view(&p.body.text), t, data, err) < 0)
		return -1;
	return job_publish(j, k, buf_view(&p.body.text), JOB_NOW, err);
}

int sumdb_bring_tile(struct job *j, const struct key *k, struct err *err)
{
	struct sumdb *db = sumdb_open(j, err);
	unsigned char data[TLOG_TILE_SIZE];
	struct tlog_tile t;

	if (!db)
		return -1;
	if (tlog_tile_parse(buf_view(&k->version), &t) < 0)
		return err_set(err, FAULT_NOT_FOUND, "not the name of a tile");
	if (t.level < 0)
		return bring_data(db, j, k, &t, err);
	if (get_tile(db, j, &t, data, err) < 0)
		return -1;
	return job_publish(j, k, str_make((const char *)data, tlog_tile_size(&t)), JOB_NOW, err);
}
