/* tests/unit/test_tlog.c
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "fetch/base64.h"
#include "fetch/tlog.h"
#include "tests/unit/unit.h"

#include "base/banned.h"

#define N_RECORDS 70000

static void want_hash(const struct tlog_hash *got, const char *base64)
{
	CLEANUP(buf_release) struct buf text = BUF(100);

	base64_encode(got->p, sizeof(got->p), &text);
	unit_eq(buf_view(&text), str_of(base64));
}

/* --- a log in memory: all stored hashes of "record 0\n", "record 1\n", ... --- */

static struct tlog_hash *stored;

static void make_log(int64_t n)
{
	stored = xmallocarray((size_t)(2 * n + 64), sizeof(*stored));
	for (int64_t i = 0; i < n; i++) {
		CLEANUP(buf_release) struct buf text = BUF(64);
		int64_t at = tlog_index(0, i);

		buf_printf(&text, "record %lld\n", (long long)i);
		tlog_hash_record(buf_view(&text), &stored[at]);
		for (int level = 0; i >> level & 1; level++) {
			const struct tlog_hash *left = &stored[tlog_index(level, (i >> level) - 1)];
			tlog_hash_node(left, &stored[at], &stored[at + 1]);
			at++;
		}
	}
}

static void tree_of(int64_t n, struct tlog_tree *ret)
{
	int64_t at[TLOG_MAX_SUBTREES];
	struct tlog_hash hashes[TLOG_MAX_SUBTREES];
	size_t count = tlog_subtrees(n, at);

	for (size_t i = 0; i < count; i++)
		hashes[i] = stored[at[i]];
	ret->n = n;
	tlog_fold(hashes, count, &ret->hash);
}

/* A source of tiles that counts and can spoil one. It keeps the nodes over one. */
struct shelf {
	size_t read, saved;
	size_t largest;			/* tiles at once */
	struct tlog_tile spoiled;	/* width 0: none */
	int bit;
	struct tlog_tile whole;		/* width 0: none */
	unsigned char kept[TLOG_NODES_SIZE];
	bool has_kept;
};

static int read_tiles(void *ctx, const struct tlog_tile *tiles, size_t n, unsigned char *const *data,
		      bool *has_nodes, struct err *err)
{
	struct shelf *s = ctx;

	(void)err;
	for (size_t i = 0; i < n; i++) {
		for (int k = 0; k < tiles[i].width; k++)
			memcpy(data[i] + (ptrdiff_t)k * TLOG_HASH_SIZE,
			       &stored[tlog_index(8 * tiles[i].level, tiles[i].n * TLOG_WIDTH + k)],
			       TLOG_HASH_SIZE);
		if (tlog_tile_eq(&tiles[i], &s->spoiled))
			data[i][s->bit / 8] ^= (unsigned char)(1 << s->bit % 8);
		if (s->has_kept && tlog_tile_eq(&tiles[i], &s->whole)) {
			memcpy(data[i], s->kept, TLOG_NODES_SIZE);
			has_nodes[i] = true;
		}
	}
	s->read += n;
	if (n > s->largest)
		s->largest = n;
	return 0;
}

static void save_tiles(void *ctx, const struct tlog_tile *tiles, size_t n,
		       unsigned char *const *data)
{
	struct shelf *s = ctx;

	for (size_t i = 0; i < n; i++)
		if (tlog_tile_eq(&tiles[i], &s->whole)) {
			memcpy(s->kept, data[i], TLOG_NODES_SIZE);
			s->has_kept = true;
		}
	s->saved += n;
}

/* --- hashes and texts; all vectors are golang.org/x/mod/sumdb/tlog's v0.42.0 --- */

START_TEST(hashes_tell_records_from_nodes)
{
	struct tlog_hash a;
	struct tlog_hash b;

	tlog_hash_record(STR("hello\n"), &a);
	want_hash(&a, "VKbcG/yZDO0/V1cmTzV61wip7lTOPRFymWQbI09tWAA=");
	tlog_hash_record(STR("a"), &a);
	tlog_hash_record(STR("b"), &b);
	tlog_hash_node(&a, &b, &a);
	want_hash(&a, "sTeYX/SE+2ANuTEHx3sDZcgNePW0Kd7Q/Zc2HQd5mes=");
}
END_TEST

static const struct {
	int64_t n;
	const char *hash;
} trees[] = {
	{ 0, "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" },
	{ 1, "hH2/O6WqM8SXbRrP04wkRcdxBnXjSED3frqPG1Slmqo=" },
	{ 2, "iDYylbHW0Tfc8TPv9Zsm3tnGSeG45mXMQ+Eqym5W/aw=" },
	{ 7, "VVOPta6muLtr4TjexJLyDN2n5k9t9+4IYo4R6tZk+rQ=" },
	{ 13, "ss7Ozj4h5d03Yx+obVRmisdnk1zrEzEJQE7ZsNxMmSo=" },
	{ 255, "DYtrqFTOKivRQRFhRCS13foIOKxFJUEPmRcpB9pPDO0=" },
	{ 256, "YM4q9B2yxJjQzI3wjS28QSe5lhVenLORq/0HtRJm3q4=" },
	{ 257, "QdJ5V+Qnf4iWgvEVR9xxpPDgVMkVzgEbYXI1DVJk2Kg=" },
	{ 1000, "/OM0wh4QVBZH2yGIJAxlVIH0IqehjKLfQ+JUXW3B0iM=" },
	{ 65537, "d9SozBjmEAtOFT7v6sp5LqKpM6o8r9CtU1iHCHMGoGI=" },
	{ 70000, "q9HMCgw+ixVNAypciVz8ZZDQuxUxwzBoB0Bi4V3wbdI=" },
};

START_TEST(a_tree_has_go_s_hash)
{
	struct tlog_tree t;

	make_log(trees[_i].n);
	tree_of(trees[_i].n, &t);
	want_hash(&t.hash, trees[_i].hash);
	free(stored);
}
END_TEST

static const struct {
	int level;
	int64_t n, index;
} indexes[] = {
	{ 0, 0, 0 },	 { 0, 1, 1 },	      { 1, 0, 2 },
	{ 0, 2, 3 },	 { 3, 5, 92 },	      { 8, 1000, 512504 },
	{ 0, 123456789, 246913562 }, { 24, 1 << 30, 36028797052518397 },
	{ 60, 0, 2305843009213693950 },
};

START_TEST(storage_indexes_are_go_s)
{
	int level = -1;
	int64_t n = -1;

	ck_assert_int_eq(tlog_index(indexes[_i].level, indexes[_i].n), indexes[_i].index);
	tlog_split_index(indexes[_i].index, &level, &n);
	ck_assert_int_eq(level, indexes[_i].level);
	ck_assert_int_eq(n, indexes[_i].n);
}
END_TEST

START_TEST(storage_indexes_leave_no_gap)
{
	for (int64_t i = 0; i < 100000; i++) {
		int level = -1;
		int64_t n = -1;
		tlog_split_index(i, &level, &n);
		ck_assert_int_eq(tlog_index(level, n), i);
	}
}
END_TEST

#define H "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

static const struct {
	const char *text;
	int64_t n;	/* -1: malformed */
} heads[] = {
	{ "go.sum database tree\n0\n" H "\n", 0 },
	{ "go.sum database tree\n13\n" H "\n", 13 },
	{ "go.sum database tree\n13\n" H "\nmore\nlines\n\n", 13 },
	{ "go.sum database tree\n13\n" H "\nno newline", 13 },
	{ "go.sum database tree\n9223372036854775807\n" H "\n", INT64_MAX },
	{ "", -1 },
	{ "go.sum database tree\n", -1 },
	{ "go.sum database tree\n13\n", -1 },
	{ "go.sum database tree\n13\n" H, -1 },
	{ "go.sum database tree v2\n13\n" H "\n", -1 },
	{ "go.sum database\n13\n" H "\n", -1 },
	{ "\ngo.sum database tree\n13\n" H "\n", -1 },
	{ "go.sum database tree\n013\n" H "\n", -1 },
	{ "go.sum database tree\n+13\n" H "\n", -1 },
	{ "go.sum database tree\n-1\n" H "\n", -1 },
	{ "go.sum database tree\n 13\n" H "\n", -1 },
	{ "go.sum database tree\n13 \n" H "\n", -1 },
	{ "go.sum database tree\n\n" H "\n", -1 },
	{ "go.sum database tree\n9223372036854775808\n" H "\n", -1 },
	{ "go.sum database tree\n13\nAAAA\n", -1 },
	{ "go.sum database tree\n13\nAAAA" H "\n", -1 },
	{ "go.sum database tree\n13\n" H " \n", -1 },
	{ "go.sum database tree\n13\n\n" H "\n", -1 },
};

START_TEST(a_tree_head_has_a_count_and_a_hash)
{
	CLEANUP(err_release) struct err err = ERR();
	struct tlog_tree t = { -2, { { 0 } } };
	int rc = tlog_parse_tree(str_of(heads[_i].text), &t, &err);

	ck_assert_int_eq(rc, heads[_i].n < 0 ? -1 : 0);
	ck_assert_int_eq(t.n, heads[_i].n < 0 ? -2 : heads[_i].n);
}
END_TEST

START_TEST(a_tree_head_is_at_most_a_million_bytes)
{
	CLEANUP(err_release) struct err err = ERR();
	CLEANUP(buf_release) struct buf text = BUF(2000000);
	struct tlog_tree t;

	buf_puts(&text, "go.sum database tree\n13\n" H "\n");
	while (text.n < 1000000)
		buf_putc(&text, 'x');
	ck_assert_int_eq(tlog_parse_tree(buf_view(&text), &t, &err), 0);
	buf_putc(&text, 'x');
	ck_assert_int_eq(tlog_parse_tree(buf_view(&text), &t, &err), -1);
}
END_TEST

static const struct {
	const char *body;
	int64_t id;	/* -1: malformed */
	const char *text, *rest;
} records[] = {
	{ "7\na b c\n\nrest\n", 7, "a b c\n", "rest\n" },
	{ "7\na\nb\n\n", 7, "a\nb\n", "" },
	{ "007\na\n\n\n\n", 7, "a\n", "\n\n" },
	{ "7\na\n\nb\n\nc", 7, "a\n", "b\n\nc" },
	{ "9223372036854775807\na\n\n", INT64_MAX, "a\n", "" },
	{ "7\ncaf\xc3\xa9\n\n", 7, "caf\xc3\xa9\n", "" },
	/* no database would make these */
	{ "7\n\n\n", 7, "\n", "" },
	{ "7\n\na\n\n", 7, "\na\n", "" },
	{ "", -1, NULL, NULL },
	{ "7", -1, NULL, NULL },
	{ "7\n", -1, NULL, NULL },
	{ "7\n\n", -1, NULL, NULL },
	{ "7\na\n", -1, NULL, NULL },
	{ "\na\n\n", -1, NULL, NULL },
	{ "x\na\n\n", -1, NULL, NULL },
	{ "-7\na\n\n", -1, NULL, NULL },
	{ "7 \na\n\n", -1, NULL, NULL },
	{ "9223372036854775808\na\n\n", -1, NULL, NULL },
	{ "7\na\tb\n\n", -1, NULL, NULL },
	{ "7\na\xff\n\n", -1, NULL, NULL },
	{ "7\na\r\n\n", -1, NULL, NULL },
};

START_TEST(a_record_ends_at_its_blank_line)
{
	CLEANUP(err_release) struct err err = ERR();
	struct tlog_record r = { -2, STR(""), STR("") };
	int rc = tlog_parse_record(str_of(records[_i].body), &r, &err);

	ck_assert_int_eq(rc, records[_i].id < 0 ? -1 : 0);
	if (rc < 0)
		return;
	ck_assert_int_eq(r.id, records[_i].id);
	unit_eq(r.text, str_of(records[_i].text));
	unit_eq(r.rest, str_of(records[_i].rest));
}
END_TEST

/* --- tiles --- */

static const struct {
	const char *name;
	struct tlog_tile tile;
} names[] = {
	{ "8/0/000", { 0, 0, 256 } },
	{ "8/0/000.p/1", { 0, 0, 1 } },
	{ "8/1/999.p/255", { 1, 999, 255 } },
	{ "8/3/x001/000", { 3, 1000, 256 } },
	{ "8/2/x001/x234/067", { 2, 1234067, 256 } },
	{ "8/63/x001/x234/067.p/8", { 63, 1234067, 8 } },
	{ "8/data/x123/x456/789.p/7", { -1, 123456789, 7 } },
	{ "8/0/x009/x223/x372/x036/x854/x775/807", { 0, INT64_MAX, 256 } },
};

START_TEST(a_tile_has_one_name)
{
	CLEANUP(buf_release) struct buf out = BUF(100);
	struct tlog_tile t;

	tlog_tile_name(&names[_i].tile, &out);
	unit_eq(buf_view(&out), str_of(names[_i].name));
	ck_assert_int_eq(tlog_tile_parse(buf_view(&out), &t), 0);
	ck_assert(tlog_tile_eq(&t, &names[_i].tile));
}
END_TEST

static const char *const bad_names[] = {
	"", "8", "8/0", "8/0/", "7/0/000", "8/64/000", "8/00/000", "8/-1/000", "8/x/000",
	"8/0/00", "8/0/0000", "8/0/x000", "8/0/x000/001", "8/0/001/001", "8/0/x001/x001",
	"8/0/000.p/0", "8/0/000.p/256", "8/0/000.p/01", "8/0/000.p/", "8/0/000.p", "8/0/000.p/1/2",
	"8/0/000/", "8//000", "8/0/ 00", "8/0/x009/x223/x372/x036/x854/x775/808",
	"8/0/x001/x009/x223/x372/x036/x854/x775/807", "tile/8/0/000",
};

START_TEST(other_names_are_no_tile)
{
	struct tlog_tile t;

	ck_assert_int_eq(tlog_tile_parse(str_of(bad_names[_i]), &t), -1);
}
END_TEST

static const struct {
	int64_t index;
	const char *name;
} places[] = {
	{ 0, "8/0/000.p/1" },	 { 2, "8/0/000.p/2" },	     { 5, "8/0/000.p/4" },
	{ 1000, "8/0/001.p/248" }, { 123456, "8/0/241.p/36" },
	{ (int64_t)1 << 40, "8/0/x002/x147/x483/648.p/2" },
};

START_TEST(a_hash_is_in_go_s_tile)
{
	CLEANUP(buf_release) struct buf out = BUF(100);
	struct tlog_tile t = tlog_tile_for(places[_i].index);

	tlog_tile_name(&t, &out);
	unit_eq(buf_view(&out), str_of(places[_i].name));
}
END_TEST

/* --- reads --- */

START_TEST(every_hash_of_a_tree_can_be_read)
{
	CLEANUP(err_release) struct err err = ERR();
	struct shelf shelf = { .read = 0 };
	const struct tlog_source source = { read_tiles, save_tiles, &shelf };
	struct tlog_tree t;

	make_log(1100);
	for (int64_t n = 1; n <= 1100; n += n < 300 ? 1 : 37) {
		tree_of(n, &t);
		for (int64_t i = 0; i < tlog_index(0, n); i += 1 + i / 64) {
			struct tlog_hash got;
			ck_assert_msg(tlog_read(&t, &i, 1, &source, &got, &err) == 0, "%s",
				      err.text.p);
			ck_assert(tlog_hash_eq(&got, &stored[i]));
		}
	}
	ck_assert_uint_eq(shelf.read, shelf.saved);
	free(stored);
}
END_TEST

START_TEST(a_read_takes_a_round_of_few_tiles)
{
	CLEANUP(err_release) struct err err = ERR();
	struct shelf shelf = { .read = 0 };
	const struct tlog_source source = { read_tiles, save_tiles, &shelf };
	struct tlog_tree t;
	struct tlog_tree older;
	int64_t at[TLOG_MAX_SUBTREES];
	struct tlog_hash got[TLOG_MAX_SUBTREES];

	make_log(N_RECORDS);
	tree_of(N_RECORDS, &t);
	tree_of(40321, &older);
	size_t n = tlog_subtrees(older.n, at);
	at[n] = tlog_index(0, 12345);
	ck_assert_int_eq(tlog_read(&t, at, n + 1, &source, got, &err), 0);
	ck_assert(tlog_hash_eq(&got[n], &stored[at[n]]));
	tlog_fold(got, n, &got[0]);
	ck_assert(tlog_hash_eq(&got[0], &older.hash));
	ck_assert_uint_eq(shelf.read, 6);
	ck_assert_uint_eq(shelf.largest, 6);
	free(stored);
}
END_TEST

/* Each tile that a read takes, spoiled in its first, middle and last bit. */
START_TEST(no_bit_of_a_tile_may_change)
{
	static const int64_t sizes[] = { 1, 3, 255, 256, 257, 300, 511, 4095, 65535, 65536, 65793,
					 66051, N_RECORDS };
	struct shelf shelf = { .read = 0 };
	const struct tlog_source source = { read_tiles, save_tiles, &shelf };

	make_log(N_RECORDS);
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct tlog_tree t;
		tree_of(sizes[i], &t);
		for (int64_t rec = 0; rec < t.n; rec += 1 + t.n / 7) {
			int64_t at = tlog_index(0, rec);
			/* its own tile and all above, and the tree's last of each level */
			for (int k = 0; k < 6; k++) {
				struct tlog_tile last = { 0, (t.n - 1) / TLOG_WIDTH, 0 };
				struct tlog_tile tile = tlog_tile_parent(
					k < 3 ? tlog_tile_for(at) : last, k % 3, t.n);
				for (int b = 0; b < 3 && tile.width; b++) {
					CLEANUP(err_release) struct err err = ERR();
					struct tlog_hash got;
					size_t saved = shelf.saved;
					size_t read = shelf.read;
					int bits = tile.width * TLOG_HASH_SIZE * 8;
					shelf.spoiled = tile;
					shelf.bit = b * (bits - 1) / 2;
					if (tlog_read(&t, &at, 1, &source, &got, &err) == 0) {
						/* then it was not taken at all */
						ck_assert(tlog_hash_eq(&got, &stored[at]));
						ck_assert_int_ge(k, 3);
						continue;
					}
					ck_assert_int_eq(err.fault, FAULT_INTEGRITY);
					ck_assert_uint_eq(shelf.saved, saved);
					ck_assert_uint_gt(shelf.read, read);
				}
			}
		}
	}
	free(stored);
}
END_TEST

/* Where several subtrees' hashes are in one tile, the tiles behind it are proved
 * all the same (CVE-2026-56865): 3 subtrees in tile 1/000, one tile below. */
START_TEST(tiles_are_proved_however_many_subtrees_share_one)
{
	CLEANUP(err_release) struct err err = ERR();
	struct shelf shelf = { .spoiled = { 0, 2, TLOG_WIDTH }, .bit = 77 };
	const struct tlog_source source = { read_tiles, save_tiles, &shelf };
	struct tlog_tree t;
	struct tlog_hash got;
	int64_t at = tlog_index(0, 2 * TLOG_WIDTH + 2);

	make_log(7 * TLOG_WIDTH);
	tree_of(7 * TLOG_WIDTH, &t);
	ck_assert_int_eq(tlog_read(&t, &at, 1, &source, &got, &err), -1);
	ck_assert_int_eq(err.fault, FAULT_INTEGRITY);
	ck_assert_uint_eq(shelf.saved, 0);
	free(stored);
}
END_TEST

START_TEST(nodes_that_were_kept_are_not_made_again)
{
	CLEANUP(err_release) struct err err = ERR();
	struct shelf shelf = { .whole = { 1, 0, 157 } };
	const struct tlog_source source = { read_tiles, save_tiles, &shelf };
	struct tlog_tree t;
	struct tlog_hash got;
	int64_t at = tlog_index(0, 12345);

	make_log(N_RECORDS);
	tree_of(157 * TLOG_WIDTH + 3, &t);
	ck_assert_int_eq(tlog_read(&t, &at, 1, &source, &got, &err), 0);
	ck_assert(shelf.has_kept);
	ck_assert_int_eq(tlog_read(&t, &at, 1, &source, &got, &err), 0);
	ck_assert(tlog_hash_eq(&got, &stored[at]));
	/* the node over the first 128 hashes */
	shelf.kept[TLOG_NODES_SIZE - (TLOG_NODES_SIZE >> 7)] ^= 1;
	ck_assert_int_eq(tlog_read(&t, &at, 1, &source, &got, &err), -1);
	ck_assert_int_eq(err.fault, FAULT_INTEGRITY);
	free(stored);
}
END_TEST

START_TEST(what_is_not_in_the_tree_is_not_read)
{
	struct shelf shelf = { .read = 0 };
	const struct tlog_source source = { read_tiles, save_tiles, &shelf };
	struct tlog_tree t;
	struct tlog_tree vast = { TLOG_MAX_RECORDS + 1, { { 0 } } };
	struct tlog_hash got;

	make_log(300);
	for (int64_t n = 0; n < 300; n += 13) {
		CLEANUP(err_release) struct err err = ERR();
		int64_t at = tlog_index(0, n);
		int64_t below = -1;
		tree_of(n, &t);
		ck_assert_int_eq(tlog_read(&t, &at, 1, &source, &got, &err), -1);
		ck_assert_int_eq(err.fault, FAULT_INTEGRITY);
		ck_assert_int_eq(tlog_read(&t, &below, 1, &source, &got, &err), -1);
		ck_assert_int_eq(tlog_read(&vast, &at, 1, &source, &got, &err), -1);
	}
	ck_assert_uint_eq(shelf.read, 0);
	free(stored);
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		UNIT(hashes_tell_records_from_nodes),
		UNIT_EACH(a_tree_has_go_s_hash, trees),
		UNIT_EACH(storage_indexes_are_go_s, indexes),
		UNIT(storage_indexes_leave_no_gap),
		UNIT_EACH(a_tree_head_has_a_count_and_a_hash, heads),
		UNIT(a_tree_head_is_at_most_a_million_bytes),
		UNIT_EACH(a_record_ends_at_its_blank_line, records),
		UNIT_EACH(a_tile_has_one_name, names),
		UNIT_EACH(other_names_are_no_tile, bad_names),
		UNIT_EACH(a_hash_is_in_go_s_tile, places),
		UNIT(every_hash_of_a_tree_can_be_read),
		UNIT(a_read_takes_a_round_of_few_tiles),
		UNIT(no_bit_of_a_tile_may_change),
		UNIT(tiles_are_proved_however_many_subtrees_share_one),
		UNIT(nodes_that_were_kept_are_not_made_again),
		UNIT(what_is_not_in_the_tree_is_not_read),
	};
	return unit_run("tlog", tests, ARRAY_SIZE(tests));
}
