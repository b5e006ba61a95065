/* tests/unit/zipmake.c: zips as they should be, and wrong in every way.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
#include <zlib.h>

#include "base/io.h"
#include "tests/unit/unit.h"
#include "tests/unit/zipmake.h"

#include "base/banned.h"

#define MAX_TEST_ZIP (64u << 20)
#define MAX_ENTS 4096

struct facts {
	uint64_t at;
	uint64_t packed;
	uint64_t size;
	uint32_t crc;
};

static void put(struct buf *b, int bytes, uint64_t v)
{
	for (int i = 0; i < bytes; i++)
		buf_putc(b, (char)(v >> (8 * i)));
}

static uint64_t or_lie(struct lie l, uint64_t v)
{
	return l.on ? l.v : v;
}

static void content(const struct ent *e, struct buf *out)
{
	static const char zeros[4096];

	buf_puts(out, e->text ? e->text : "");
	for (uint64_t n = e->zeros; n;) {
		size_t some = n < sizeof(zeros) ? (size_t)n : sizeof(zeros);
		buf_add(out, zeros, some);
		n -= some;
	}
}

static void deflate_all(struct str plain, struct buf *out)
{
	z_stream z = { .next_in = (Bytef *)(uintptr_t)plain.p, .avail_in = (uInt)plain.n };
	size_t room = plain.n + plain.n / 1000 + 64;

	ck_assert_int_eq(deflateInit2(&z, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
	z.next_out = (Bytef *)buf_room(out, room);
	ck_assert_ptr_nonnull(z.next_out);
	z.avail_out = (uInt)room;
	ck_assert_int_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
	buf_grown(out, room - z.avail_out);
	deflateEnd(&z);
}

static unsigned int flags_of(const struct ent *e)
{
	return e->flags | (e->descriptor || e->no_descriptor ? 8u : 0);
}

static void put_descriptor(const struct ent *e, const struct facts *f, struct buf *out)
{
	int wide = e->descriptor >= 20 ? 8 : 4;

	if (e->descriptor == 16 || e->descriptor == 24)
		put(out, 4, or_lie(e->desc_magic, 0x08074b50));
	put(out, 4, or_lie(e->desc_crc, f->crc));
	put(out, wide, or_lie(e->desc_packed, f->packed));
	put(out, wide, or_lie(e->desc_size, f->size));
}

static void put_entry(const struct ent *e, struct buf *out, struct facts *f)
{
	CLEANUP(buf_release) struct buf plain = BUF(MAX_TEST_ZIP);
	CLEANUP(buf_release) struct buf packed = BUF(MAX_TEST_ZIP);
	const char *name = e->local_name ? e->local_name : e->name;
	struct str extra = e->local_extra.p ? e->local_extra : e->extra;

	content(e, &plain);
	f->crc = (uint32_t)crc32(0, (const Bytef *)plain.p, (uInt)plain.n);
	f->size = plain.n;
	if (e->raw.p)
		buf_str(&packed, e->raw);
	else if (e->deflate)
		deflate_all(buf_view(&plain), &packed);
	else
		buf_str(&packed, buf_view(&plain));
	f->packed = packed.n;
	buf_puts(out, e->before ? e->before : "");
	f->at = out->n;
	if (e->drop)
		return;
	bool later = flags_of(e) & 8;
	put(out, 4, or_lie(e->local_magic, 0x04034b50));
	put(out, 2, 20);
	put(out, 2, or_lie(e->local_flags, flags_of(e)));
	put(out, 2, or_lie(e->local_method, e->deflate ? 8 : 0));
	put(out, 4, 0);
	put(out, 4, or_lie(e->local_crc, later ? 0 : f->crc));
	put(out, 4, or_lie(e->local_packed, later ? 0 : f->packed));
	put(out, 4, or_lie(e->local_size, later ? 0 : f->size));
	put(out, 2, strlen(name));
	put(out, 2, extra.n);
	buf_puts(out, name);
	buf_str(out, extra);
	buf_str(out, buf_view(&packed));
	if (e->descriptor)
		put_descriptor(e, f, out);
	buf_puts(out, e->behind ? e->behind : "");
}

static void put_head(const struct ent *e, const struct facts *f, struct buf *out)
{
	struct str extra = e->dir_extra.p ? e->dir_extra : e->extra;

	put(out, 4, or_lie(e->dir_magic, 0x02014b50));
	put(out, 2, 0x0314);
	put(out, 2, 20);
	put(out, 2, or_lie(e->dir_flags, flags_of(e)));
	put(out, 2, or_lie(e->dir_method, e->deflate ? 8 : 0));
	put(out, 4, 0);
	put(out, 4, or_lie(e->dir_crc, f->crc));
	put(out, 4, or_lie(e->dir_packed, f->packed));
	put(out, 4, or_lie(e->dir_size, f->size));
	put(out, 2, strlen(e->name));
	put(out, 2, extra.n);
	put(out, 2, 0);
	put(out, 2, or_lie(e->dir_disk, 0));
	put(out, 2, 0);
	put(out, 4, or_lie(e->dir_attributes, 0));
	put(out, 4, or_lie(e->dir_at, f->at));
	buf_puts(out, e->name);
	buf_str(out, extra);
}

static void put_end64(const struct tail *t, uint64_t n, uint64_t dir_at, uint64_t dir_size,
		      struct buf *out)
{
	uint64_t at = out->n;

	put(out, 4, or_lie(t->magic64, 0x06064b50));
	put(out, 8, or_lie(t->size64, 44));
	put(out, 2, 45);
	put(out, 2, 45);
	put(out, 4, 0);
	put(out, 4, 0);
	put(out, 8, or_lie(t->number64, n));
	put(out, 8, or_lie(t->number64, n));
	put(out, 8, or_lie(t->dir_size64, dir_size));
	put(out, 8, or_lie(t->dir_at64, dir_at));
	put(out, 4, 0x07064b50);
	put(out, 4, 0);
	put(out, 8, or_lie(t->at64, at));
	put(out, 4, or_lie(t->disks64, 1));
}

static void put_end(const struct tail *t, uint64_t n, uint64_t dir_at, uint64_t dir_size,
		    struct buf *out)
{
	const char *comment = t->comment ? t->comment : "";
	bool max = t->zip64;

	if (t->zip64 || t->zip64_plain || t->zip64_size_only)
		put_end64(t, n, dir_at, dir_size, out);
	put(out, 4, 0x06054b50);
	put(out, 2, or_lie(t->disk, 0));
	put(out, 2, or_lie(t->dir_disk, 0));
	put(out, 2, or_lie(t->this_disk, or_lie(t->number, max ? 0xffff : n)));
	put(out, 2, or_lie(t->number, max ? 0xffff : n));
	put(out, 4, or_lie(t->dir_size, max || t->zip64_size_only ? 0xffffffff : dir_size));
	put(out, 4, or_lie(t->dir_at, max ? 0xffffffff : dir_at));
	put(out, 2, or_lie(t->comment_size, strlen(comment)));
	buf_puts(out, comment);
	buf_puts(out, t->behind ? t->behind : "");
}

void zipmake(const struct ent *entries, const struct tail *t, struct buf *out)
{
	static const struct tail plain;
	static struct facts facts[MAX_ENTS];
	size_t n = 0;

	if (!t)
		t = &plain;
	for (; entries[n].name; n++) {
		ck_assert_uint_lt(n, MAX_ENTS);
		put_entry(&entries[n], out, &facts[n]);
	}
	buf_puts(out, t->before_dir ? t->before_dir : "");
	uint64_t dir_at = out->n;
	for (size_t i = 0; i < n; i++)
		put_head(&entries[i], &facts[i], out);
	uint64_t dir_size = out->n - dir_at;
	buf_puts(out, t->before_end ? t->before_end : "");
	put_end(t, n, dir_at, dir_size, out);
	buf_cut(out, out->n - t->cut);
	ck_assert(!out->over);
}

static void put_at(int fd, off_t at, struct str s)
{
	ck_assert_int_eq((int)lseek(fd, at, SEEK_SET) < 0, 0);
	ck_assert_int_eq(io_write_all(fd, s.p, s.n), 0);
}

static uint32_t crc_of_zeros(uint32_t n)
{
	static const char zeros[1 << 16];
	uint32_t crc = 0;

	for (uint32_t some; n; n -= some) {
		some = n < sizeof(zeros) ? n : (uint32_t)sizeof(zeros);
		crc = (uint32_t)crc32(crc, (const Bytef *)zeros, some);
	}
	return crc;
}

int zipmake_large(int dir, const char *prefix, int files, uint32_t each, int wrong)
{
	CLEANUP(buf_release) struct buf heads = BUF(64u << 20);
	CLEANUP(buf_release) struct buf end = BUF(1024);
	const struct ent none[] = { { .name = NULL } };
	uint32_t crc = crc_of_zeros(each);
	off_t at = 0;

	int fd = io_open(dir, "z", O_RDWR | O_CREAT, 0666);
	ck_assert_int_ge(fd, 0);
	for (int i = 0; i < files; i++) {
		CLEANUP(buf_release) struct buf zip = BUF(1024);
		char name[128];
		snprintf(name, sizeof(name), "%sfolder%d/file%d", prefix, i % 1000, i);
		struct ent e[] = { { .name = name, .local_crc = LIE(i == wrong ? ~crc : crc),
				     .dir_crc = LIE(crc), .local_packed = LIE(each),
				     .dir_packed = LIE(each), .local_size = LIE(each),
				     .dir_size = LIE(each), .dir_at = LIE((uint64_t)at) },
				   { .name = NULL } };
		zipmake(e, NULL, &zip);
		size_t local = 30 + strlen(name);
		put_at(fd, at, str_head(buf_view(&zip), local));
		buf_add(&heads, zip.p + local, 46 + strlen(name));
		at += (off_t)(local + each);
	}
	const struct tail t = { .zip64 = true, .number64 = LIE((uint64_t)files),
				.dir_at64 = LIE((uint64_t)at), .dir_size64 = LIE(heads.n),
				.at64 = LIE((uint64_t)at + heads.n) };
	zipmake(none, &t, &end);
	buf_str(&heads, buf_view(&end));
	put_at(fd, at, buf_view(&heads));
	return fd;
}
