/* fetch/sumhead.c: the latest tree of the checksum database, and others that it
 * continues.
 *
 * The file state/sumdb/NAME/head has it; processes move it forward under a lock.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <errno.h>

#include "base/io.h"
#include "base/limits.h"
#include "cache/cache.h"
#include "cache/lock.h"
#include "cache/publish.h"
#include "config/config.h"
#include "fetch/job.h"
#include "fetch/sumdbparts.h"

#include "base/banned.h"

static void head_file(const struct sumdb *db, struct buf *out)
{
	buf_puts(out, "state/sumdb/");
	buf_str(out, sumdb_name(db));
	buf_puts(out, "/head");
}

static void head_set(struct sumhead *h, struct str note, const struct tlog_tree *tree)
{
	buf_reset(&h->note);
	buf_str(&h->note, note);
	h->tree = *tree;
}

/* With the lock held. */
static const struct sumhead *find_merged(const struct sumdb *db, struct str note)
{
	for (size_t i = 0; note.n && i < SUMDB_MERGED; i++)
		if (str_eq(buf_view(&db->merged[i].note), note))
			return &db->merged[i];
	return NULL;
}

/* With the lock held: the head continues this one. */
static void add_merged(struct sumdb *db, struct str note, const struct tlog_tree *tree)
{
	if (note.n && !find_merged(db, note))
		head_set(&db->merged[db->merged_next++ % SUMDB_MERGED], note, tree);
}

bool sumhead_is_merged(struct sumdb *db, struct str note)
{
	pthread_mutex_lock(&db->lock);
	bool found = find_merged(db, note);
	pthread_mutex_unlock(&db->lock);
	return found;
}

void sumhead_merged(struct sumdb *db, const struct sumhead *head, struct str note,
		    const struct tlog_tree *tree)
{
	pthread_mutex_lock(&db->lock);
	if (str_eq(buf_view(&db->head.note), buf_view(&head->note)))
		add_merged(db, note, tree);
	pthread_mutex_unlock(&db->lock);
}

/* We have moved the head on. */
static void note_moved(struct sumdb *db, const struct sumhead *was, struct str note,
		       const struct tlog_tree *tree)
{
	pthread_mutex_lock(&db->lock);
	if (str_eq(buf_view(&db->head.note), buf_view(&was->note))) {
		add_merged(db, buf_view(&was->note), &was->tree);
		head_set(&db->head, note, tree);
	}
	pthread_mutex_unlock(&db->lock);
}

/* The file has another one: somebody else changed it, unless we read it before
 * another thread moved it on. With the lock held. */
static void note_changed(struct sumdb *db, struct str note, const struct tlog_tree *tree)
{
	if (find_merged(db, note))
		return;
	for (size_t i = 0; i < SUMDB_MERGED; i++)
		buf_reset(&db->merged[i].note);
	head_set(&db->head, note, tree);
}

/* A signature that was verified before is the same again. */
static bool is_opened(struct sumdb *db, struct str note, struct tlog_tree *ret)
{
	pthread_mutex_lock(&db->lock);
	const struct sumhead *h = find_merged(db, note);
	if (!h && note.n && str_eq(buf_view(&db->head.note), note))
		h = &db->head;
	if (h)
		*ret = h->tree;
	pthread_mutex_unlock(&db->lock);
	return h;
}

int sumhead_open(struct sumdb *db, struct str note, struct tlog_tree *ret, struct err *err)
{
	struct str text;

	if (is_opened(db, note, ret))
		return 0;
	if (note.n > MAX_SUMDB_NOTE)
		return err_set(err, FAULT_INTEGRITY, "the signed tree is too long");
	return note_open(note, &db->key, &text, err) < 0 ? -1 : tlog_parse_tree(text, ret, err);
}

int sumhead_read(struct sumdb *db, struct job *j, struct sumhead *ret, struct err *err)
{
	CLEANUP(buf_release) struct buf path = BUF(MAX_RELPATH);
	CLEANUP(buf_release) struct buf note = BUF(MAX_SUMDB_NOTE);
	struct tlog_tree tree = tlog_empty;

	head_file(db, &path);
	int rc = io_read_file(j->cache->root, path.p, &note);
	if (rc < 0 && rc != -ENOENT)
		return err_sys(err, FAULT_LOCAL, -rc, "the latest tree cannot be read");
	pthread_mutex_lock(&db->lock);
	bool same = str_eq(buf_view(&note), buf_view(&db->head.note));
	if (same)
		tree = db->head.tree;
	pthread_mutex_unlock(&db->lock);
	if (!same && note.n && sumhead_open(db, buf_view(&note), &tree, err) < 0) {
		err->fault = FAULT_LOCAL;
		return err_wrap(err, "the latest tree in the cache (%s)", path.p);
	}
	if (!same) {
		pthread_mutex_lock(&db->lock);
		note_changed(db, buf_view(&note), &tree);
		pthread_mutex_unlock(&db->lock);
	}
	head_set(ret, buf_view(&note), &tree);
	return 0;
}

static int head_write(struct sumdb *db, struct job *j, struct str note, struct err *err)
{
	CLEANUP(buf_release) struct buf path = BUF(MAX_RELPATH);
	CLEANUP(stage_release) struct stage s = STAGE();

	head_file(db, &path);
	if (stage_open(&s, j->cache, err) < 0 || stage_write(&s, note.p, note.n, err) < 0)
		return -1;
	return publish_file(&s, path.p, false, JOB_NOW, j->settings->sync, err);
}

int sumhead_move(struct sumdb *db, struct job *j, const struct sumhead *was, struct str note,
		 const struct tlog_tree *tree, struct err *err)
{
	CLEANUP(buf_release) struct buf path = BUF(MAX_RELPATH);
	CLEANUP(buf_release) struct buf now = BUF(MAX_SUMDB_NOTE);
	CLEANUP(fd_close) int lock = -1;

	head_file(db, &path);
	int rc = lock_name(j->cache, buf_view(&path), j->deadline_ms, &lock, err);
	if (rc <= 0)
		return rc < 0 ? -1 : err_set(err, FAULT_TIMEOUT, "the latest tree is locked");
	rc = io_read_file(j->cache->root, path.p, &now);
	if (rc < 0 && rc != -ENOENT)
		return err_sys(err, FAULT_LOCAL, -rc, "the latest tree cannot be read");
	if (!str_eq(buf_view(&now), buf_view(&was->note)))
		return 0;
	if (head_write(db, j, note, err) < 0)
		return -1;
	note_moved(db, was, note, tree);
	return 1;
}
