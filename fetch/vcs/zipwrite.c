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

/* 65535 entries have at most 4096 bytes of name each, but a zip of MAX_ZIP_FILE holds
 * no more than this of them. */
#define MAX_DIRECTORY (256u << 20)

/* The number has 16 bits, and zip64 is not for module zips. */
#define MAX_ENTRIES 65534

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

void zipwrite_init(struct zipwrite *z, struct body *out)
{
	z_stream *d = xcalloc(1, sizeof(*d));

	*z = (struct zipwrite){
		.out = out,
		.dir = BUF(MAX_DIRECTORY),
		.name = BUF(MAX_URI),
		.deflate = d,
	};
	/* -MAX_WBITS: without zlib's own header */
	if (deflateInit2(d, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8,
			 Z_DEFAULT_STRATEGY) != Z_OK) {
		free(d);
		z->deflate = NULL;
	}
}

void zipwrite_release(struct zipwrite *z)
{
	if (z->deflate)
		deflateEnd(z->deflate);
	free(z->deflate);
	z->deflate = NULL;
	buf_release(&z->dir);
	buf_release(&z->name);
}

static int emit(struct zipwrite *z, const void *p, size_t n, struct err *err)
{
	z->at += n;
	return body_write(z->out, p, n, err);
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

int zipwrite_begin(struct zipwrite *z, struct str name, struct err *err)
{
	CLEANUP(buf_release) struct buf head = BUF(2 * MAX_URI);

	if (!z->deflate || deflateReset(z->deflate) != Z_OK)
		return err_set(err, FAULT_LOCAL, "zlib does not start");
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

int zipwrite_data(struct zipwrite *z, const void *p, size_t n, struct err *err)
{
	if (n == 0)
		return 0;
	if (z->size == 0)
		deflateParams(z->deflate, is_noise(p, n) ? Z_NO_COMPRESSION : Z_DEFAULT_COMPRESSION,
			      Z_DEFAULT_STRATEGY);
	z->crc = (uint32_t)crc32(z->crc, p, (uInt)n);
	z->size += n;
	return pump(z, p, n, Z_NO_FLUSH, err);
}

int zipwrite_end(struct zipwrite *z, struct err *err)
{
	CLEANUP(buf_release) struct buf tail = BUF(16);

	if (pump(z, "", 0, Z_FINISH, err) < 0)
		return -1;
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
	return emit(z, end.p, end.n, err);
}
