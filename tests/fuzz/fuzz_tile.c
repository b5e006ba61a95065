/* tests/fuzz/fuzz_tile.c: names of tiles, and proofs with any tiles.
 *
 * The input is a name up to the first newline; then, all little-endian, a tree's
 * size and a storage index of 8 bytes each, the tree's hash, and what all tiles
 * are filled with.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "base/err.h"
#include "base/limits.h"
#include "base/must.h"
#include "fetch/sumdb.h"
#include "fetch/tlog.h"
#include "tests/fuzz/fuzz.h"

#include "base/banned.h"

static void try_name(struct str name, size_t size)
{
	CLEANUP(err_release) struct err err = ERR();
	CLEANUP(buf_release) struct buf back = BUF(MAX_NAME);
	struct tlog_tile t = { -2, -2, -2 };

	(void)!sumdb_check_tile(name, (int64_t)size, &err);
	if (tlog_tile_parse(name, &t) < 0) {
		must(t.level == -2);
		return;
	}
	must(t.width >= 1 && t.width <= TLOG_WIDTH && t.n >= 0 && t.level >= -1);
	tlog_tile_name(&t, &back);
	must(str_eq(buf_view(&back), name));
}

struct filling {
	struct str bytes;
	bool saved;
};

static int read_tiles(void *ctx, const struct tlog_tile *tiles, size_t n, unsigned char *const *data,
		      bool *has_nodes, struct err *err)
{
	const struct filling *f = ctx;

	(void)err;
	(void)has_nodes;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < tlog_tile_size(&tiles[i]); k++)
			data[i][k] = f->bytes.n ? (unsigned char)f->bytes.p[k % f->bytes.n] : 0;
	return 0;
}

static void save_tiles(void *ctx, const struct tlog_tile *tiles, size_t n,
		       unsigned char *const *data)
{
	struct filling *f = ctx;

	(void)tiles;
	(void)n;
	(void)data;
	f->saved = true;
}

static void try_read(struct str rest)
{
	CLEANUP(err_release) struct err err = ERR();
	struct filling f = { str_from(rest, 16 + TLOG_HASH_SIZE), false };
	const struct tlog_source source = { read_tiles, save_tiles, &f };
	struct tlog_tree tree;
	struct tlog_hash hash;
	int64_t index = 0;

	if (rest.n < 16 + TLOG_HASH_SIZE)
		return;
	memcpy(&tree.n, rest.p, 8);
	memcpy(&index, rest.p + 8, 8);
	memcpy(tree.hash.p, rest.p + 16, TLOG_HASH_SIZE);
	/* nobody has found tiles for a hash that he was given; of one record, the
	 * tile is the hash */
	int rc = tlog_read(&tree, &index, 1, &source, &hash, &err);
	must(rc == 0 ? f.saved : !f.saved && err.fault == FAULT_INTEGRITY);
	must(rc < 0 || index < tlog_index(0, tree.n));
}

void fuzz_one(struct str input)
{
	struct str rest = input;
	struct str name;

	(void)str_cut(&rest, '\n', &name);
	try_name(name, input.n);
	if (rest.p)
		try_read(rest);
}
