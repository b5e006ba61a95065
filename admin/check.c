/* admin/check.c: whether a stored file is still what was published.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "admin/check.h"
#include "base/err.h"
#include "base/io.h"
#include "base/mem.h"
#include "cache/cache.h"
#include "cache/lock.h"
#include "config/config.h"
#include "fetch/gomod.h"
#include "fetch/info.h"
#include "fetch/job.h"
#include "fetch/quarantine.h"
#include "fetch/record.h"
#include "fetch/verify.h"
#include "fetch/zipcheck.h"
#include "module/key.h"

#include "base/banned.h"

static enum check_end end_of(const struct err *err)
{
	if (err->fault == FAULT_NONE)
		return CHECK_GOOD;
	return err->fault == FAULT_INTEGRITY || err->fault == FAULT_UPSTREAM ? CHECK_BAD
									     : CHECK_FAILED;
}

/* The database's word, which is about what the file's own hash says. */
static int ask_database(const struct checker *c, const struct key *k, const char *h1,
			struct err *err)
{
	CLEANUP(job_release) struct job j;
	struct settings s;

	config_for(c->config, buf_view(&k->path), &s);
	job_init(&j, c->cache, &s, config_child_env(c->config), c->net);
	j.sumdb = c->sumdb;
	return verify_hash(&j, k, str_of(h1), err);
}

static int differs(struct err *err, const char *wanted, const char *got)
{
	return err_set(err, FAULT_INTEGRITY, "checksum mismatch: wanted %s, got %s", wanted, got);
}

/* known: 1 when `was` is a record. Fills now->h1. */
static int check_zip(const struct checker *c, const struct key *k, int fd, int known,
		     const struct record *was, struct record *now, struct err *err)
{
	CLEANUP(buf_release) struct buf h1 = BUF(H1_SIZE);

	if (digest_file(fd, &now->size, now->sum, err) < 0)
		return -1;
	now->has_sum = true;
	bool same = known && was->has_sum && was->size == now->size &&
		    memcmp(was->sum, now->sum, DIGEST_SIZE) == 0;
	if (same)
		memcpy(now->h1, was->h1, sizeof(now->h1));
	else if (zipcheck(fd, buf_view(&k->path), buf_view(&k->version), &h1, err) < 0)
		return -1;
	else
		memcpy(now->h1, h1.p, h1.n + 1);
	if (known && strcmp(was->h1, now->h1) != 0)
		return differs(err, was->h1, now->h1);
	return c->ask_sumdb ? ask_database(c, k, now->h1, err) : 0;
}

static int check_mod(const struct checker *c, const struct key *k, struct str text, int known,
		     const struct record *was, struct record *now, struct err *err)
{
	CLEANUP(buf_release) struct buf path = BUF(MAX_URI);
	CLEANUP(buf_release) struct buf h1 = BUF(H1_SIZE);

	/* what is as it was when it was published was parsed then */
	dirhash_mod(text, &h1);
	memcpy(now->h1, h1.p, h1.n + 1);
	bool same = known && strcmp(was->h1, now->h1) == 0;
	if (!same && gomod_parse(text, &path, err) < 0)
		return -1;
	if (known && !same)
		return differs(err, was->h1, now->h1);
	return c->ask_sumdb ? ask_database(c, k, now->h1, err) : 0;
}

static int check_info(const struct key *k, struct str text, struct err *err)
{
	CLEANUP(info_release) struct info i = INFO();

	if (info_parse(text, &i, err) < 0)
		return -1;
	return info_expect(&i, buf_view(&k->version), err);
}

static int read_small(int fd, struct buf *text, struct err *err)
{
	int rc = io_read_all(fd, text);

	if (rc == -EFBIG)
		return err_set(err, FAULT_INTEGRITY, "larger than %zu bytes", text->max);
	return rc < 0 ? err_sys(err, FAULT_LOCAL, -rc, "the file cannot be read") : 0;
}

/* A record that is missing is written, and so is the .ziphash of a copied tree
 * that has none. */
static bool is_news(const struct cache *c, const struct key *k, int known,
		    const struct record *was)
{
	CLEANUP(buf_release) struct buf path = BUF(MAX_RELPATH);
	CLEANUP(buf_release) struct buf text = BUF(H1_SIZE);

	if (!known || (k->kind == KIND_ZIP && !was->has_sum))
		return true;
	if (k->kind != KIND_ZIP)
		return false;
	key_file(k, &path);
	buf_puts(&path, "hash");
	return io_read_file(c->root, path.p, &text) < 0 || !str_eqz(buf_view(&text), was->h1);
}

enum check_end check_file(const struct checker *c, const struct key *k, int64_t *ret_bytes,
			  struct err *err)
{
	CLEANUP(entry_release) struct entry e = ENTRY();
	CLEANUP(buf_release) struct buf text = BUF(MAX_SMALL_FILE);
	struct record was = RECORD();
	struct record now = RECORD();
	int known = 0;
	int rc = cache_lookup(c->cache, k, &e, err);

	if (rc < 0)
		return CHECK_FAILED;
	if (e.fd < 0)
		return CHECK_GONE;
	*ret_bytes = e.size;
	if (k->kind != KIND_INFO)
		known = record_read(c->cache, k, &was, err);
	if (known < 0)
		return CHECK_FAILED;
	if (k->kind != KIND_ZIP)
		rc = read_small(e.fd, &text, err);
	if (rc == 0 && k->kind == KIND_ZIP)
		rc = check_zip(c, k, e.fd, known, &was, &now, err);
	else if (rc == 0 && k->kind == KIND_MOD)
		rc = check_mod(c, k, buf_view(&text), known, &was, &now, err);
	else if (rc == 0)
		rc = check_info(k, buf_view(&text), err);
	if (rc < 0)
		return end_of(err);
	if (k->kind == KIND_INFO || !is_news(c->cache, k, known, &was))
		return CHECK_GOOD;
	if (record_write(c->cache, k, &now, err) < 0)
		return CHECK_FAILED;
	return known ? CHECK_GOOD : CHECK_NEW;
}

int check_fetch(const struct checker *c, const struct key *k, struct err *err)
{
	CLEANUP(job_release) struct job j;
	CLEANUP(fd_close) int lock = -1;
	struct settings s;

	config_for(c->config, buf_view(&k->path), &s);
	job_init(&j, c->cache, &s, config_child_env(c->config), c->net);
	j.sumdb = c->sumdb;
	int rc = lock_key(c->cache, k, j.deadline_ms, &lock, err);
	if (rc != 1)
		return rc < 0 ? -1 : err_set(err, FAULT_BUSY, "its turn did not come");
	return job_run(&j, k, err);
}

int check_repair(const struct checker *c, const struct key *k, const struct err *why,
		 struct err *err)
{
	CLEANUP(quarantine_release) struct quarantine q = QUARANTINE();
	CLEANUP(buf_release) struct buf file = BUF(MAX_RELPATH);

	key_file(k, &file);
	buf_puts(&q.source, "the cache");
	buf_str(&q.text, buf_view(&why->text));
	if (key_set_file(&q.key, buf_view(&file), err) < 0 ||
	    quarantine_stored(c->cache, &q, err) < 0)
		return -1;
	return check_fetch(c, k, err);
}
