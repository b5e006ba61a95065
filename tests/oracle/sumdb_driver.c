/* tests/oracle/sumdb_driver.c: answers oracle.go's questions with our functions.
 *
 * Each line of standard input is a word and its operands in hexadecimal, all
 * separated by tabs ("-" is the empty text); each answer is one line:
 *
 *	ok [TEXT in hexadecimal]	or	bad [TEXT in hexadecimal]
 *
 * Questions about trees are about one of the records "record 0\n", "record 1\n"
 * and so on.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/parse.h"
#include "fetch/note.h"
#include "fetch/tlog.h"

#include "base/banned.h"

#define MAX_ARGS 4
#define MAX_TEXT (2u << 20)
#define N_RECORDS 70000

struct question {
	struct buf arg[MAX_ARGS];
	struct buf answer;
	struct err err;
};

static struct str arg(const struct question *q, int i)
{
	return buf_view(&q->arg[i]);
}

static int64_t number(const struct question *q, int i)
{
	uint64_t v = 0;

	if (parse_u64(arg(q, i), INT64_MAX, &v) < 0)
		abort();
	return (int64_t)v;
}

static void add_hash(struct question *q, const struct tlog_hash *h)
{
	for (size_t i = 0; i < sizeof(h->p); i++)
		buf_printf(&q->answer, "%02x", h->p[i]);
}

static int do_vkey(struct question *q)
{
	struct note_key k = NOTE_KEY();
	int rc = note_key_parse(arg(q, 0), &k, &q->err);

	if (rc == 0)
		buf_printf(&q->answer, "%s|%08" PRIx32, k.name.p, k.hash);
	note_key_release(&k);
	return rc;
}

static int do_note(struct question *q)
{
	struct note_key k = NOTE_KEY();
	struct str text = STR("");
	int rc = note_key_parse(arg(q, 0), &k, &q->err);

	if (rc == 0)
		rc = note_open(arg(q, 1), &k, &text, &q->err);
	buf_str(&q->answer, text);
	note_key_release(&k);
	return rc;
}

static int do_tree(struct question *q)
{
	struct tlog_tree t = tlog_empty;

	if (tlog_parse_tree(arg(q, 0), &t, &q->err) < 0)
		return -1;
	buf_printf(&q->answer, "%" PRId64 "|", t.n);
	add_hash(q, &t.hash);
	return 0;
}

static int do_record(struct question *q)
{
	struct tlog_record r;

	if (tlog_parse_record(arg(q, 0), &r, &q->err) < 0)
		return -1;
	buf_printf(&q->answer, "%" PRId64 "|", r.id);
	buf_str(&q->answer, r.text);
	buf_putc(&q->answer, '|');
	buf_str(&q->answer, r.rest);
	return 0;
}

static int do_hash(struct question *q)
{
	struct tlog_hash a;
	struct tlog_hash b;

	tlog_hash_record(arg(q, 0), &a);
	tlog_hash_record(arg(q, 1), &b);
	add_hash(q, &a);
	tlog_hash_node(&a, &b, &a);
	add_hash(q, &a);
	return 0;
}

static int do_index(struct question *q)
{
	buf_printf(&q->answer, "%" PRId64, tlog_index((int)number(q, 0), number(q, 1)));
	return 0;
}

static int do_split(struct question *q)
{
	struct tlog_tile t = tlog_tile_for(number(q, 0));
	int level = 0;
	int64_t n = 0;

	tlog_split_index(number(q, 0), &level, &n);
	buf_printf(&q->answer, "%d|%" PRId64 "|", level, n);
	tlog_tile_name(&t, &q->answer);
	return 0;
}

static int do_tile(struct question *q)
{
	struct tlog_tile t;

	if (tlog_tile_parse(arg(q, 0), &t) < 0)
		return -1;
	buf_printf(&q->answer, "%d|%" PRId64 "|%d|", t.level, t.n, t.width);
	tlog_tile_name(&t, &q->answer);
	return 0;
}

/* --- trees --- */

static struct tlog_hash *stored;

static void make_log(void)
{
	stored = xmallocarray(2 * N_RECORDS + 64, sizeof(*stored));
	for (int64_t i = 0; i < N_RECORDS; i++) {
		CLEANUP(buf_release) struct buf text = BUF(64);
		int64_t at = tlog_index(0, i);

		buf_printf(&text, "record %" PRId64 "\n", i);
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

static int do_treehash(struct question *q)
{
	struct tlog_tree t;

	tree_of(number(q, 0), &t);
	add_hash(q, &t.hash);
	return 0;
}

struct shelf {
	struct question *q;
	struct tlog_tile spoiled;
	size_t bit;
};

static int read_tiles(void *ctx, const struct tlog_tile *tiles, size_t n, unsigned char *const *data,
		      bool *has_nodes, struct err *err)
{
	struct shelf *s = ctx;

	(void)err;
	(void)has_nodes;
	for (size_t i = 0; i < n; i++) {
		tlog_tile_name(&tiles[i], &s->q->answer);
		buf_putc(&s->q->answer, ' ');
		for (int k = 0; k < tiles[i].width; k++)
			memcpy(data[i] + (ptrdiff_t)k * TLOG_HASH_SIZE,
			       &stored[tlog_index(8 * tiles[i].level, tiles[i].n * TLOG_WIDTH + k)],
			       TLOG_HASH_SIZE);
		size_t bit = s->bit % (8 * tlog_tile_size(&tiles[i]));
		if (tiles[i].level == s->spoiled.level && tiles[i].n == s->spoiled.n)
			data[i][bit / 8] ^= (unsigned char)(1 << bit % 8);
	}
	return 0;
}

static void save_tiles(void *ctx, const struct tlog_tile *tiles, size_t n,
		       unsigned char *const *data)
{
	struct shelf *s = ctx;

	(void)tiles;
	(void)data;
	buf_printf(&s->q->answer, "saved %zu ", n);
}

/* read N "INDEX INDEX ..." SPOILED-TILE BIT: the tiles that are asked for, in
 * this order, and the hashes */
static int do_read(struct question *q)
{
	struct shelf s = { .q = q, .spoiled = { -1, 0, 0 }, .bit = (size_t)number(q, 3) };
	const struct tlog_source source = { read_tiles, save_tiles, &s };
	int64_t at[TLOG_MAX_READ];
	struct tlog_hash hashes[TLOG_MAX_READ];
	struct str rest = arg(q, 1);
	struct str word;
	struct tlog_tree t;
	size_t n = 0;

	tree_of(number(q, 0), &t);
	while (n < TLOG_MAX_READ && str_cut(&rest, ' ', &word)) {
		uint64_t v = 0;
		if (parse_u64(word, INT64_MAX, &v) < 0)
			abort();
		at[n++] = (int64_t)v;
	}
	if (q->arg[2].n && tlog_tile_parse(arg(q, 2), &s.spoiled) < 0)
		abort();
	if (tlog_read(&t, at, n, &source, hashes, &q->err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		add_hash(q, &hashes[i]);
	return 0;
}

static const struct {
	const char *word;
	int (*answer)(struct question *q);
} words[] = {
	{ "vkey", do_vkey },   { "note", do_note },	{ "tree", do_tree },
	{ "record", do_record }, { "hash", do_hash },	{ "index", do_index },
	{ "split", do_split }, { "tile", do_tile },	{ "treehash", do_treehash },
	{ "read", do_read },
};

static void take_args(struct question *q, struct str rest)
{
	struct str hex;

	for (int i = 0; i < MAX_ARGS; i++)
		buf_reset(&q->arg[i]);
	for (int i = 0; i < MAX_ARGS && str_cut(&rest, '\t', &hex); i++)
		for (size_t k = 0; k + 1 < hex.n; k += 2)
			buf_putc(&q->arg[i], (char)(parse_hex(hex.p[k]) << 4 |
						    parse_hex(hex.p[k + 1])));
}

static void answer(struct question *q, struct str line)
{
	struct str word;
	int rc = -2;

	(void)str_cut(&line, '\t', &word);
	take_args(q, line);
	buf_reset(&q->answer);
	err_reset(&q->err);
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (str_eqz(word, words[i].word))
			rc = words[i].answer(q);
	if (rc == -2)
		abort();
	fputs(rc < 0 ? "bad" : "ok", stdout);
	if (q->answer.n)
		putchar(' ');
	for (size_t i = 0; i < q->answer.n; i++)
		printf("%02x", (unsigned int)(unsigned char)q->answer.p[i]);
	putchar('\n');
}

int main(void)
{
	struct question q = { .answer = BUF(MAX_TEXT), .err = ERR() };
	char *line = NULL;
	size_t size = 0;
	ssize_t n = 0;

	for (int i = 0; i < MAX_ARGS; i++)
		q.arg[i] = BUF(MAX_TEXT);
	make_log();
	while ((n = getline(&line, &size, stdin)) > 0) {
		answer(&q, str_make(line, (size_t)n - (line[n - 1] == '\n')));
		fflush(stdout);
	}
	for (int i = 0; i < MAX_ARGS; i++)
		buf_release(&q.arg[i]);
	buf_release(&q.answer);
	err_release(&q.err);
	free(line);
	free(stored);
	return 0;
}
