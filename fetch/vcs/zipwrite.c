/* fetch/vcs/zipwrite.c: writing a zip, front to back.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <stdlib.h>
#include <zlib.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "fetch/body.h"
#include "fetch/vcs/zipwrite.h"

#include "base/banned.h"

#define BLOCK 32768

/* Small parts are gathered up to here before they are written. */
#define READY (48u << 10)

/* 65535 entries have at most 4096 bytes of name each, but a zip of MAX_ZIP_FILE holds
 * no more than this of them. */
#define MAX_DIRECTORY (256u << 20)

/* The number has 16 bits, and zip64 is not for module zips. */
#define MAX_ENTRIES 65534

/* zlib's own choice, 6, makes zips of Go source 0.8 % smaller in a third more time. */
#define LEVEL 5

/* Another number with each change of is_noise() or of how zlib is called. */
#define MANNER 1

static void put16(struct buf *b, unsigned int v)
{
	buf_putc(b, (char)(v & 0xff));
	buf_putc(b, (char)(v >> 8 & 0xff));
}

static void put32(struct buf *b, uint64_t v)
{
	put16(b, (unsigned int)(v & 0xffff));
	put16(b, (unsigned int)(v >> 16 & 0xffff));
}

static z_stream *deflate_new(void)
{
	z_stream *d = xcalloc(1, sizeof(*d));

	/* -MAX_WBITS: without zlib's own header */
	if (deflateInit2(d, LEVEL, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK)
		return d;
	free(d);
	return NULL;
}

static void deflate_free(z_stream *d)
{
	if (d)
		deflateEnd(d);
	free(d);
}

void zipwrite_init(struct zipwrite *z, struct body *out)
{
	*z = (struct zipwrite){
		.out = out,
		.ready = BUF(READY),
		.dir = BUF(MAX_DIRECTORY),
		.name = BUF(MAX_URI),
	};
}

void zipwrite_release(struct zipwrite *z)
{
	deflate_free(z->deflate);
	z->deflate = NULL;
	buf_release(&z->ready);
	buf_release(&z->dir);
	buf_release(&z->name);
}

static int write_ready(struct zipwrite *z, struct err *err)
{
	int rc = body_write(z->out, z->ready.p, z->ready.n, err);

	buf_reset(&z->ready);
	return rc;
}

static int emit(struct zipwrite *z, const void *p, size_t n, struct err *err)
{
	z->at += n;
	if (n > READY - z->ready.n && write_ready(z, err) < 0)
		return -1;
	if (n > READY)
		return body_write(z->out, p, n, err);
	buf_add(&z->ready, p, n);
	return 0;
}

/* As Go: what an old reader may take for something else. */
static bool needs_utf8_flag(struct str name)
{
	for (size_t i = 0; i < name.n; i++) {
		unsigned char c = (unsigned char)name.p[i];
		if (c < 0x20 || c > 0x7d || c == '\\')
			return true;
	}
	return false;
}

/* What the local header and the directory have in common; sizes and checksum are 0
 * in the first. */
static void put_common(struct buf *b, const struct zipwrite *z, bool local)
{
	put16(b, 20);	/* the version that is needed: 2.0 */
	put16(b, 0x8 | (needs_utf8_flag(buf_view(&z->name)) ? 0x800 : 0));
	put16(b, 8);	/* deflated */
	put32(b, 0);	/* time and date */
	put32(b, local ? 0 : z->crc);
	put32(b, local ? 0 : z->packed);
	put32(b, local ? 0 : z->size);
	put16(b, (unsigned int)z->name.n);
	put16(b, 0);	/* no extra field */
}

static int no_zlib(struct err *err)
{
	return err_set(err, FAULT_LOCAL, "zlib does not start");
}

/* Its local header. */
static int start_file(struct zipwrite *z, struct str name, struct err *err)
{
	CLEANUP(buf_release) struct buf head = BUF(2 * MAX_URI);

	if (z->n == MAX_ENTRIES)
		return err_set(err, FAULT_NOT_FOUND, "create zip: more than %d files", MAX_ENTRIES);
	buf_reset(&z->name);
	buf_str(&z->name, name);
	if (z->name.over)
		return err_set(err, FAULT_NOT_FOUND, "create zip: a name that is too long");
	z->crc = (uint32_t)crc32(0, NULL, 0);
	z->size = 0;
	z->packed = 0;
	z->start = z->at;
	put32(&head, 0x04034b50);
	put_common(&head, z, true);
	buf_str(&head, name);
	return emit(z, head.p, head.n, err);
}

int zipwrite_begin(struct zipwrite *z, struct str name, struct err *err)
{
	if (!z->deflate)
		z->deflate = deflate_new();
	if (!z->deflate || deflateReset(z->deflate) != Z_OK)
		return no_zlib(err);
	return start_file(z, name, err);
}

static int pump(struct zipwrite *z, const void *p, size_t n, int flush, struct err *err)
{
	z_stream *d = z->deflate;
	unsigned char block[BLOCK];
	union {
		const void *from;
		unsigned char *to;
	} in = { p };

	d->next_in = in.to;
	d->avail_in = (uInt)n;
	do {
		d->next_out = block;
		d->avail_out = sizeof(block);
		if (deflate(d, flush) == Z_STREAM_ERROR)
			return err_set(err, FAULT_BUG, "zlib fails");
		size_t got = sizeof(block) - d->avail_out;
		z->packed += got;
		if (emit(z, block, got, err) < 0)
			return -1;
	} while (d->avail_out == 0);
	return 0;
}

/* Bytes that no code makes shorter: pictures, archives. The sum of the squares of how
 * often each byte is there is n * n / 256 + n where chance made them, and from twice to
 * ten times as much for texts and programs; 1/8 more is called chance. */
static bool is_noise(const unsigned char *p, size_t n)
{
	uint64_t seen[256] = { 0 };
	uint64_t squares = 0;

	if (n < 4096)
		return false;
	for (size_t i = 0; i < n; i++)
		seen[p[i]]++;
	for (size_t i = 0; i < 256; i++)
		squares += seen[i] * seen[i];
	return squares * 256 < (uint64_t)n * n / 8 * 9 + 256 * (uint64_t)n;
}

/* By the beginning of a file, before its first byte is deflated. */
static int choose_level(z_stream *d, const void *p, size_t n)
{
	int level = is_noise(p, n < BLOCK ? n : BLOCK) ? Z_NO_COMPRESSION : LEVEL;

	return deflateParams(d, level, Z_DEFAULT_STRATEGY);
}

int zipwrite_data(struct zipwrite *z, const void *p, size_t n, struct err *err)
{
	if (n == 0)
		return 0;
	if (z->size == 0 && choose_level(z->deflate, p, n) != Z_OK)
		return no_zlib(err);
	z->crc = (uint32_t)crc32(z->crc, p, (uInt)n);
	z->size += n;
	return pump(z, p, n, Z_NO_FLUSH, err);
}

/* What follows its data, and its place in the directory. */
static int finish_file(struct zipwrite *z, struct err *err)
{
	CLEANUP(buf_release) struct buf tail = BUF(16);

	put32(&tail, 0x08074b50);
	put32(&tail, z->crc);
	put32(&tail, z->packed);
	put32(&tail, z->size);
	put32(&z->dir, 0x02014b50);
	put16(&z->dir, 20);	/* made by: 2.0, of no system */
	put_common(&z->dir, z, false);
	put16(&z->dir, 0);	/* no comment */
	put16(&z->dir, 0);	/* disk */
	put16(&z->dir, 0);	/* internal attributes */
	put32(&z->dir, 0);	/* external ones */
	put32(&z->dir, z->start);
	buf_str(&z->dir, buf_view(&z->name));
	z->n++;
	if (z->dir.over)
		return err_set(err, FAULT_NOT_FOUND, "create zip: its directory is too large");
	return emit(z, tail.p, tail.n, err);
}

int zipwrite_end(struct zipwrite *z, struct err *err)
{
	if (pump(z, "", 0, Z_FINISH, err) < 0)
		return -1;
	return finish_file(z, err);
}

int zipwrite_packed(struct zipwrite *z, struct str name, const struct zippacked *file,
		    struct err *err)
{
	if (start_file(z, name, err) < 0)
		return -1;
	z->crc = file->crc;
	z->size = file->size;
	z->packed = file->n;
	if (emit(z, file->p, file->n, err) < 0)
		return -1;
	return finish_file(z, err);
}

int zipwrite_finish(struct zipwrite *z, struct err *err)
{
	CLEANUP(buf_release) struct buf end = BUF(22);
	uint64_t start = z->at;

	put32(&end, 0x06054b50);
	put32(&end, 0);		/* disks */
	put16(&end, z->n);
	put16(&end, z->n);
	put32(&end, z->dir.n);
	put32(&end, start);
	put16(&end, 0);		/* no comment */
	if (emit(z, z->dir.p, z->dir.n, err) < 0)
		return -1;
	return emit(z, end.p, end.n, err) < 0 ? -1 : write_ready(z, err);
}

void zippack_release(struct zippack *p)
{
	deflate_free(p->deflate);
	*p = ZIPPACK();
}

void zippack_describe(struct buf *out)
{
	buf_printf(out, "zlib %s, level %d, manner %d", zlibVersion(), LEVEL, MANNER);
}

int zippack_file(struct zippack *p, const void *data, size_t n, struct zippacked *ret,
		 struct err *err)
{
	union {
		const void *from;
		unsigned char *to;
	} in = { data };

	if (!p->deflate)
		p->deflate = deflate_new();
	z_stream *d = p->deflate;
	if (!d || deflateReset(d) != Z_OK)
		return no_zlib(err);
	size_t room = deflateBound(d, n);
	unsigned char *out = xmalloc(room);
	/* zlib up to 1.2.11 looks at these when the level changes */
	d->avail_in = 0;
	d->next_out = out;
	d->avail_out = (uInt)room;
	bool ready = choose_level(d, data, n) == Z_OK;
	d->next_in = in.to;
	d->avail_in = (uInt)n;
	if (!ready || deflate(d, Z_FINISH) != Z_STREAM_END) {
		free(out);
		return ready ? err_set(err, FAULT_BUG, "zlib fails") : no_zlib(err);
	}
	*ret = (struct zippacked){
		.p = out,
		.n = room - d->avail_out,
		.crc = (uint32_t)crc32(crc32(0, NULL, 0), data, (uInt)n),
		.size = n,
	};
	return 0;
}
