/* fetch/zipcheck.c: whether a file is a module zip that the go command takes,
 * and its hash.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <errno.h>
#include <stdlib.h>
#include <zlib.h>

#include "base/err.h"
#include "base/io.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/must.h"
#include "fetch/dirhash.h"
#include "fetch/hands.h"
#include "fetch/opinion.h"
#include "fetch/zipcheck.h"
#include "fetch/zipdir.h"
#include "fetch/zipnames.h"

#include "base/banned.h"

/* x/mod/zip's MaxGoMod and MaxLICENSE. */
#define MAX_GOMOD (16u << 20)

/* Large enough that a call costs nothing beside the work on its bytes. */
#define BLOCK (128u << 10)

/* --- names and declared sizes --- */

static int check_size(const struct zipdir_file *f, struct str rel, uint64_t *total,
		      struct err *err)
{
	if (rel.n == 0 || rel.p[rel.n - 1] == '/') {
		/* The go command does not look at a folder's data; two bytes are what
		 * nothing is when it is deflated. */
		if (f->size || f->packed > (f->method == ZIPDIR_DEFLATED ? 2 : 0))
			return zipdir_bad(err, RULE_FOLDER_DATA, f->name);
		return 0;
	}
	if (f->size > (uint64_t)MAX_ZIP_FILE - *total)
		return zipdir_bad(err, RULE_SIZE, f->name);
	*total += f->size;
	if (str_eqz(rel, "go.mod") && f->size > MAX_GOMOD)
		return zipdir_bad(err, RULE_GOMOD_SIZE, f->name);
	if (str_eqz(rel, "LICENSE") && f->size > MAX_GOMOD)
		return zipdir_bad(err, RULE_LICENSE_SIZE, f->name);
	return 0;
}

static int check_names(const struct zipdir *d, struct str prefix, struct err *err)
{
	CLEANUP(zipnames_release) struct zipnames names;
	struct zipdir_file f;
	uint64_t total = 0;
	struct str rel;

	zipnames_init(&names, prefix);
	zipnames_expect(&names, d->n);
	for (size_t i = 0; i < d->n; i++) {
		zipdir_file(d, i, &f);
		if (zipnames_add(&names, f.name, &rel, err) < 0 ||
		    check_size(&f, rel, &total, err) < 0)
			return -1;
	}
	return 0;
}

/* --- the data --- */

struct reader {
	const struct zipdir *d;
	struct zipdir_file f;
	z_stream inflate;	/* raw deflate; one for all files */
	struct digest digest;
	uint64_t at;		/* the next packed byte in the file */
	uint64_t left;		/* packed bytes that were not read */
	uint64_t n;		/* unpacked so far */
	uint32_t crc;
	unsigned char in[BLOCK];
	unsigned char out[BLOCK];
};

static struct reader *reader_new(const struct zipdir *d)
{
	struct reader *r = xcalloc(1, sizeof(*r));

	r->d = d;
	r->digest = DIGEST();
	must(inflateInit2(&r->inflate, -MAX_WBITS) == Z_OK);
	return r;
}

static void reader_free(struct reader **r)
{
	if (!*r)
		return;
	inflateEnd(&(*r)->inflate);
	digest_release(&(*r)->digest);
	free(*r);
}

/* Bytes read into r->in, 0 at the end of the file's data. */
static ssize_t refill(struct reader *r, struct err *err)
{
	size_t want = r->left < BLOCK ? (size_t)r->left : BLOCK;
	ssize_t got = want ? io_pread(r->d->fd, r->in, want, (off_t)r->at) : 0;

	if (got < 0 || (got == 0 && want))
		return err_sys(err, FAULT_LOCAL, got < 0 ? (int)-got : EIO,
			       "the zip cannot be read");
	r->at += (uint64_t)got;
	r->left -= (uint64_t)got;
	return got;
}

static int take(struct reader *r, const unsigned char *p, size_t n, struct err *err)
{
	r->n += n;
	if (r->n > r->f.size)
		return zipdir_bad(err, RULE_LENGTH, r->f.name);
	r->crc = (uint32_t)crc32(r->crc, p, (uInt)n);
	digest_add(&r->digest, p, n);
	return 0;
}

static int read_stored(struct reader *r, struct err *err)
{
	ssize_t got = 0;

	while ((got = refill(r, err)) > 0)
		if (take(r, r->in, (size_t)got, err) < 0)
			return -1;
	return got < 0 ? -1 : 0;
}

/* The stream must end with the last packed byte. */
static int read_deflated(struct reader *r, struct err *err)
{
	z_stream *z = &r->inflate;
	int rc = Z_OK;

	inflateReset(z);
	z->avail_in = 0;
	while (rc != Z_STREAM_END) {
		if (z->avail_in == 0) {
			ssize_t got = refill(r, err);
			if (got < 0)
				return -1;
			z->next_in = r->in;
			z->avail_in = (uInt)got;
		}
		z->next_out = r->out;
		z->avail_out = BLOCK;
		rc = inflate(z, Z_NO_FLUSH);
		if (rc != Z_OK && rc != Z_STREAM_END)
			return zipdir_bad(err, RULE_DATA, r->f.name);
		if (take(r, r->out, BLOCK - z->avail_out, err) < 0)
			return -1;
	}
	return z->avail_in || r->left ? zipdir_bad(err, RULE_DATA, r->f.name) : 0;
}

static int read_file(struct reader *r, size_t i, unsigned char *ret_sum, struct err *err)
{
	zipdir_file(r->d, i, &r->f);
	if (zipdir_local(r->d, i, &r->f, err) < 0)
		return -1;
	r->at = r->f.data_at;
	r->left = r->f.packed;
	r->n = 0;
	r->crc = 0;
	digest_begin(&r->digest);
	/* A folder may be called deflated and have nothing; a file may not. */
	bool folder = str_ends(r->f.name, STR("/"));
	bool deflated = r->f.method == ZIPDIR_DEFLATED && (r->f.packed || !folder);
	if ((deflated ? read_deflated(r, err) : read_stored(r, err)) < 0)
		return -1;
	digest_end(&r->digest, ret_sum);
	if (r->n != r->f.size)
		return zipdir_bad(err, RULE_LENGTH, r->f.name);
	return r->crc == r->f.crc ? 0 : zipdir_bad(err, RULE_CRC, r->f.name);
}

/* Each hand has its reader, once it has something to read. */
struct readers {
	const struct zipdir *d;
	unsigned char (*sums)[DIGEST_SIZE];
	struct reader *of[HANDS_MAX];
};

static int read_one(void *ctx, size_t hand, size_t i, struct err *err)
{
	struct readers *all = ctx;

	if (!all->of[hand])
		all->of[hand] = reader_new(all->d);
	return read_file(all->of[hand], i, all->sums[i], err);
}

/* sums: room for one for each entry. */
static int read_all(const struct zipdir *d, unsigned char (*sums)[DIGEST_SIZE], struct err *err)
{
	struct readers all = { d, sums, { NULL } };
	int rc = hands_run(d->n, read_one, &all, err);

	for (size_t i = 0; i < HANDS_MAX; i++)
		reader_free(&all.of[i]);
	return rc;
}

/* --- the hash --- */

struct line {
	struct str name;
	const unsigned char *sum;
};

static int by_name(const void *a, const void *b)
{
	return str_cmp(((const struct line *)a)->name, ((const struct line *)b)->name);
}

static void hash_files(const struct zipdir *d, unsigned char (*sums)[DIGEST_SIZE],
		       struct buf *out)
{
	CLEANUP(mem_free) struct line *lines = xmallocarray(d->n + 1, sizeof(*lines));
	CLEANUP(digest_release) struct digest list = DIGEST();
	struct zipdir_file f;

	for (size_t i = 0; i < d->n; i++) {
		zipdir_file(d, i, &f);
		lines[i] = (struct line){ f.name, sums[i] };
	}
	qsort(lines, d->n, sizeof(*lines), by_name);
	digest_begin(&list);
	for (size_t i = 0; i < d->n; i++)
		dirhash_line(&list, lines[i].sum, lines[i].name);
	dirhash_end(&list, out);
}

int zipcheck(int fd, struct str path, struct str version, struct buf *ret_h1, struct err *err)
{
	CLEANUP(buf_release) struct buf prefix = BUF(MAX_URL);
	CLEANUP(zipdir_release) struct zipdir d = ZIPDIR();

	buf_str(&prefix, path);
	buf_putc(&prefix, '@');
	buf_str(&prefix, version);
	buf_putc(&prefix, '/');
	if (zipdir_open(&d, fd, err) < 0 || check_names(&d, buf_view(&prefix), err) < 0)
		return -1;
	CLEANUP(mem_free) unsigned char (*sums)[DIGEST_SIZE] = xmallocarray(d.n + 1, sizeof(*sums));
	if (read_all(&d, sums, err) < 0 || opinion_ask(&d, err) < 0)
		return -1;
	hash_files(&d, sums, ret_h1);
	return 0;
}
