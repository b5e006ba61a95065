/* admin/cmd_warm.c: stoactl warm: fills the cache for a project before anybody
 * asks.
 *
 * The same jobs as a helper's, in threads over one set of connections. What is
 * in the cache is a hit, so a run that was broken off goes on where it was.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "admin/cmd.h"
#include "admin/progress.h"
#include "admin/wanted.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/parse.h"
#include "base/stop.h"
#include "cache/cache.h"
#include "cache/lock.h"
#include "cache/refusal.h"
#include "config/config.h"
#include "fetch/ahead.h"
#include "fetch/info.h"
#include "fetch/job.h"
#include "fetch/net.h"
#include "fetch/sumdbclient.h"
#include "policy/policy.h"

#include "base/banned.h"

/* Half of the turns at most, so that clients are not kept waiting. */
#define DEFAULT_JOBS 32

/* How often a failure's reason is printed at most; the rest are counted. */
#define MAX_SAID 50

#ifdef STOA_SANITIZERS
#define STACK_SIZE (4u << 20)
#else
#define STACK_SIZE (256u << 10)
#endif

struct warm {
	const struct config *config;
	struct cache cache;
	struct net net;
	struct sumdb *sumdb;
	struct ahead ahead;
	struct progress progress;
	pthread_mutex_t lock;	/* of what follows */
	struct wanted wanted;
	size_t next;		/* the item that is taken next */
	int working;		/* threads that may add items */
	int64_t hits;
	int64_t fetched;
	int64_t failed;
	int64_t bytes;
};

/* The version that a branch or "latest" resolved to: its zip is wanted too. */
static void want_resolved(struct warm *w, const struct key *k)
{
	CLEANUP(buf_release) struct buf path = BUF(MAX_RELPATH);
	CLEANUP(buf_release) struct buf json = BUF(MAX_SMALL_FILE);
	CLEANUP(info_release) struct info info = INFO();
	CLEANUP(err_release) struct err err = ERR();

	key_file(k, &path);
	if (!w->wanted.zips || io_read_file(w->cache.root, path.p, &json) < 0 ||
	    info_parse(buf_view(&json), &info, &err) < 0)
		return;
	pthread_mutex_lock(&w->lock);
	size_t before = w->wanted.n;
	wanted_version(&w->wanted, buf_view(&k->path), buf_view(&info.version));
	progress_expect(&w->progress, (int64_t)(w->wanted.n - before));
	pthread_mutex_unlock(&w->lock);
}

/* Of a list, an @latest or a branch: the same values as those of look(). What was
 * composed of the cache is old from the start: the source's refusal keeps it. */
static int look_mutable(struct warm *w, const struct key *k, const struct settings *s,
			struct err *err)
{
	CLEANUP(entry_release) struct entry e = ENTRY();

	if (cache_lookup(&w->cache, k, &e, err) < 0)
		return -1;
	if (e.fd >= 0 && policy_freshness(s, e.mtime.tv_sec, clock_wall()) == FRESH)
		return 1;
	if (!refusal_find(&w->cache, k, err))
		return 0;
	return e.fd >= 0 && e.mtime.tv_sec == CACHE_COMPOSED ? 1 : -1;
}

/* 1: it need not be asked for; -1 with the refusal that stands; else 0. Refusals of
 * what is immutable do not count: a repeated run asks for that again. */
static int look(struct warm *w, const struct key *k, const struct settings *s, struct err *err)
{
	if (kind_row(k->kind)->immutable)
		return cache_has(&w->cache, k);
	return look_mutable(w, k, s, err);
}

/* 1: fetched, 0: it was there, -1 with why. */
static int obtain(struct warm *w, const struct key *k, int64_t *ret_bytes, struct err *err)
{
	CLEANUP(job_release) struct job j;
	CLEANUP(fd_close) int lock = -1;
	CLEANUP(fd_close) int turn = -1;
	const struct settings *global = config_global(w->config);
	struct settings s;

	config_for(w->config, buf_view(&k->path), &s);
	job_init(&j, &w->cache, &s, config_child_env(w->config), &w->net);
	j.sumdb = w->sumdb;
	int rc = look(w, k, &s, err);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	if (lock_key(&w->cache, k, j.deadline_ms, &lock, err) != 1 ||
	    lock_turn(&w->cache, global->fetch_max, j.deadline_ms, &turn, err) != 1)
		return err->fault ? -1 : err_set(err, FAULT_BUSY, "its turn did not come");
	rc = look(w, k, &s, err);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	ahead_watch(&w->ahead, &j);
	rc = job_run(&j, k, err);
	*ret_bytes = j.bytes;
	return rc < 0 ? -1 : 1;
}

static void warm_one(struct warm *w, const struct want *want)
{
	CLEANUP(key_release) struct key k = KEY();
	CLEANUP(err_release) struct err err = ERR();
	int64_t bytes = 0;
	int rc = key_set_plain(&k, want->kind, str_of(want->path), str_of(want->version), &err);

	if (rc == 0)
		rc = obtain(w, &k, &bytes, &err);
	if (rc < 0 && stop_requested())
		return; /* broken off by ourselves: left, not failed */
	if (rc >= 0 && (k.kind == KIND_QUERY || k.kind == KIND_LATEST))
		want_resolved(w, &k);
	pthread_mutex_lock(&w->lock);
	w->hits += rc == 0;
	w->fetched += rc > 0;
	w->failed += rc < 0;
	w->bytes += bytes;
	bool say = rc < 0 && w->failed <= MAX_SAID;
	pthread_mutex_unlock(&w->lock);
	if (say)
		progress_say(&w->progress, "%s@%s %s: %s: %s", want->path, want->version,
			     kind_row(want->kind)->name, fault_row(err.fault)->label, err.text.p);
	progress_add(&w->progress, bytes, rc < 0);
}

/* The next item, copied, since the list may move. false when nothing is left
 * and nobody can add anything. */
static bool take(struct warm *w, struct want *ret)
{
	bool got = false;

	for (;;) {
		pthread_mutex_lock(&w->lock);
		if (w->next < w->wanted.n && !stop_requested()) {
			*ret = w->wanted.items[w->next++];
			w->working++;
			got = true;
		}
		bool over = !got && (w->working == 0 || stop_requested());
		pthread_mutex_unlock(&w->lock);
		if (got || over)
			return got;
		clock_pause(5);
	}
}

static void *warm_main(void *arg)
{
	struct warm *w = arg;
	struct want want;

	while (take(w, &want)) {
		warm_one(w, &want);
		pthread_mutex_lock(&w->lock);
		w->working--;
		pthread_mutex_unlock(&w->lock);
	}
	return NULL;
}

static void on_signal(int sig)
{
	(void)sig;
	stop_request();
}

static size_t start_threads(struct warm *w, pthread_t *ids, size_t n)
{
	pthread_attr_t attr;
	size_t started = 0;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	while (started < n && pthread_create(&ids[started], &attr, warm_main, w) == 0)
		started++;
	pthread_attr_destroy(&attr);
	return started;
}

static int run_threads(struct warm *w, int64_t jobs)
{
	pthread_t *ids = xmallocarray((size_t)jobs, sizeof(*ids));
	size_t n = start_threads(w, ids, (size_t)jobs);

	for (size_t i = 0; i < n; i++)
		pthread_join(ids[i], NULL);
	free(ids);
	while (ahead_busy(&w->ahead) && !stop_requested())
		clock_pause(5);
	ahead_stop(&w->ahead);
	ahead_release(&w->ahead);
	return n ? 0 : cmd_failed("cannot start a thread");
}

static int summary(const struct warm *w, int64_t ms)
{
	int64_t left = (int64_t)w->wanted.n - w->hits - w->fetched - w->failed;

	printf("%lld files fetched (%.1f MB), %lld there before, %lld failed, in %.1f s",
	       (long long)w->fetched, (double)w->bytes / 1e6, (long long)w->hits,
	       (long long)w->failed, (double)ms / 1e3);
	if (stop_requested())
		printf("; interrupted with %lld left: the same command goes on from there",
		       (long long)left);
	printf("\n");
	return w->failed || stop_requested() ? CMD_FAILED : 0;
}

static int warm(struct warm *w, int64_t jobs, bool quiet)
{
	CLEANUP(err_release) struct err err = ERR();
	const struct settings *s = config_global(w->config);
	int64_t since = clock_ms();

	if (cache_open(&w->cache, s->cache, &err) < 0)
		return cmd_failed("%s", err.text.p);
	w->net = NET(s);
	if (net_run(&w->net, &err) < 0)
		return cmd_failed("%s", err.text.p);
	w->sumdb = sumdb_new(s, config_child_env(w->config));
	sumdb_linger(w->sumdb);
	ahead_init(&w->ahead, w->config, &w->cache, &w->net);
	w->ahead.sumdb = w->sumdb;
	progress_init(&w->progress, "warm", (int64_t)w->wanted.n, quiet);
	log_init("stoactl", LOG_LEVEL_ERROR); /* failures are said below, by themselves */
	signal(SIGINT, on_signal);
	signal(SIGTERM, on_signal);
	signal(SIGPIPE, SIG_IGN);
	int rc = run_threads(w, jobs);
	progress_end(&w->progress);
	net_release(&w->net);
	sumdb_free(w->sumdb);
	return rc ? rc : summary(w, clock_ms() - since);
}

/* What is named; without a name, this folder's go.sum, else its go.mod. */
static int gather(struct wanted *wanted, int argc, char **argv)
{
	CLEANUP(err_release) struct err err = ERR();
	static const char *const here[] = { "go.sum", "go.mod" };

	for (int i = 1; i < argc; i++) {
		struct str s = str_of(argv[i]);
		bool is_file = str_ends(s, STR(".sum")) || str_ends(s, STR(".mod"));
		int rc = is_file ? wanted_file(wanted, argv[i], &err)
				 : wanted_operand(wanted, argv[i], &err);
		if (rc < 0)
			return is_file ? cmd_failed("%s", err.text.p)
				       : cmd_usage("warm: %s", err.text.p);
	}
	for (size_t i = 0; argc == 1 && i < ARRAY_SIZE(here); i++) {
		if (access(here[i], R_OK) < 0)
			continue;
		if (wanted_file(wanted, here[i], &err) < 0)
			return cmd_failed("%s", err.text.p);
		return 0;
	}
	return argc == 1 ? cmd_usage("warm: there is no go.sum and no go.mod here; name one, or "
				     "MODULE@VERSION") : 0;
}

int cmd_warm(const char *conf, int argc, char **argv)
{
	struct warm w = { .cache = CACHE(), .wanted = WANTED() };
	const char *jobs_text = NULL;
	uint64_t jobs = DEFAULT_JOBS;
	bool quiet = false;
	const struct opt opts[] = {
		{ "zips", &w.wanted.zips, NULL },
		{ "quiet", &quiet, NULL },
		{ "jobs", NULL, &jobs_text },
		{ NULL, NULL, NULL },
	};

	if (opts_take(opts, false, &argc, argv) < 0)
		return CMD_USAGE;
	if (jobs_text && (parse_u64(str_of(jobs_text), 1024, &jobs) < 0 || jobs == 0))
		return cmd_usage("warm: --jobs takes a number from 1 to 1024");
	int rc = gather(&w.wanted, argc, argv);
	struct config *config = rc ? NULL : cmd_config_load(conf);
	if (config) {
		w.config = config;
		pthread_mutex_init(&w.lock, NULL);
		rc = warm(&w, (int64_t)jobs, quiet);
		pthread_mutex_destroy(&w.lock);
	} else if (!rc) {
		rc = CMD_FAILED;
	}
	cache_release(&w.cache);
	wanted_release(&w.wanted);
	config_free(config);
	return rc;
}
