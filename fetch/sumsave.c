/* fetch/sumsave.c: writing down what was proved.
 *
 * Nobody's answer waits for a tile to be on the disk, so a process that lingers
 * has a thread that writes them, many at a time: the first sync of a batch
 * writes the journal for all. A name that a power loss takes away is learnt
 * again, so folders are not synced; a name never leads to bytes that are not
 * there, so files are.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <stdlib.h>

#include "base/io.h"
#include "base/log.h"
#include "base/mem.h"
#include "cache/publish.h"
#include "config/config.h"
#include "fetch/job.h"
#include "fetch/sumdbparts.h"

#include "base/banned.h"

/* Files that wait to be written, at most; 2 MB of tiles. */
#define MAX_WAITING 256

#ifdef STOA_SANITIZERS
#define STACK_SIZE (4u << 20)
#else
#define STACK_SIZE (128u << 10)
#endif

struct saving {
	struct saving *next;
	const struct cache *cache;
	char *path;
	unsigned char *data;
	size_t n;
	bool replace;
	int lock;	/* given up when the file is there */
	struct stage stage;
};

static void saving_free(struct saving *s)
{
	stage_release(&s->stage);
	fd_close(&s->lock);
	free(s->path);
	free(s->data);
	free(s);
}

static int stage(struct saving *s, struct err *err)
{
	return stage_open(&s->stage, s->cache, err) < 0 ||
	       stage_write(&s->stage, s->data, s->n, err) < 0 ? -1 : 0;
}

/* Writes them all, each under its own name or not at all. */
static void write_batch(struct sumdb *db, struct saving *batch)
{
	CLEANUP(err_release) struct err err = ERR();

	for (struct saving *s = batch; s; s = s->next)
		if (stage(s, &err) < 0)
			stage_release(&s->stage);
	for (struct saving *s = batch; s && db->settings->sync; s = s->next)
		if (s->stage.fd >= 0 && io_fsync(s->stage.fd) < 0)
			stage_release(&s->stage);
	for (struct saving *s = batch; s; s = s->next)
		if (s->stage.fd >= 0 &&
		    publish_file(&s->stage, s->path, !s->replace, JOB_NOW, false, &err) < 0)
			trace(TRACE_CACHE, "%s: %s", s->path, err.text.p);
}

static void free_batch(struct saving *batch)
{
	while (batch) {
		struct saving *s = batch;
		batch = s->next;
		saving_free(s);
	}
}

/* What is written stays in db->saving, where it is found, until it is. */
static void *save_main(void *arg)
{
	struct sumdb *db = arg;

	pthread_mutex_lock(&db->save_lock);
	for (;;) {
		while (!db->saving && !db->ending)
			pthread_cond_wait(&db->save_wake, &db->save_lock);
		struct saving *batch = db->saving;
		if (!batch)
			break;
		db->saving_now = batch;
		db->saving = NULL;
		db->saving_last = &db->saving;
		pthread_mutex_unlock(&db->save_lock);
		write_batch(db, batch);
		pthread_mutex_lock(&db->save_lock);
		db->saving_now = NULL;
		for (struct saving *s = batch; s; s = s->next)
			db->n_saving--;
		free_batch(batch);
	}
	pthread_mutex_unlock(&db->save_lock);
	return NULL;
}

/* With the lock held. */
static void start_thread(struct sumdb *db)
{
	pthread_attr_t attr;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	db->save_thread_runs = pthread_create(&db->save_thread, &attr, save_main, db) == 0;
	pthread_attr_destroy(&attr);
}

/* true: the thread has it. */
static bool enqueue(struct sumdb *db, struct saving *s)
{
	bool taken = false;

	pthread_mutex_lock(&db->save_lock);
	if (db->lingers && !db->save_thread_runs && !db->ending)
		start_thread(db);
	if (db->save_thread_runs && db->n_saving < MAX_WAITING) {
		*db->saving_last = s;
		db->saving_last = &s->next;
		db->n_saving++;
		taken = true;
		pthread_cond_signal(&db->save_wake);
	}
	pthread_mutex_unlock(&db->save_lock);
	return taken;
}

void sumsave_put(struct sumdb *db, struct job *j, const char *path, struct str data, bool replace,
		 int *lock)
{
	struct saving *s = xcalloc(1, sizeof(*s));

	s->cache = j->cache;
	s->path = xstrdup(path);
	s->data = xmalloc(data.n ? data.n : 1);
	memcpy(s->data, data.p, data.n);
	s->n = data.n;
	s->replace = replace;
	s->lock = lock ? fd_steal(lock) : -1;
	s->stage = STAGE();
	if (enqueue(db, s))
		return;
	write_batch(db, s);
	saving_free(s);
}

static const struct saving *find(const struct saving *list, const char *path)
{
	for (; list; list = list->next)
		if (strcmp(list->path, path) == 0)
			return list;
	return NULL;
}

bool sumsave_find(struct sumdb *db, const char *path, unsigned char *data, size_t n)
{
	pthread_mutex_lock(&db->save_lock);
	const struct saving *s = find(db->saving, path);
	if (!s)
		s = find(db->saving_now, path);
	bool found = s && s->n >= n;
	if (found && n)
		memcpy(data, s->data, n);
	pthread_mutex_unlock(&db->save_lock);
	return found;
}

void sumsave_end(struct sumdb *db)
{
	pthread_mutex_lock(&db->save_lock);
	db->ending = true;
	bool runs = db->save_thread_runs;
	pthread_cond_signal(&db->save_wake);
	pthread_mutex_unlock(&db->save_lock);
	if (runs)
		pthread_join(db->save_thread, NULL);
}
