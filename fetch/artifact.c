/* fetch/artifact.c: what a version consists of: its .info, .mod and .zip.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "base/err.h"
#include "base/io.h"
#include "base/log.h"
#include "cache/cache.h"
#include "cache/lock.h"
#include "cache/refusal.h"
#include "config/config.h"
#include "fetch/digest.h"
#include "fetch/dirhash.h"
#include "fetch/gomod.h"
#include "fetch/info.h"
#include "fetch/job.h"
#include "fetch/kinds.h"
#include "fetch/pull.h"
#include "fetch/record.h"
#include "fetch/verify.h"
#include "fetch/zipcheck.h"
#include "module/key.h"

#include "base/banned.h"

static int check_info(struct pull *p, struct err *err)
{
	CLEANUP(info_release) struct info i = INFO();

	if (info_parse(buf_view(&p->body.text), &i, err) < 0)
		return -1;
	return info_expect(&i, buf_view(&p->key->version), err);
}

static int check_mod(struct pull *p, struct err *err)
{
	CLEANUP(buf_release) struct buf path = BUF(MAX_URI);
	struct str text = buf_view(&p->body.text);
	struct job *j = p->ctx;

	/* The go command looks at a repository's with less care, and only where it
	 * looks for the module in it; that has been done. */
	if (!p->direct && gomod_parse(text, &path, err) < 0)
		return -1;
	if (j->on_mod)
		j->on_mod(j->on_mod_ctx, j->depth, p->key, text);
	buf_reset(&p->h1);
	dirhash_mod(text, &p->h1);
	return verify_hash(j, p->key, buf_view(&p->h1), err);
}

static int check_zip(struct pull *p, struct err *err)
{
	if (p->body.stage.fd < 0)
		return err_set(err, FAULT_UPSTREAM, "body: not a zip file, but empty");
	buf_reset(&p->h1);
	if (zipcheck(p->body.stage.fd, buf_view(&p->key->path), buf_view(&p->key->version), &p->h1,
		     err) < 0)
		return -1;
	return verify_hash(p->ctx, p->key, buf_view(&p->h1), err);
}

/* Before the file itself: from then on nothing else is taken for this version. */
static int keep_record(struct job *j, struct pull *p, struct err *err)
{
	struct record r = RECORD();

	memcpy(r.h1, p->h1.p, p->h1.n + 1);
	if (p->key->kind == KIND_ZIP) {
		/* here, and not as the bytes come: that thread serves all transfers */
		if (digest_file(p->body.stage.fd, &r.size, r.sum, err) < 0)
			return -1;
		r.has_sum = true;
	}
	return record_write(j->cache, p->key, &r, err);
}

static int publish_pulled(struct job *j, struct pull *p, struct err *err)
{
	if (p->err.fault != FAULT_NONE)
		return err_move(err, &p->err);
	if (p->key->kind == KIND_MOD && keep_record(j, p, err) < 0)
		return -1;
	return job_publish(j, p->key, buf_view(&p->body.text), JOB_NOW, err);
}

/* A .mod comes along unless it is there, or on its way for somebody else. */
static bool claim_mod(struct job *j, const struct key *mod_key, int *ret_lock)
{
	CLEANUP(err_release) struct err ignored = ERR();

	return !cache_has(j->cache, mod_key) &&
	       lock_key(j->cache, mod_key, 0, ret_lock, &ignored) == 1 &&
	       !cache_has(j->cache, mod_key);
}

int kind_info(struct job *j, const struct key *k, struct err *err)
{
	CLEANUP(key_release) struct key mod_key = KEY();
	CLEANUP(pull_release) struct pull info;
	CLEANUP(pull_release) struct pull mod;
	CLEANUP(err_release) struct err mod_err = ERR();
	CLEANUP(fd_close) int mod_lock = -1;
	struct pull *both[] = { &info, &mod };

	pull_init(&info, k, check_info, NULL);
	pull_init(&mod, &mod_key, check_mod, j);
	if (key_set_plain(&mod_key, KIND_MOD, buf_view(&k->path), buf_view(&k->version), err) < 0)
		return -1;
	bool with_mod = claim_mod(j, &mod_key, &mod_lock);
	if (with_mod)
		verify_begin(j, k);
	pull_all(j, both, with_mod ? 2 : 1);
	/* The .mod first: a version that has an .info is one that lists name. */
	if (with_mod && publish_pulled(j, &mod, &mod_err) < 0)
		trace(TRACE_NET, "the .mod: %s", mod_err.text.p);
	return publish_pulled(j, &info, err);
}

int kind_mod(struct job *j, const struct key *k, struct err *err)
{
	CLEANUP(pull_release) struct pull mod;

	pull_init(&mod, k, check_mod, j);
	verify_begin(j, k);
	pull_all(j, (struct pull *[]){ &mod }, 1);
	return publish_pulled(j, &mod, err);
}

int kind_zip(struct job *j, const struct key *k, struct err *err)
{
	CLEANUP(pull_release) struct pull zip;

	pull_init(&zip, k, check_zip, j);
	verify_begin(j, k);
	body_init(&zip.body, j->cache, kind_row(KIND_ZIP)->max_size);
	if (pull_one(j, &zip, err) < 0)
		return -1;
	if (keep_record(j, &zip, err) < 0)
		return -1;
	if (publish_key(&zip.body.stage, k, JOB_NOW, j->settings->sync, err) < 0)
		return -1;
	refusal_clear(j->cache, k);
	return 0;
}
