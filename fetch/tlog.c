/* fetch/tlog.c: the arithmetic of transparent logs.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

/* A proof takes some thousand hashes of 65 bytes. OpenSSL 3.0 needs 1.4 us for
 * each by its EVP functions and 0.3 us by these, which it calls deprecated. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/must.h"
#include "base/parse.h"
#include "fetch/base64.h"
#include "fetch/tlog.h"
#include "module/utf8.h"

#include "base/banned.h"

/* A tree note's text, in golang.org/x/mod/sumdb/tlog. */
#define MAX_TREE_TEXT 1000000

/* Groups of digits in a tile's number: 2^63 has 19 digits. */
#define MAX_GROUPS 7

const struct tlog_tree tlog_empty = {
	0, { { 0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99,
	       0x6f, 0xb9, 0x24, 0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95,
	       0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55 } }
};

bool tlog_hash_eq(const struct tlog_hash *a, const struct tlog_hash *b)
{
	return memcmp(a->p, b->p, sizeof(a->p)) == 0;
}

bool tlog_tree_eq(const struct tlog_tree *a, const struct tlog_tree *b)
{
	return a->n == b->n && tlog_hash_eq(&a->hash, &b->hash);
}

/* --- hashes --- */

void tlog_hash_record(struct str text, struct tlog_hash *ret)
{
	SHA256_CTX c;

	SHA256_Init(&c);
	SHA256_Update(&c, "\0", 1);
	SHA256_Update(&c, text.p, text.n);
	SHA256_Final(ret->p, &c);
}

static void hash_node(const unsigned char *left, const unsigned char *right, unsigned char *ret)
{
	SHA256_CTX c;

	SHA256_Init(&c);
	SHA256_Update(&c, "\1", 1);
	SHA256_Update(&c, left, TLOG_HASH_SIZE);
	SHA256_Update(&c, right, TLOG_HASH_SIZE);
	SHA256_Final(ret, &c);
}

void tlog_hash_node(const struct tlog_hash *left, const struct tlog_hash *right,
		    struct tlog_hash *ret)
{
	hash_node(left->p, right->p, ret->p);
}

/* --- texts --- */

static int malformed(struct err *err, const char *what)
{
	return err_set(err, FAULT_INTEGRITY, "malformed %s", what);
}

/* Decimal and as Go would write it. */
static int parse_count(struct str s, int64_t *ret)
{
	uint64_t v = 0;

	if (parse_u64(s, INT64_MAX, &v) < 0 || (s.n > 1 && s.p[0] == '0'))
		return -1;
	*ret = (int64_t)v;
	return 0;
}

int tlog_parse_tree(struct str text, struct tlog_tree *ret, struct err *err)
{
	struct str rest = text;
	struct str lines[3] = { { NULL, 0 }, { NULL, 0 }, { NULL, 0 } };
	struct tlog_tree t = tlog_empty;

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		if (!str_cut(&rest, '\n', &lines[i]))
			return malformed(err, "tree head");
	if (!rest.p || text.n > MAX_TREE_TEXT || !str_eqz(lines[0], "go.sum database tree") ||
	    parse_count(lines[1], &t.n) < 0 ||
	    base64_decode(lines[2], t.hash.p, TLOG_HASH_SIZE) != TLOG_HASH_SIZE)
		return malformed(err, "tree head");
	*ret = t;
	return 0;
}

/* UTF-8 without control characters and blank lines, and with a last newline. */
static bool is_record_text(struct str s)
{
	uint32_t last = 0;

	while (s.n) {
		uint32_t r = 0;
		size_t n = utf8_next(s, &r);
		if (n == 0 || (r < ' ' && r != '\n') || (r == '\n' && last == '\n'))
			return false;
		last = r;
		s = str_from(s, n);
	}
	return last == '\n';
}

int tlog_parse_record(struct str body, struct tlog_record *ret, struct err *err)
{
	ptrdiff_t line = str_chr(body, '\n');
	uint64_t id = 0;

	if (line < 0 || parse_u64(str_head(body, (size_t)line), INT64_MAX, &id) < 0)
		return malformed(err, "record: no number in the first line");
	struct str rest = str_from(body, (size_t)line + 1);
	ptrdiff_t end = str_find(rest, STR("\n\n"));
	if (end < 0 || !is_record_text(str_head(rest, (size_t)end + 1)))
		return malformed(err, "record");
	*ret = (struct tlog_record){ (int64_t)id, str_head(rest, (size_t)end + 1),
				     str_from(rest, (size_t)end + 2) };
	return 0;
}

/* --- storage indexes --- */

int64_t tlog_index(int level, int64_t n)
{
	int64_t i = 0;

	for (int l = 0; l < level; l++)
		n = 2 * n + 1;
	for (; n > 0; n >>= 1)
		i += n;
	return i + level;
}

void tlog_split_index(int64_t index, int *ret_level, int64_t *ret_n)
{
	int64_t n = index / 2;
	int64_t at = tlog_index(0, n);

	/* Record n adds one hash and one for each subtree that it completes. */
	for (;;) {
		int64_t next = at + 1;
		for (int64_t bits = n; bits & 1; bits >>= 1)
			next++;
		if (next > index)
			break;
		n++;
		at = next;
	}
	*ret_level = (int)(index - at);
	*ret_n = n >> *ret_level;
}

size_t tlog_subtrees(int64_t n, int64_t ret[static TLOG_MAX_SUBTREES])
{
	size_t found = 0;
	int64_t lo = 0;

	must(n <= TLOG_MAX_RECORDS);
	for (int level = TLOG_MAX_SUBTREES - 1; level >= 0; level--) {
		if (!(n >> level & 1))
			continue;
		ret[found++] = tlog_index(level, lo >> level);
		lo += (int64_t)1 << level;
	}
	return found;
}

void tlog_fold(const struct tlog_hash *subtrees, size_t n, struct tlog_hash *ret)
{
	struct tlog_hash h = n ? subtrees[n - 1] : tlog_empty.hash;

	for (size_t i = n; i > 1; i--)
		tlog_hash_node(&subtrees[i - 2], &h, &h);
	*ret = h;
}

/* --- tiles --- */

void tlog_tile_name(const struct tlog_tile *t, struct buf *out)
{
	int groups[MAX_GROUPS];
	int n = 0;

	for (int64_t rest = t->n; n == 0 || (rest && n < MAX_GROUPS); rest /= 1000)
		groups[n++] = (int)(rest % 1000);
	if (t->level < 0)
		buf_puts(out, "8/data/");
	else
		buf_printf(out, "8/%d/", t->level);
	for (; n > 1; n--)
		buf_printf(out, "x%03d/", groups[n - 1]);
	buf_printf(out, "%03d", groups[0]);
	if (t->width != TLOG_WIDTH)
		buf_printf(out, ".p/%d", t->width);
}

static int parse_number(struct str groups, int64_t *ret)
{
	struct str group;
	int64_t n = 0;

	for (int i = 0; str_cut(&groups, '/', &group); i++) {
		uint64_t v = 0;
		bool last = !groups.p;
		if (!last && !str_starts(group, STR("x")))
			return -1;
		struct str digits = last ? group : str_from(group, 1);
		if (i == MAX_GROUPS || digits.n != 3 || parse_u64(digits, 999, &v) < 0 ||
		    (i == 0 && v == 0 && !last) || n > (INT64_MAX - (int64_t)v) / 1000)
			return -1;
		n = n * 1000 + (int64_t)v;
	}
	*ret = n;
	return 0;
}

int tlog_tile_parse(struct str name, struct tlog_tile *ret)
{
	struct tlog_tile t = { -1, 0, TLOG_WIDTH };
	struct str level;
	int64_t v = 0;

	if (!str_starts(name, STR("8/")))
		return -1;
	struct str rest = str_from(name, 2);
	if (!str_cut(&rest, '/', &level) || !rest.p)
		return -1;
	if (!str_eqz(level, "data")) {
		if (parse_count(level, &v) < 0 || v > 63)
			return -1;
		t.level = (int)v;
	}
	ptrdiff_t partial = str_find(rest, STR(".p/"));
	if (partial >= 0) {
		if (parse_count(str_from(rest, (size_t)partial + 3), &v) < 0 || v < 1 ||
		    v >= TLOG_WIDTH)
			return -1;
		t.width = (int)v;
		rest = str_head(rest, (size_t)partial);
	}
	if (parse_number(rest, &t.n) < 0)
		return -1;
	*ret = t;
	return 0;
}

/* The hashes from *ret_first on, *ret_n of them, are what the hash with this
 * storage index is made of. */
static struct tlog_tile locate(int64_t index, int *ret_first, int *ret_n)
{
	int level = 0;
	int64_t n = 0;

	tlog_split_index(index, &level, &n);
	struct tlog_tile t = { level / TLOG_HEIGHT, 0, 0 };
	level %= TLOG_HEIGHT;
	t.n = n >> (TLOG_HEIGHT - level);
	int within = (int)(n - (t.n << (TLOG_HEIGHT - level)));
	*ret_first = within << level;
	*ret_n = 1 << level;
	t.width = *ret_first + *ret_n;
	return t;
}

struct tlog_tile tlog_tile_for(int64_t index)
{
	int first = 0;
	int n = 0;

	return locate(index, &first, &n);
}

struct tlog_tile tlog_tile_parent(struct tlog_tile t, int k, int64_t n)
{
	struct tlog_tile p = { t.level + k, t.n, 0 };
	int shift = p.level * TLOG_HEIGHT;
	int64_t hashes = shift < 63 ? n >> shift : 0; /* that the tree has in this level */

	p.n = k * TLOG_HEIGHT < 63 ? t.n >> (k * TLOG_HEIGHT) : 0;
	if (p.n <= hashes >> TLOG_HEIGHT) {
		int64_t width = hashes - (p.n << TLOG_HEIGHT);
		p.width = width < TLOG_WIDTH ? (int)width : TLOG_WIDTH;
	}
	return p;
}

/* Where the nodes over 2^k neighbours each begin. */
static unsigned char *row(unsigned char *nodes, int k)
{
	return nodes + TLOG_NODES_SIZE - (TLOG_NODES_SIZE >> k);
}

static void make_nodes(unsigned char *nodes, int width)
{
	for (int k = 1; width >> k > 0; k++) {
		const unsigned char *below = row(nodes, k - 1);
		unsigned char *here = row(nodes, k);
		for (int i = 0; i < width >> k; i++)
			hash_node(below + (ptrdiff_t)(2 * i) * TLOG_HASH_SIZE,
				  below + (ptrdiff_t)(2 * i + 1) * TLOG_HASH_SIZE,
				  here + (ptrdiff_t)i * TLOG_HASH_SIZE);
	}
}

/* The node over n (a power of two) neighbours from the first on. */
static const unsigned char *node_over(unsigned char *nodes, int first, int n)
{
	int k = 0;

	while (1 << k < n)
		k++;
	return row(nodes, k) + (ptrdiff_t)(first >> k) * TLOG_HASH_SIZE;
}

/* --- proved reads --- */

/* A chain of parents is at most 8 long in a tree of TLOG_MAX_RECORDS. */
#define MAX_LEVELS 8
#define MAX_TILES ((TLOG_MAX_READ + 1) * MAX_LEVELS)

/* What one read takes. The tiles of the tree's own subtrees come first; behind
 * them each tile comes after its parent. */
struct reading {
	const struct tlog_tree *tree;
	struct tlog_tile tiles[MAX_TILES];
	unsigned char *data[MAX_TILES];	/* with their nodes */
	bool has_nodes[MAX_TILES];
	size_t n;
	size_t proved_by_tree;
};

/* The tile's place in the plan, -1 when it is not there. */
static ptrdiff_t place_of(const struct reading *r, const struct tlog_tile *t)
{
	for (size_t i = 0; i < r->n; i++)
		if (tlog_tile_eq(&r->tiles[i], t))
			return (ptrdiff_t)i;
	return -1;
}

static size_t add_tile(struct reading *r, const struct tlog_tile *t)
{
	must(r->n < MAX_TILES);
	r->tiles[r->n] = *t;
	return r->n++;
}

static struct tlog_tile tile_in_tree(const struct reading *r, int64_t index)
{
	return tlog_tile_parent(tlog_tile_for(index), 0, r->tree->n);
}

static void plan_tree(struct reading *r, const int64_t *subtrees, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct tlog_tile t = tile_in_tree(r, subtrees[i]);
		if (place_of(r, &t) < 0)
			add_tile(r, &t);
	}
	r->proved_by_tree = r->n;
}

/* Adds the tile with the index and those of its parents that are not planned
 * yet, the topmost first. The topmost of the tree always is. */
static void plan_index(struct reading *r, int64_t index)
{
	struct tlog_tile t = tile_in_tree(r, index);
	int k = 0;

	for (;; k++) {
		struct tlog_tile p = tlog_tile_parent(t, k, r->tree->n);
		must(p.width > 0);
		if (place_of(r, &p) >= 0)
			break;
	}
	while (k-- > 0) {
		struct tlog_tile p = tlog_tile_parent(t, k, r->tree->n);
		must(p.width == TLOG_WIDTH); /* only full tiles have parents */
		add_tile(r, &p);
	}
}

static void hash_at(const struct reading *r, int64_t index, struct tlog_hash *ret)
{
	struct tlog_tile t = tile_in_tree(r, index);
	ptrdiff_t i = place_of(r, &t);
	int first = 0;
	int n = 0;
	struct tlog_tile least = locate(index, &first, &n);

	must(i >= 0 && least.level == t.level && least.n == t.n && least.width <= t.width);
	memcpy(ret->p, node_over(r->data[i], first, n), TLOG_HASH_SIZE);
}

static int inconsistent(struct err *err)
{
	return err_set(err, FAULT_INTEGRITY, "inconsistent tile");
}

/* The subtrees' hashes make up the tree's. */
static int prove_tree(const struct reading *r, const int64_t *subtrees, size_t n, struct err *err)
{
	struct tlog_hash hashes[TLOG_MAX_SUBTREES];
	struct tlog_hash whole;

	for (size_t i = 0; i < n; i++)
		hash_at(r, subtrees[i], &hashes[i]);
	tlog_fold(hashes, n, &whole);
	return tlog_hash_eq(&whole, &r->tree->hash) ? 0 : inconsistent(err);
}

/* Every tile behind the subtrees' own is what its parent says; all of them,
 * however many subtrees shared a tile (CVE-2026-56865). */
static int prove_children(const struct reading *r, struct err *err)
{
	for (size_t i = r->proved_by_tree; i < r->n; i++) {
		const struct tlog_tile *t = &r->tiles[i];
		struct tlog_tile p = tlog_tile_parent(*t, 1, r->tree->n);
		ptrdiff_t at = place_of(r, &p);

		must(at >= 0 && at < (ptrdiff_t)i);
		const unsigned char *wanted = r->data[at] + (t->n % TLOG_WIDTH) * TLOG_HASH_SIZE;
		if (memcmp(node_over(r->data[i], 0, t->width), wanted, TLOG_HASH_SIZE) != 0)
			return inconsistent(err);
	}
	return 0;
}

static int run_reading(struct reading *r, const int64_t *indexes, size_t n,
		       const struct tlog_source *source, struct err *err)
{
	int64_t subtrees[TLOG_MAX_SUBTREES];
	size_t n_subtrees = tlog_subtrees(r->tree->n, subtrees);

	plan_tree(r, subtrees, n_subtrees);
	for (size_t i = 0; i < n; i++)
		plan_index(r, indexes[i]);
	for (size_t i = 0; i < r->n; i++)
		r->data[i] = xmalloc(TLOG_NODES_SIZE);
	if (source->read(source->ctx, r->tiles, r->n, r->data, r->has_nodes, err) < 0)
		return -1;
	for (size_t i = 0; i < r->n; i++)
		if (!r->has_nodes[i])
			make_nodes(r->data[i], r->tiles[i].width);
	if (prove_tree(r, subtrees, n_subtrees, err) < 0 || prove_children(r, err) < 0)
		return -1;
	source->save(source->ctx, r->tiles, r->n, r->data);
	return 0;
}

static void reading_free(struct reading **r)
{
	for (size_t i = 0; i < (*r)->n; i++)
		free((*r)->data[i]);
	free(*r);
}

int tlog_read(const struct tlog_tree *tree, const int64_t *indexes, size_t n,
	      const struct tlog_source *source, struct tlog_hash *ret, struct err *err)
{
	CLEANUP(reading_free) struct reading *r = xcalloc(1, sizeof(*r));

	must(n <= TLOG_MAX_READ);
	r->tree = tree;
	if (tree->n < 0 || tree->n > TLOG_MAX_RECORDS)
		return err_set(err, FAULT_INTEGRITY, "a tree of %lld records", (long long)tree->n);
	for (size_t i = 0; i < n; i++)
		if (indexes[i] < 0 || indexes[i] >= tlog_index(0, tree->n))
			return err_set(err, FAULT_INTEGRITY, "not in a tree of %lld records",
				       (long long)tree->n);
	if (run_reading(r, indexes, n, source, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		hash_at(r, indexes[i], &ret[i]);
	return 0;
}
