/* fetch/sumtiles.c: tiles, from memory, the disk or the database.
 *
 * What is in memory came from the database and is proved by nobody: each read
 * proves what it takes. What is on the disk was proved before it came there.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <stdlib.h>

#include "base/io.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/must.h"
#include "cache/cache.h"
#include "fetch/job.h"
#include "fetch/sumdb.h"
#include "fetch/sumdbparts.h"

#include "base/banned.h"

static struct tlog_tile full(const struct tlog_tile *t)
{
	return (struct tlog_tile){ t->level, t->n, TLOG_WIDTH };
}

static int tile_key(const struct sumdb *db, const struct tlog_tile *t, struct key *ret,
		    struct err *err)
{
	CLEANUP(buf_release) struct buf name = BUF(MAX_NAME);

	tlog_tile_name(t, &name);
	return key_set_plain(ret, KIND_SUMDB_TILE, sumdb_name(db), buf_view(&name), err);
}

/* --- the disk --- */

static int tile_file(const struct sumdb *db, const struct tlog_tile *t, struct key *k,
		     struct buf *ret)
{
	CLEANUP(err_release) struct err ignored = ERR();

	buf_reset(ret);
	if (tile_key(db, t, k, &ignored) < 0)
		return -1;
	key_file(k, ret);
	return ret->over ? -1 : 0;
}

/* The file has the size that its name says, unless a power loss cut it. With
 * data NULL, only whether it is there. */
static bool read_file(struct tile_reading *r, const struct tlog_tile *t, unsigned char *data,
		      size_t wanted)
{
	CLEANUP(key_release) struct key k = KEY();
	CLEANUP(buf_release) struct buf path = BUF(MAX_RELPATH);
	CLEANUP(entry_release) struct entry e = ENTRY();
	CLEANUP(err_release) struct err ignored = ERR();

	if (tile_file(r->db, t, &k, &path) < 0)
		return false;
	if (sumsave_find(r->db, path.p, data, data ? wanted : 0))
		return true;
	if (!data)
		return cache_has(r->j->cache, &k);
	if (cache_lookup(r->j->cache, &k, &e, &ignored) < 0 || e.fd < 0 ||
	    e.size != (off_t)tlog_tile_size(t))
		return false;
	return io_pread(e.fd, data, wanted, 0) == (ssize_t)wanted;
}

/* A partial tile is the beginning of the full one. */
static bool read_disk(struct tile_reading *r, const struct tlog_tile *t, unsigned char *data)
{
	struct tlog_tile whole = full(t);

	return read_file(r, t, data, tlog_tile_size(t)) ||
	       (t->width < TLOG_WIDTH && read_file(r, &whole, data, tlog_tile_size(t)));
}

static void write_disk(struct tile_reading *r, const struct tlog_tile *t, const unsigned char *data)
{
	CLEANUP(key_release) struct key k = KEY();
	CLEANUP(buf_release) struct buf path = BUF(MAX_RELPATH);

	if ((!r->anew && read_disk(r, t, NULL)) || tile_file(r->db, t, &k, &path) < 0)
		return;
	sumsave_put(r->db, r->j, path.p, str_make((const char *)data, tlog_tile_size(t)), r->anew,
		    NULL);
}

/* --- memory --- */

static struct tile_slot *slot_with(struct sumdb *db, const struct tlog_tile *t)
{
	for (size_t i = 0; i < SUMDB_SLOTS; i++) {
		struct tile_slot *s = &db->slots[i];
		if (s->state != SLOT_FREE && tlog_tile_eq(&s->tile, t)) {
			s->used = ++db->clock;
			return s;
		}
	}
	return NULL;
}

/* A free one, or the one that was not used for longest; NULL when all are
 * coming. */
static struct tile_slot *slot_take(struct sumdb *db, const struct tlog_tile *t)
{
	struct tile_slot *best = NULL;

	for (size_t i = 0; i < SUMDB_SLOTS; i++) {
		struct tile_slot *s = &db->slots[i];
		if (s->state == SLOT_FREE) {
			best = s;
			break;
		}
		if (s->state == SLOT_HERE && (!best || s->used < best->used))
			best = s;
	}
	if (!best)
		return NULL;
	if (!best->data)
		best->data = xmalloc(TLOG_TILE_SIZE);
	free(best->nodes);
	best->nodes = NULL;
	best->state = SLOT_COMING;
	best->tile = *t;
	best->used = ++db->clock;
	return best;
}

static void slot_fill(struct sumdb *db, struct tile_slot *s, const unsigned char *data)
{
	pthread_mutex_lock(&db->lock);
	if (data)
		memcpy(s->data, data, tlog_tile_size(&s->tile));
	s->state = data ? SLOT_HERE : SLOT_FREE;
	pthread_cond_broadcast(&db->changed);
	pthread_mutex_unlock(&db->lock);
}

void sumtiles_forget(struct sumdb *db)
{
	pthread_mutex_lock(&db->lock);
	for (size_t i = 0; i < SUMDB_SLOTS; i++)
		if (db->slots[i].state == SLOT_HERE)
			db->slots[i].state = SLOT_FREE;
	pthread_mutex_unlock(&db->lock);
}

/* --- one read --- */

/* Where one tile of a read comes from. */
struct coming {
	const struct tlog_tile *tile;
	unsigned char *data;
	bool *has_nodes;
	enum { COMING_DONE, COMING_ASKED, COMING_AWAITED } from;
	struct tile_slot *slot;		/* ours to fill; NULL: none was free */
	bool asked;			/* pull was started */
	struct key key;
	struct goproxy list;
	struct pull pull;
};

static int check_tile(struct pull *p, struct err *err)
{
	return sumdb_check_tile(buf_view(&p->key->version), p->body.n, err);
}

static int ask(struct tile_reading *r, struct coming *c, const struct tlog_tile *t,
	       struct sumbase *base, struct err *err)
{
	if (tile_key(r->db, t, &c->key, err) < 0)
		return -1;
	pull_init(&c->pull, &c->key, check_tile, NULL);
	sumdb_aim(&c->pull, base, &c->list);
	pull_start(r->j, &c->pull);
	c->asked = true;
	return 0;
}

/* A tile that has been completed since may be there in full only. */
static int take(struct tile_reading *r, struct coming *c, struct sumbase *base,
		struct err *err)
{
	struct tlog_tile whole = full(c->tile);

	pull_wait(r->j, &c->pull);
	if (fault_is_absence(c->pull.err.fault) && c->tile->width < TLOG_WIDTH) {
		pull_release(&c->pull);
		if (ask(r, c, &whole, base, err) < 0)
			return -1;
		pull_wait(r->j, &c->pull);
	}
	if (c->pull.err.fault != FAULT_NONE)
		return err_move(err, &c->pull.err);
	must(c->pull.body.text.n >= tlog_tile_size(c->tile));
	memcpy(c->data, c->pull.body.text.p, tlog_tile_size(c->tile));
	return 0;
}

/* With the lock held. */
static void copy_slot(const struct tile_slot *s, struct coming *c)
{
	memcpy(c->data, s->data, tlog_tile_size(c->tile));
	if (s->nodes)
		memcpy(c->data + TLOG_TILE_SIZE, s->nodes, TLOG_NODES_SIZE - TLOG_TILE_SIZE);
	*c->has_nodes = s->nodes != NULL;
}

/* From memory, with the lock held: true when it was there or is on its way. */
static bool look_in_memory(struct tile_reading *r, struct coming *c)
{
	struct tile_slot *s = slot_with(r->db, c->tile);

	if (!s)
		return false;
	c->from = s->state == SLOT_HERE ? COMING_DONE : COMING_AWAITED;
	if (s->state == SLOT_HERE)
		copy_slot(s, c);
	r->kept = true;
	return true;
}

/* Finds the tile, or makes it ours to ask for. */
static void look(struct tile_reading *r, struct coming *c)
{
	struct sumdb *db = r->db;

	c->from = COMING_ASKED;
	if (r->anew)
		return;
	pthread_mutex_lock(&db->lock);
	bool found = look_in_memory(r, c);
	pthread_mutex_unlock(&db->lock);
	if (found)
		return;
	if (read_disk(r, c->tile, c->data)) {
		c->from = COMING_DONE;
		r->kept = true;
		return;
	}
	pthread_mutex_lock(&db->lock);
	if (!look_in_memory(r, c))
		c->slot = slot_take(db, c->tile);
	pthread_mutex_unlock(&db->lock);
}

/* Somebody else fetches it. false when he failed. */
static bool await(struct tile_reading *r, struct coming *c)
{
	struct sumdb *db = r->db;
	struct tile_slot *s = NULL;

	pthread_mutex_lock(&db->lock);
	for (;;) {
		s = slot_with(db, c->tile);
		if (!s || s->state == SLOT_HERE)
			break;
		pthread_cond_wait(&db->changed, &db->lock);
	}
	if (s)
		copy_slot(s, c);
	pthread_mutex_unlock(&db->lock);
	/* it may be on the disk already, and pushed out of memory */
	return s || read_disk(r, c->tile, c->data);
}

/* Asks for all that are ours at once; others wait for these, so all are waited
 * for whatever happens. */
static int ask_all(struct tile_reading *r, struct coming *all, size_t n, struct sumbase *base,
		   struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < n; i++)
		if (all[i].from == COMING_ASKED)
			rc |= ask(r, &all[i], all[i].tile, base, err);
	for (size_t i = 0; i < n; i++) {
		CLEANUP(err_release) struct err why = ERR();
		if (all[i].from != COMING_ASKED)
			continue;
		int got = all[i].asked ? take(r, &all[i], base, &why) : -1;
		if (got < 0 && rc == 0)
			rc = err_move(err, &why);
		if (all[i].slot)
			slot_fill(r->db, all[i].slot, got < 0 ? NULL : all[i].data);
		all[i].slot = NULL;
	}
	return rc;
}

static int fetch_rest(struct tile_reading *r, struct coming *all, size_t n, struct err *err)
{
	CLEANUP(sumbase_release) struct sumbase base = SUMBASE();
	bool needed = false;

	for (size_t i = 0; i < n; i++)
		needed |= all[i].from == COMING_ASKED;
	if (!needed)
		return 0;
	int rc = sumdb_base(r->db, r->j, false, &base, err);
	if (rc == 0)
		return ask_all(r, all, n, &base, err);
	for (size_t i = 0; i < n; i++)
		if (all[i].slot)
			slot_fill(r->db, all[i].slot, NULL);
	return rc;
}

static int read_tiles(void *ctx, const struct tlog_tile *tiles, size_t n,
		      unsigned char *const *data, bool *has_nodes, struct err *err)
{
	struct tile_reading *r = ctx;
	struct coming *all = xcalloc(n ? n : 1, sizeof(*all));

	for (size_t i = 0; i < n; i++) {
		all[i].tile = &tiles[i];
		all[i].data = data[i];
		all[i].has_nodes = &has_nodes[i];
		all[i].key = KEY();
		pull_init(&all[i].pull, &r->db->supported, NULL, NULL);
		look(r, &all[i]);
	}
	int rc = fetch_rest(r, all, n, err);
	for (size_t i = 0; rc == 0 && i < n; i++)
		if (all[i].from == COMING_AWAITED && !await(r, &all[i])) {
			all[i].from = COMING_ASKED;
			rc = fetch_rest(r, &all[i], 1, err);
		}
	for (size_t i = 0; i < n; i++) {
		pull_release(&all[i].pull);
		key_release(&all[i].key);
	}
	free(all);
	return rc;
}

/* Those over many records, and the last of each level, are read again and again. */
static bool is_shared(const struct tlog_tile *t)
{
	return t->level > 0 || t->width < TLOG_WIDTH;
}

static void keep_nodes(struct sumdb *db, const struct tlog_tile *t, const unsigned char *data)
{
	struct tile_slot *s = is_shared(t) ? slot_with(db, t) : NULL;

	if (!s || s->state != SLOT_HERE || s->nodes ||
	    memcmp(s->data, data, tlog_tile_size(t)) != 0)
		return;
	s->nodes = xmalloc(TLOG_NODES_SIZE - TLOG_TILE_SIZE);
	memcpy(s->nodes, data + TLOG_TILE_SIZE, TLOG_NODES_SIZE - TLOG_TILE_SIZE);
}

static void save_tiles(void *ctx, const struct tlog_tile *tiles, size_t n,
		       unsigned char *const *data)
{
	struct tile_reading *r = ctx;

	sumtiles_release(r);
	r->n = n;
	r->tiles = xmallocarray(n, sizeof(*tiles));
	r->data = xmallocarray(n, TLOG_TILE_SIZE);
	for (size_t i = 0; i < n; i++) {
		r->tiles[i] = tiles[i];
		memcpy(r->data + i * TLOG_TILE_SIZE, data[i], tlog_tile_size(&tiles[i]));
	}
	pthread_mutex_lock(&r->db->lock);
	for (size_t i = 0; i < n; i++)
		keep_nodes(r->db, &tiles[i], data[i]);
	pthread_mutex_unlock(&r->db->lock);
}

struct tlog_source sumtiles_source(struct tile_reading *r)
{
	return (struct tlog_source){ read_tiles, save_tiles, r };
}

void sumtiles_keep(struct tile_reading *r)
{
	for (size_t i = 0; i < r->n; i++)
		write_disk(r, &r->tiles[i], r->data + i * TLOG_TILE_SIZE);
}

const unsigned char *sumtiles_got(const struct tile_reading *r, const struct tlog_tile *t)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->tiles[i].level == t->level && r->tiles[i].n == t->n &&
		    r->tiles[i].width >= t->width)
			return r->data + i * TLOG_TILE_SIZE;
	return NULL;
}

void sumtiles_release(struct tile_reading *r)
{
	free(r->tiles);
	free(r->data);
	r->tiles = NULL;
	r->data = NULL;
	r->n = 0;
}
