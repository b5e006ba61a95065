/* fetch/tlog.h: the arithmetic of transparent logs (RFC 6962), as
 * golang.org/x/mod/sumdb/tlog has it, with tiles of height 8.
 *
 * A log is a Merkle tree over records. Its hashes have a level, 0 for records,
 * and a number within the level; one whose subtree is complete never changes
 * and has a storage index. A tile is up to 256 neighbours of one level; only
 * levels 0, 8, 16, ... are stored, and what is between follows from them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FETCH_TLOG_H
#define FETCH_TLOG_H

#include "base/buf.h"

struct err;

#define TLOG_HASH_SIZE 32
#define TLOG_HEIGHT 8
#define TLOG_WIDTH 256
#define TLOG_TILE_SIZE (TLOG_WIDTH * TLOG_HASH_SIZE)

/* A tile with its nodes: behind its 256 hashes come those over each two of them,
 * then over each four, up to the one over all. */
#define TLOG_NODES_SIZE (2 * TLOG_TILE_SIZE)

/* Records of a tree; beyond it, storage indexes would not fit in 63 bits. There
 * were 72 million modules in the one that everybody uses, in 2026. */
#define TLOG_MAX_RECORDS ((int64_t)1 << 60)

/* Storage indexes of a tree's complete subtrees: one for each binary digit. */
#define TLOG_MAX_SUBTREES 61

struct tlog_hash {
	unsigned char p[TLOG_HASH_SIZE];
};

/* A tree's head: how many records, and the hash over them. */
struct tlog_tree {
	int64_t n;
	struct tlog_hash hash;
};

/* The tree without records. */
extern const struct tlog_tree tlog_empty;

struct tlog_record {
	int64_t id;
	struct str text;	/* with its last newline */
	struct str rest;	/* what follows: the signed head */
};

/* level -1 is a tile of records. */
struct tlog_tile {
	int level;
	int64_t n;
	int width;		/* 1 to 256 */
};

bool tlog_hash_eq(const struct tlog_hash *a, const struct tlog_hash *b);
bool tlog_tree_eq(const struct tlog_tree *a, const struct tlog_tree *b);

void tlog_hash_record(struct str text, struct tlog_hash *ret);
void tlog_hash_node(const struct tlog_hash *left, const struct tlog_hash *right,
		    struct tlog_hash *ret);

/* From a note's text; lines behind the third are ignored. -1 with
 * FAULT_INTEGRITY. */
int tlog_parse_tree(struct str text, struct tlog_tree *ret, struct err *err) WARN_UNUSED;

/* A lookup's answer: "id\n", the text, a blank line, the rest. Views into body.
 * -1 with FAULT_INTEGRITY. */
int tlog_parse_record(struct str body, struct tlog_record *ret, struct err *err) WARN_UNUSED;

/* The storage index, and back. */
int64_t tlog_index(int level, int64_t n);
void tlog_split_index(int64_t index, int *ret_level, int64_t *ret_n);

/* The storage indexes of the complete subtrees of a tree of n records, largest
 * first; returns how many. */
size_t tlog_subtrees(int64_t n, int64_t ret[static TLOG_MAX_SUBTREES]);

/* The hash of a tree from those of its subtrees; of none, the empty tree's. */
void tlog_fold(const struct tlog_hash *subtrees, size_t n, struct tlog_hash *ret);

/* "8/0/x001/234.p/5": appended; and back. -1 when it is no tile's name. */
void tlog_tile_name(const struct tlog_tile *t, struct buf *out);
int tlog_tile_parse(struct str name, struct tlog_tile *ret) WARN_UNUSED;

/* Bytes in a tile of hashes. */
static inline size_t tlog_tile_size(const struct tlog_tile *t)
{
	return (size_t)t->width * TLOG_HASH_SIZE;
}

static inline bool tlog_tile_eq(const struct tlog_tile *a, const struct tlog_tile *b)
{
	return a->level == b->level && a->n == b->n && a->width == b->width;
}

/* The least tile that has the hash of that storage index. */
struct tlog_tile tlog_tile_for(int64_t index);

/* The k-th parent of t as a tree of n records has it (k = 0: t itself). Its
 * width is 0 when the tree has no such tile. */
struct tlog_tile tlog_tile_parent(struct tlog_tile t, int k, int64_t n);

/* Where tiles come from, and what is told when they are proved right. */
struct tlog_source {
	/* Fills data[i], which has room for TLOG_NODES_SIZE, with exactly the bytes
	 * of tiles[i]. Whoever kept what save() was given may copy all of that and set
	 * has_nodes[i], which is false: the nodes are then not made again. */
	int (*read)(void *ctx, const struct tlog_tile *tiles, size_t n,
		    unsigned char *const *data, bool *has_nodes, struct err *err);
	/* data[i] has its nodes. */
	void (*save)(void *ctx, const struct tlog_tile *tiles, size_t n,
		     unsigned char *const *data);
	void *ctx;
};

/* At once in one tlog_read; it plans at most 10 tiles for each of them. */
#define TLOG_MAX_READ (TLOG_MAX_SUBTREES + 1)

/* The hashes with those storage indexes, proved to be the tree's. -1 with
 * FAULT_INTEGRITY when an index is not in the tree or the tiles do not fit its hash,
 * or what the source says. */
int tlog_read(const struct tlog_tree *tree, const int64_t *indexes, size_t n,
	      const struct tlog_source *source, struct tlog_hash *ret, struct err *err) WARN_UNUSED;

#endif
