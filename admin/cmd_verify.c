/* admin/cmd_verify.c: stoactl verify: hashes what is stored, and compares it with
 * what was published.
 *
 * Files are taken in the order in which the tree is walked, large ones somewhat
 * before their turn, by one thread a processor, while the walk goes on. A run that
 * was broken off leaves state/verify, which says how far it was; the next one with
 * the same operands goes on there.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "admin/check.h"
#include "admin/cmd.h"
#include "admin/crew.h"
#include "admin/progress.h"
#include "admin/tree.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"
#include "base/log.h"
#include "base/parse.h"
#include "base/stop.h"
#include "cache/cache.h"
#include "cache/publish.h"
#include "config/config.h"
#include "fetch/net.h"
#include "fetch/sumdbclient.h"
#include "module/key.h"

#include "base/banned.h"

#define PLACE_FILE "state/verify"
#define MAX_PLACE (2 * MAX_RELPATH + 64)

/* So many files are found before anybody is told. */
#define BATCH 64

/* Bytes of a zip that takes as long as some hundred small files. */
#define LARGE (1 << 20)

struct verify {
	struct checker checker;
	struct cache cache;
	struct progress progress;
	bool repair;
	struct paths wanted;	/* "MODULE" or "MODULE@VERSION"; none: all */
	struct buf what;	/* the operands, for PLACE_FILE */
	struct buf behind;	/* files up to this one are passed over; "" for none */
	struct crew *crew;
	struct err walk_err;	/* why the walk ended early */
	pthread_mutex_t lock;	/* of what follows */
	struct paths files;
	int64_t n[CHECK_GONE + 1];
	int64_t repaired;
	int64_t bytes;
};

/* --- where a run was broken off --- */

/* Of one of the files. It does not move while the list grows. */
static const char *path_of(struct verify *v, size_t item)
{
	pthread_mutex_lock(&v->lock);
	const char *path = v->files.path[item];
	pthread_mutex_unlock(&v->lock);
	return path;
}

static void write_place(struct verify *v, size_t item)
{
	CLEANUP(buf_release) struct buf text = BUF(MAX_PLACE);
	CLEANUP(err_release) struct err err = ERR();
	CLEANUP(stage_release) struct stage s = STAGE();

	if (item == 0)
		return;
	buf_printf(&text, "%s\n%s\n", v->what.p, path_of(v, item - 1));
	if (buf_ok(&text, "the place", &err) == 0 && stage_open(&s, &v->cache, &err) == 0 &&
	    stage_write(&s, text.p, text.n, &err) == 0 &&
	    publish_file(&s, PLACE_FILE, false, (time_t)-1, false, &err) == 0)
		return;
	progress_say(&v->progress, "verify: the place is not kept: %s", err.text.p);
}

static void mark(void *ctx, size_t item)
{
	write_place(ctx, item);
}

/* The place of a run with the same operands. */
static void read_place(struct verify *v)
{
	CLEANUP(buf_release) struct buf text = BUF(MAX_PLACE);
	struct str rest;
	struct str what;
	struct str last;

	if (io_read_file(v->cache.root, PLACE_FILE, &text) < 0)
		return;
	rest = buf_view(&text);
	if (str_cut(&rest, '\n', &what) && str_eq(what, buf_view(&v->what)) &&
	    str_cut(&rest, '\n', &last) && rest.p)
		buf_str(&v->behind, last);
}

/* --- the work --- */

static const char *const said[] = {
	[CHECK_GOOD] = "good",
	[CHECK_NEW] = "new",
	[CHECK_BAD] = "bad",
	[CHECK_FAILED] = "failed",
	[CHECK_GONE] = "gone",
};

static void tell(struct verify *v, const struct key *k, const char *word, const struct err *err)
{
	CLEANUP(buf_release) struct buf what = BUF(2 * MAX_URI);

	key_text(k, &what);
	progress_say(&v->progress, "%s %s %s: %s", word, what.p, kind_row(k->kind)->name,
		     err->text.p);
}

static void work(void *ctx, size_t item)
{
	struct verify *v = ctx;
	CLEANUP(key_release) struct key k = KEY();
	CLEANUP(err_release) struct err err = ERR();
	CLEANUP(err_release) struct err trouble = ERR();
	int64_t bytes = 0;
	bool repaired = false;

	if (key_set_file(&k, str_of(path_of(v, item)), &err) < 0)
		return;
	enum check_end end = check_file(&v->checker, &k, &bytes, &err);
	if (end == CHECK_BAD || end == CHECK_FAILED)
		tell(v, &k, said[end], &err);
	if (end == CHECK_BAD && v->repair) {
		repaired = check_repair(&v->checker, &k, &err, &trouble) == 0;
		tell(v, &k, repaired ? "repaired" : "lost", repaired ? &err : &trouble);
	}
	pthread_mutex_lock(&v->lock);
	v->n[end]++;
	v->repaired += repaired;
	v->bytes += bytes;
	pthread_mutex_unlock(&v->lock);
	progress_add(&v->progress, bytes, end == CHECK_BAD || end == CHECK_FAILED);
}

/* --- what is looked at --- */

static bool is_wanted(const struct verify *v, const struct key *k)
{
	for (size_t i = 0; i < v->wanted.n; i++) {
		struct str w = str_of(v->wanted.path[i]);
		ptrdiff_t at = str_chr(w, '@');
		struct str module = at < 0 ? w : str_head(w, (size_t)at);
		if (str_eq(module, buf_view(&k->path)) &&
		    (at < 0 || str_eq(str_from(w, (size_t)at + 1), buf_view(&k->version))))
			return true;
	}
	return v->wanted.n == 0;
}

static bool is_large(int dir, const char *path, const struct key *k)
{
	struct stat st;

	return k->kind == KIND_ZIP && fstatat(dir, path, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       st.st_size >= LARGE;
}

static void tell_crew(struct verify *v, size_t more)
{
	progress_expect(&v->progress, (int64_t)more);
	crew_more(v->crew, v->files.n);
}

static int gather(void *ctx, int dir, struct str path, enum tree_what what, struct err *err)
{
	struct verify *v = ctx;
	CLEANUP(key_release) struct key k = KEY();
	CLEANUP(err_release) struct err ignored = ERR();

	(void)err;
	if (stop_requested())
		return -1;
	if (what != TREE_FILE || key_set_file(&k, path, &ignored) < 0 || !is_wanted(v, &k) ||
	    (v->behind.n && tree_cmp(path, buf_view(&v->behind)) <= 0))
		return 0;
	pthread_mutex_lock(&v->lock);
	paths_add(&v->files, path);
	pthread_mutex_unlock(&v->lock);
	if (is_large(dir, v->files.path[v->files.n - 1], &k))
		crew_large(v->crew, v->files.n - 1);
	if (v->files.n == 1 && v->behind.n)
		printf("going on behind %s\n", v->behind.p);
	if (v->files.n % BATCH == 0)
		tell_crew(v, BATCH);
	return 0;
}

static int find(void *ctx, struct crew *c)
{
	struct verify *v = ctx;

	v->crew = c;
	int rc = tree_walk(v->cache.root, "mod", gather, v, &v->walk_err);
	tell_crew(v, v->files.n % BATCH);
	return rc;
}

/* 0; 3: what was wrong was repaired; 4: something is wrong. */
static int summary(const struct verify *v, int64_t ms)
{
	double mb = (double)v->bytes / 1e6;

	printf("%lld good, %lld new, %lld bad, %lld repaired, %lld not readable; "
	       "%.1f MB in %.2f s (%.0f MB/s)%s\n",
	       (long long)v->n[CHECK_GOOD], (long long)v->n[CHECK_NEW], (long long)v->n[CHECK_BAD],
	       (long long)v->repaired, (long long)v->n[CHECK_FAILED], mb, (double)ms / 1e3,
	       ms ? mb * 1e3 / (double)ms : 0.0,
	       stop_requested() ? "; broken off: run it again to go on" : "");
	if (v->n[CHECK_FAILED] || v->n[CHECK_BAD] > v->repaired)
		return CMD_WRONG;
	if (stop_requested())
		return CMD_FAILED;
	return v->n[CHECK_BAD] ? CMD_REPAIRED : 0;
}

/* *ret_done is how many files are done. */
static int look_at_all(struct verify *v, size_t threads, size_t *ret_done)
{
	struct crew crew = { .work = work, .mark = mark, .find = find, .ctx = v };

	if (crew_run(&crew, threads, ret_done) < 0)
		return err_set(&v->walk_err, FAULT_LOCAL, "cannot start a thread");
	return v->walk_err.fault != FAULT_NONE ? -1 : 0;
}

static int run(struct verify *v, size_t threads, bool quiet)
{
	int64_t since = clock_ms();
	size_t done = 0;

	read_place(v);
	progress_init(&v->progress, "verify", 0, quiet);
	int rc = look_at_all(v, threads, &done);
	if (rc == 0 && v->behind.n && !v->files.n && !stop_requested()) {
		/* it was the last one */
		buf_reset(&v->behind);
		rc = look_at_all(v, threads, &done);
	}
	progress_end(&v->progress);
	if (rc < 0)
		return cmd_failed("%s", v->walk_err.text.p);
	if (v->wanted.n && !v->files.n && !stop_requested())
		return cmd_failed("verify: the cache has nothing of that");
	if (stop_requested())
		write_place(v, done);
	else
		(void)!io_unlink(v->cache.root, PLACE_FILE);
	return summary(v, clock_ms() - since);
}

static int verify(struct verify *v, const struct config *config, size_t threads, bool quiet)
{
	CLEANUP(err_release) struct err err = ERR();
	CLEANUP(net_release) struct net net = NET(config_global(config));

	log_init("stoactl", LOG_LEVEL_ERROR);
	if (cache_open(&v->cache, config_global(config)->cache, &err) < 0)
		return cmd_failed("%s", err.text.p);
	if ((v->repair || v->checker.ask_sumdb) && net_run(&net, &err) < 0)
		return cmd_failed("%s", err.text.p);
	v->checker.config = config;
	v->checker.cache = &v->cache;
	v->checker.net = &net;
	v->checker.sumdb = sumdb_new(config_global(config), config_child_env(config));
	sumdb_linger(v->checker.sumdb);
	pthread_mutex_init(&v->lock, NULL);
	int rc = run(v, threads, quiet);
	pthread_mutex_destroy(&v->lock);
	sumdb_free(v->checker.sumdb);
	return rc;
}

int cmd_verify(const char *conf, int argc, char **argv)
{
	struct verify v = { .cache = CACHE(), .what = BUF(MAX_RELPATH),
			    .behind = BUF(MAX_RELPATH), .walk_err = ERR() };
	const char *jobs_text = NULL;
	uint64_t jobs = crew_processors();
	bool quiet = false;
	const struct opt opts[] = {
		{ "sumdb", &v.checker.ask_sumdb, NULL },
		{ "repair", &v.repair, NULL },
		{ "quiet", &quiet, NULL },
		{ "jobs", NULL, &jobs_text },
		{ NULL, NULL, NULL },
	};

	if (opts_take(opts, false, &argc, argv) < 0)
		return CMD_USAGE;
	if (jobs_text && (parse_u64(str_of(jobs_text), CREW_MOST, &jobs) < 0 || jobs == 0))
		return cmd_usage("verify: --jobs takes a number from 1 to %d", CREW_MOST);
	buf_printf(&v.what, "verify%s%s", v.checker.ask_sumdb ? " --sumdb" : "",
		   v.repair ? " --repair" : "");
	for (int i = 1; i < argc; i++) {
		paths_add(&v.wanted, str_of(argv[i]));
		buf_printf(&v.what, " %s", argv[i]);
	}
	struct config *config = cmd_config_load(conf);
	int rc = config ? verify(&v, config, (size_t)jobs, quiet) : CMD_FAILED;
	cache_release(&v.cache);
	paths_free(&v.wanted);
	paths_free(&v.files);
	buf_release(&v.what);
	buf_release(&v.behind);
	err_release(&v.walk_err);
	config_free(config);
	return rc;
}
