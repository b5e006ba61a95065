/* admin/cmd_quarantine.c: stoactl quarantine: looks after bytes that failed
 * verification.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <stdio.h>

#include "admin/cmd.h"
#include "base/err.h"
#include "base/io.h"
#include "base/parse.h"
#include "cache/cache.h"
#include "cache/lock.h"
#include "config/config.h"
#include "fetch/gomod.h"
#include "fetch/quarantine.h"
#include "fetch/record.h"
#include "fetch/zipcheck.h"

#include "base/banned.h"

/* How long another fetch of the same file is waited for. */
#define LOCK_MS 60000

static int list_one(void *ctx, const char *id, struct err *err)
{
	CLEANUP(quarantine_release) struct quarantine q = QUARANTINE();
	CLEANUP(buf_release) struct buf when = BUF(32);
	CLEANUP(buf_release) struct buf what = BUF(2 * MAX_URI);
	int rc = quarantine_read(ctx, id, &q, err);

	if (rc < 0)
		return -1;
	if (rc == 0) {
		printf("%s  (no report)\n", id);
		return 0;
	}
	format_rfc3339(&when, (time_t)q.time);
	key_text(&q.key, &what);
	printf("%s  %s  %s %s  %lld bytes from %s\n", id, when.p, what.p,
	       kind_row(q.key.kind)->name, (long long)q.size, q.source.p);
	return 0;
}

static int do_list(const struct cache *c, const char *id, struct err *err)
{
	(void)id;
	return quarantine_each(c, list_one, (void *)(uintptr_t)c, err);
}

/* The report of an ID that somebody typed. */
static int read_typed(const struct cache *c, const char *id, struct quarantine *q,
		      struct err *err)
{
	int rc = quarantine_is_id(str_of(id)) ? quarantine_read(c, id, q, err) : 0;

	if (rc == 0)
		return err_set(err, FAULT_NOT_FOUND, "%s: no such ID, or it has no report", id);
	return rc < 0 ? -1 : 0;
}

static int do_show(const struct cache *c, const char *id, struct err *err)
{
	CLEANUP(quarantine_release) struct quarantine q = QUARANTINE();
	CLEANUP(buf_release) struct buf when = BUF(32);
	CLEANUP(buf_release) struct buf what = BUF(2 * MAX_URI);

	if (read_typed(c, id, &q, err) < 0)
		return -1;
	format_rfc3339(&when, (time_t)q.time);
	key_text(&q.key, &what);
	printf("id      %s\nmodule  %s\nkind    %s\ntime    %s\nsource  %s\n", id, what.p,
	       kind_row(q.key.kind)->name, when.p, q.source.p);
	if (q.url.n)
		printf("url     %s\n", q.url.p);
	if (q.h1.n)
		printf("hash    %s\n", q.h1.p);
	printf("size    %lld\nbytes   %s/state/quarantine/%s/file\n\n%s\n", (long long)q.size,
	       c->dir, id, q.text.p);
	return 0;
}

/* --- restore --- */

static int copy(int from, struct stage *to, struct err *err)
{
	char block[32768];
	off_t at = 0;

	for (;;) {
		ssize_t got = io_pread(from, block, sizeof(block), at);
		if (got < 0)
			return err_sys(err, FAULT_LOCAL, (int)-got, "the bytes cannot be read");
		if (got == 0)
			return 0;
		if (stage_write(to, block, (size_t)got, err) < 0)
			return -1;
		at += got;
	}
}

/* The bytes keep all rules but that of their hash. */
static int hash_bytes(const struct key *k, int fd, struct buf *h1, struct err *err)
{
	CLEANUP(buf_release) struct buf text = BUF(MAX_SMALL_FILE);
	CLEANUP(buf_release) struct buf path = BUF(MAX_URI);

	if (k->kind == KIND_ZIP)
		return zipcheck(fd, buf_view(&k->path), buf_view(&k->version), h1, err);
	int rc = io_read_all(fd, &text);
	if (rc < 0)
		return err_sys(err, FAULT_LOCAL, -rc, "the bytes cannot be read");
	if (gomod_parse(buf_view(&text), &path, err) < 0)
		return -1;
	dirhash_mod(buf_view(&text), h1);
	return 0;
}

/* Whoever restores says that these bytes are right: they become what was
 * published first. What is published already is not touched. */
static int do_restore(const struct cache *c, const char *id, struct err *err)
{
	CLEANUP(quarantine_release) struct quarantine q = QUARANTINE();
	CLEANUP(buf_release) struct buf h1 = BUF(H1_SIZE);
	CLEANUP(stage_release) struct stage s = STAGE();
	CLEANUP(fd_close) int fd = -1;
	CLEANUP(fd_close) int lock = -1;
	struct record r = RECORD();

	if (read_typed(c, id, &q, err) < 0 || quarantine_open(c, id, &fd, err) < 0)
		return -1;
	if (q.key.kind != KIND_ZIP && q.key.kind != KIND_MOD)
		return err_set(err, FAULT_BAD_REQUEST, "only a .zip or a .mod can be restored");
	if (hash_bytes(&q.key, fd, &h1, err) < 0)
		return -1;
	if (lock_key(c, &q.key, LOCK_MS, &lock, err) < 0)
		return -1;
	if (lock < 0 || cache_has(c, &q.key))
		return err_set(err, FAULT_BUSY, lock < 0 ? "it is being fetched" :
			       "the version has such a file already; remove that first");
	if (stage_open(&s, c, err) < 0 || copy(fd, &s, err) < 0 ||
	    digest_file(s.fd, &r.size, r.sum, err) < 0)
		return -1;
	memcpy(r.h1, h1.p, h1.n + 1);
	r.has_sum = q.key.kind == KIND_ZIP;
	if (record_write(c, &q.key, &r, err) < 0 ||
	    publish_key(&s, &q.key, (time_t)-1, true, err) < 0)
		return -1;
	return quarantine_drop(c, id, err);
}

static int do_drop(const struct cache *c, const char *id, struct err *err)
{
	if (!quarantine_is_id(str_of(id)))
		return err_set(err, FAULT_NOT_FOUND, "%s: no such ID", id);
	return quarantine_drop(c, id, err);
}

static const struct {
	const char *name;
	bool ids;
	int (*run)(const struct cache *c, const char *id, struct err *err);
} actions[] = {
	{ "list", false, do_list },
	{ "show", true, do_show },
	{ "restore", true, do_restore },
	{ "drop", true, do_drop },
};

static int act(const struct cache *c, size_t action, int argc, char **argv)
{
	int failed = 0;

	for (int i = 2; i < argc || i == 2; i++) {
		CLEANUP(err_release) struct err err = ERR();
		if (actions[action].run(c, argv[i], &err) == 0)
			continue;
		cmd_failed("%s", err.text.p);
		failed = CMD_FAILED;
	}
	return failed;
}

int cmd_quarantine(const char *conf, int argc, char **argv)
{
	static const struct opt opts[] = { { NULL, NULL, NULL } };
	CLEANUP(err_release) struct err err = ERR();
	CLEANUP(cache_release) struct cache c = CACHE();
	size_t action = 0;

	if (opts_take(opts, false, &argc, argv) < 0)
		return CMD_USAGE;
	const char *name = argc > 1 ? argv[1] : "";
	while (action < ARRAY_SIZE(actions) && strcmp(name, actions[action].name) != 0)
		action++;
	if (action == ARRAY_SIZE(actions))
		return cmd_usage("quarantine: list, show, restore or drop?");
	if (actions[action].ids ? argc < 3 : argc > 2)
		return cmd_usage("quarantine %s takes %s", argv[1],
				 actions[action].ids ? "one ID or several" : "no operand");
	struct config *config = cmd_config_load(conf);
	if (!config)
		return CMD_FAILED;
	int rc = cache_open(&c, config_global(config)->cache, &err) < 0
			 ? cmd_failed("%s", err.text.p) : act(&c, action, argc, argv);
	config_free(config);
	return rc;
}
