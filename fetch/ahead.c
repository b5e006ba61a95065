/* fetch/ahead.c: fetching what a client will ask next, before it asks.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/stop.h"
#include "cache/cache.h"
#include "cache/lock.h"
#include "cache/refusal.h"
#include "config/config.h"
#include "fetch/ahead.h"
#include "fetch/gomod.h"
#include "fetch/job.h"
#include "fetch/report.h"
#include "module/key.h"

#include "base/banned.h"

/* Requests to sources at the same time, on top of those for clients. */
#define THREADS 24

/* How far from what a client asked for: real graphs are some 20 deep. */
#define MAX_DEPTH 40

/* How many times `ask_ahead` files are fetched at most for what a client asked
 * last. */
#define MOST_UNASKED 4

/* The depth of a guess: nothing below it is fetched, since it may be wrong. */
#define GUESS MAX_DEPTH

/* A client that loads its graph asks again sooner. */
#define FORGET_MS 5000

#ifdef STOA_SANITIZERS
#define STACK_SIZE (4u << 20)
#else
#define STACK_SIZE (256u << 10)
#endif

struct wish {
	struct wish *next;
	char *path;
	char *version;
	int depth;
};

static void wish_free(struct wish *w)
{
	if (!w)
		return;
	free(w->path);
	free(w->version);
	free(w);
}

void ahead_init(struct ahead *a, const struct config *config, const struct cache *cache,
		struct net *net)
{
	*a = (struct ahead){ .config = config, .cache = cache, .net = net };
	a->last = &a->first;
	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->wake, NULL);
}

static void *ahead_main(void *arg);

/* With the lock held. */
static void add_thread(struct ahead *a)
{
	pthread_attr_t attr;
	pthread_t id;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	if (pthread_create(&id, &attr, ahead_main, a) == 0)
		a->threads++;
	pthread_attr_destroy(&attr);
}

/* No room, or too many since a client last asked: a hostile source can make up
 * requirements without end. */
static bool is_full(const struct ahead *a)
{
	int64_t most = config_global(a->config)->ask_ahead;

	return a->waiting >= most || a->put >= most * MOST_UNASKED;
}

/* Puts a wish at *at; where the next one goes, or NULL when there is no room or
 * nobody to fetch it. With the lock held. */
static struct wish **put(struct ahead *a, struct wish **at, struct str path, struct str version,
			 int depth)
{
	if (a->ending || is_full(a))
		return NULL;
	if (a->threads < THREADS && a->threads <= a->waiting + a->running)
		add_thread(a);
	if (a->threads == 0)
		return NULL;
	struct wish *w = xcalloc(1, sizeof(*w));
	w->path = xmemdup0(path.p, path.n);
	w->version = xmemdup0(version.p, version.n);
	w->depth = depth;
	w->next = *at;
	*at = w;
	if (!w->next)
		a->last = &w->next;
	a->waiting++;
	a->put++;
	pthread_cond_signal(&a->wake);
	return &w->next;
}

/* Whether a module can be named so; a word in a go.mod may be anything. */
static bool name(struct str path, struct str version, struct key *ret)
{
	CLEANUP(err_release) struct err ignored = ERR();

	return key_set_plain(ret, KIND_MOD, path, version, &ignored) == 0;
}

static bool is_wanted(struct ahead *a, struct str path, struct str version)
{
	CLEANUP(key_release) struct key k = KEY();

	return name(path, version, &k) && !cache_has(a->cache, &k);
}

/* --- what is loaded with a module --- */

struct requirements {
	struct ahead *ahead;
	int depth;
};

static void require(void *ctx, struct str path, struct str version)
{
	struct requirements *r = ctx;
	struct ahead *a = r->ahead;

	if (!is_wanted(a, path, version))
		return;
	pthread_mutex_lock(&a->lock);
	(void)put(a, a->last, path, version, r->depth + 1);
	pthread_mutex_unlock(&a->lock);
}

/* --- what the client's own module requires --- */

/* Guesses stand before everything else, in their order. */
struct guesses {
	struct ahead *ahead;
	struct wish **at;
};

static void note(void *ctx, struct str path, struct str version)
{
	CLEANUP(key_release) struct key k = KEY();
	struct ahead *a = ctx;

	if (!name(path, version, &k))
		return;
	pthread_mutex_lock(&a->lock);
	likely_note(&a->likely, path, version);
	pthread_mutex_unlock(&a->lock);
}

static bool guess(void *ctx, struct str path, struct str version)
{
	struct guesses *g = ctx;

	if (!is_wanted(g->ahead, path, version))
		return true;
	if (g->at)
		g->at = put(g->ahead, g->at, path, version, GUESS);
	return g->at != NULL;
}

static void forget_others(struct ahead *a)
{
	int64_t now = clock_ms();

	pthread_mutex_lock(&a->lock);
	if (now - a->asked_ms > FORGET_MS)
		likely_release(&a->likely);
	a->asked_ms = now;
	a->put = 0;
	pthread_mutex_unlock(&a->lock);
}

/* What an unpruned module requires is fetched anyway, with what is below it. */
static void note_asked(struct ahead *a, struct str path, struct str text, bool unpruned)
{
	struct guesses g = { a, NULL };

	forget_others(a);
	if (!unpruned)
		gomod_requirements(text, note, a);
	pthread_mutex_lock(&a->lock);
	g.at = &a->first;
	likely_next(&a->likely, path, guess, &g);
	pthread_mutex_unlock(&a->lock);
}

/* Below an unpruned module everything is loaded, so from depth 1 on the go line
 * does not matter any more. */
static void on_mod(void *ctx, int depth, const struct key *k, struct str text)
{
	struct ahead *a = ctx;
	struct requirements r = { a, depth };
	bool unpruned = depth > 0 || gomod_is_unpruned(text);

	if (depth == 0)
		note_asked(a, buf_view(&k->path), text, unpruned);
	if (depth < MAX_DEPTH && unpruned)
		gomod_requirements(text, require, &r);
}

static void watch(struct ahead *a, struct job *j, int depth)
{
	if (config_global(a->config)->ask_ahead == 0)
		return;
	j->on_mod = on_mod;
	j->on_mod_ctx = a;
	j->depth = depth;
}

void ahead_watch(struct ahead *a, struct job *j)
{
	watch(a, j, 0);
}

static void fetch(struct ahead *a, const struct key *k, int depth)
{
	CLEANUP(err_release) struct err err = ERR();
	CLEANUP(job_release) struct job j;
	struct settings settings;
	int64_t since = clock_ms();

	config_for(a->config, buf_view(&k->path), &settings);
	job_init(&j, a->cache, &settings, config_child_env(a->config), a->net);
	if (settings.offline)
		return;
	j.sumdb = a->sumdb;
	watch(a, &j, depth);
	(void)!job_run(&j, k, &err);
	report_job(k, &j, clock_ms() - since, "ahead", &err);
}

static void grant(struct ahead *a, const struct wish *w)
{
	CLEANUP(key_release) struct key k = KEY();
	CLEANUP(err_release) struct err err = ERR();
	CLEANUP(fd_close) int lock = -1;

	if (key_set_plain(&k, KIND_MOD, str_of(w->path), str_of(w->version), &err) < 0 ||
	    cache_has(a->cache, &k) || lock_key(a->cache, &k, 0, &lock, &err) != 1 ||
	    cache_has(a->cache, &k) || refusal_find(a->cache, &k, &err))
		return;
	fetch(a, &k, w->depth);
}

static void *ahead_main(void *arg)
{
	struct ahead *a = arg;

	pthread_mutex_lock(&a->lock);
	for (;;) {
		while (!a->first && !a->ending)
			pthread_cond_wait(&a->wake, &a->lock);
		struct wish *w = a->first;
		if (!w || a->ending)
			break;
		a->first = w->next;
		if (!a->first)
			a->last = &a->first;
		a->waiting--;
		a->running++;
		pthread_mutex_unlock(&a->lock);
		if (!stop_requested())
			grant(a, w);
		wish_free(w);
		pthread_mutex_lock(&a->lock);
		a->running--;
	}
	a->threads--;
	pthread_mutex_unlock(&a->lock);
	return NULL;
}

bool ahead_busy(struct ahead *a)
{
	pthread_mutex_lock(&a->lock);
	bool busy = a->waiting > 0 || a->running > 0;
	pthread_mutex_unlock(&a->lock);
	return busy;
}

void ahead_stop(struct ahead *a)
{
	pthread_mutex_lock(&a->lock);
	a->ending = true;
	while (a->first) {
		struct wish *w = a->first;
		a->first = w->next;
		wish_free(w);
	}
	a->last = &a->first;
	a->waiting = 0;
	pthread_cond_broadcast(&a->wake);
	pthread_mutex_unlock(&a->lock);
}

void ahead_release(struct ahead *a)
{
	for (;;) {
		pthread_mutex_lock(&a->lock);
		int threads = a->threads;
		pthread_mutex_unlock(&a->lock);
		if (threads == 0)
			break;
		clock_pause(1);
	}
	likely_release(&a->likely);
	pthread_cond_destroy(&a->wake);
	pthread_mutex_destroy(&a->lock);
}
