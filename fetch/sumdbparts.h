/* fetch/sumdbparts.h: what struct sumdb is made of. For fetch/sum*.c alone.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FETCH_SUMDBPARTS_H
#define FETCH_SUMDBPARTS_H

#include <pthread.h>

#include "base/err.h"
#include "fetch/note.h"
#include "fetch/plan.h"
#include "fetch/pull.h"
#include "fetch/sumbase.h"
#include "fetch/tlog.h"
#include "module/key.h"

struct saving;
struct settings;

/* Tiles in memory: those that a burst of questions shares before they are on
 * the disk. 1 MB in all, and as much again if all have their nodes. */
#define SUMDB_SLOTS 128

enum slot_state {
	SLOT_FREE,
	SLOT_COMING,	/* somebody fetches it */
	SLOT_HERE
};

struct tile_slot {
	enum slot_state state;
	struct tlog_tile tile;
	unsigned char *data;	/* as it came: proved by nobody */
	unsigned char *nodes;	/* what tlog_read() has made of it; NULL: nothing */
	uint64_t used;		/* on the slots' own clock */
};

/* A signed note is at most a tree's text and its signatures. */
#define MAX_SUMDB_NOTE 65536

struct sumhead {
	struct buf note;	/* "" for the empty tree */
	struct tlog_tree tree;
};

#define SUMHEAD() ((struct sumhead){ BUF(MAX_SUMDB_NOTE), tlog_empty })

/* Signed trees that the head is known to continue: the answers of a burst have
 * few different ones. */
#define SUMDB_MERGED 16

struct sumdb {
	const struct settings *settings;
	const char *const *env;
	pthread_mutex_t lock;		/* of what follows */
	pthread_cond_t changed;		/* a slot is not SLOT_COMING any more */
	bool opened;			/* the setting was read */
	struct err trouble;		/* with it */
	struct note_key key;
	struct key supported;		/* names the database */
	struct sumhead head;		/* as it was last read, verified */
	struct sumhead merged[SUMDB_MERGED];	/* parts of it */
	size_t merged_next;
	struct tile_slot slots[SUMDB_SLOTS];
	uint64_t clock;
	pthread_mutex_t base_lock;	/* of what follows */
	struct plan plan;
	struct sumbase base;
	struct err base_err;		/* why it could not be found */
	int64_t base_ms;		/* when either was found, 0: never */
	bool base_given;		/* by the administrator */
	bool lingers;			/* sumdb_linger() */
	pthread_mutex_t save_lock;	/* of what follows */
	pthread_cond_t save_wake;
	pthread_t save_thread;
	bool save_thread_runs;
	bool ending;
	struct saving *saving;		/* what waits to be written, oldest first */
	struct saving **saving_last;
	struct saving *saving_now;	/* what is being written */
	int n_saving;			/* of both */
};

/* --- sumdbopen.c: the database and where it is asked --- */

/* The job's, with the setting read. NULL with FAULT_LOCAL. */
struct sumdb *sumdb_open(struct job *j, struct err *err) WARN_UNUSED;

static inline struct str sumdb_name(const struct sumdb *db)
{
	return buf_view(&db->supported.path);
}

/* Where it is asked; with `anew`, the sources are asked about it again. */
int sumdb_base(struct sumdb *db, struct job *j, bool anew, struct sumbase *ret,
	       struct err *err) WARN_UNUSED;

/* The same if it is known, without waiting for anybody. */
bool sumdb_base_known(struct sumdb *db, struct job *j, struct sumbase *ret);

/* Makes p ask the database. `list` and `base` must live as long as p. */
void sumdb_aim(struct pull *p, struct sumbase *base, struct goproxy *list);

/* --- sumhead.c: the latest tree, and others that it continues --- */

/* A signed tree of the database's. -1 with FAULT_INTEGRITY. */
int sumhead_open(struct sumdb *db, struct str note, struct tlog_tree *ret,
		 struct err *err) WARN_UNUSED;

/* The head as it is in the cache; no file is the empty tree. -1 with FAULT_LOCAL. */
int sumhead_read(struct sumdb *db, struct job *j, struct sumhead *ret, struct err *err) WARN_UNUSED;

/* Moves the head on from `was` to a tree that was proved to continue it. 1: done;
 * 0: somebody else has moved it meanwhile. */
int sumhead_move(struct sumdb *db, struct job *j, const struct sumhead *was, struct str note,
		 const struct tlog_tree *tree, struct err *err) WARN_UNUSED;

/* The tree was proved to be the beginning of `head`; and whether one was: it need
 * not be proved again as long as the head is moved on by this process alone. */
void sumhead_merged(struct sumdb *db, const struct sumhead *head, struct str note,
		    const struct tlog_tree *tree);
bool sumhead_is_merged(struct sumdb *db, struct str note);

/* --- sumsave.c: writing down what was proved --- */

/* Writes the file, now or soon; a failure means that it is learnt again. *lock
 * (NULL: none) is given up when that is done. */
void sumsave_put(struct sumdb *db, struct job *j, const char *path, struct str data, bool replace,
		 int *lock);

/* The first n bytes of a file that still waits to be written. */
bool sumsave_find(struct sumdb *db, const char *path, unsigned char *data, size_t n);

/* Waits until everything is written. */
void sumsave_end(struct sumdb *db);

/* --- sumtiles.c: tiles, from memory, the disk or the database --- */

/* One proved read's way to its tiles. */
struct tile_reading {
	struct sumdb *db;
	struct job *j;
	bool anew;			/* take nothing that was kept */
	bool kept;			/* something that was kept was taken */
	/* the tiles that were proved to be the tree's, to be kept if all else is
	 * well: a fork's tiles are its own tree's too */
	struct tlog_tile *tiles;
	unsigned char *data;
	size_t n;
};

struct tlog_source sumtiles_source(struct tile_reading *r);

/* Writes down what was proved. */
void sumtiles_keep(struct tile_reading *r);

/* What was proved about this place: as many bytes as the tile has; NULL when it
 * was not read. */
const unsigned char *sumtiles_got(const struct tile_reading *r, const struct tlog_tile *t);

/* Empties it, for another read or none. */
void sumtiles_release(struct tile_reading *r);

/* Forgets what memory has of these: they do not fit the tree. */
void sumtiles_forget(struct sumdb *db);

#endif
