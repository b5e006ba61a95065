/* fetch/vcs/reuse.c: files of a module's last zip that are the same in its next one.
 *
 * A note in the kept repository names the version, and has a digest of the directory of
 * the zip, which has all sizes, packed and unpacked: a zip of that version that somebody
 * else packed does not have it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <zlib.h>

#include "base/err.h"
#include "base/io.h"
#include "base/log.h"
#include "base/mem.h"
#include "cache/cache.h"
#include "fetch/digest.h"
#include "fetch/hands.h"
#include "fetch/job.h"
#include "fetch/vcs/reuse.h"
#include "fetch/vcs/vcs.h"
#include "fetch/vcs/zipwrite.h"
#include "fetch/zipdir.h"
#include "module/key.h"

#include "base/banned.h"

/* Three lines: what packs, the version, the digest. */
#define MAX_NOTE (MAX_URI + 1000)

struct old {
	struct str name;	/* below the module's folder; a view into the directory */
	size_t i;
};

/* One thread's. */
struct hand {
	z_stream *inflate;
	unsigned char *packed;
	size_t packed_room;
	unsigned char *bytes;
	size_t bytes_room;
};

struct reuse {
	struct entry zip;
	struct zipdir dir;
	struct old *files;	/* sorted by name */
	size_t n;
	atomic_size_t taken;
	struct hand hands[HANDS_MAX];
};

/* --- the note --- */

/* Its file in the repository's folder. */
static void note_name(struct str module, struct buf *out)
{
	buf_puts(out, "stoa-zip-");
	digest_text(module, out);
}

void reuse_note(struct vcs_repo *r, struct str module, struct str version, struct str sum)
{
	CLEANUP(buf_release) struct buf name = BUF(MAX_NAME);
	CLEANUP(buf_release) struct buf text = BUF(MAX_NOTE);
	CLEANUP(err_release) struct err err = ERR();

	note_name(module, &name);
	zippack_describe(&text);
	buf_printf(&text, "\n%.*s\n%.*s\n", STR_ARG(version), STR_ARG(sum));
	if (!text.over && vcs_write_file(r, name.p, buf_view(&text), &err) < 0)
		trace(TRACE_CACHE, "%s", err.text.p);
}

/* The version, and the digest of its directory, if it was packed as we pack. */
static bool read_note(const struct vcs_repo *r, struct str module, struct buf *text,
		      struct str *ret_version, struct str *ret_sum)
{
	CLEANUP(buf_release) struct buf name = BUF(MAX_NAME);
	CLEANUP(buf_release) struct buf path = BUF(MAX_NAME);
	CLEANUP(buf_release) struct buf now = BUF(MAX_NOTE);
	struct str packer;

	note_name(module, &name);
	vcs_rel_file(r, name.p, &path);
	if (path.over || io_read_file(r->job->cache->root, path.p, text) < 0)
		return false;
	struct str rest = buf_view(text);
	zippack_describe(&now);
	return str_cut(&rest, '\n', &packer) && str_eq(packer, buf_view(&now)) &&
	       str_cut(&rest, '\n', ret_version) && str_cut(&rest, '\n', ret_sum);
}

/* --- the zip --- */

static int by_name(const void *a, const void *b)
{
	return str_cmp(((const struct old *)a)->name, ((const struct old *)b)->name);
}

static void index_files(struct reuse *u, struct str prefix)
{
	struct zipdir_file f;

	u->files = xmallocarray(u->dir.n + 1, sizeof(*u->files));
	for (size_t i = 0; i < u->dir.n; i++) {
		zipdir_file(&u->dir, i, &f);
		if (str_starts(f.name, prefix))
			u->files[u->n++] = (struct old){ str_from(f.name, prefix.n), i };
	}
	if (u->n)
		qsort(u->files, u->n, sizeof(*u->files), by_name);
}

/* It is there, and is the one that the note is about. */
static bool open_zip(struct reuse *u, const struct cache *c, const struct key *k, struct str sum)
{
	CLEANUP(err_release) struct err ignored = ERR();
	CLEANUP(buf_release) struct buf now = BUF(100);

	if (cache_lookup(c, k, &u->zip, &ignored) < 0 || u->zip.fd < 0 ||
	    zipdir_open(&u->dir, u->zip.fd, &ignored) < 0)
		return false;
	digest_text(str_make((const char *)u->dir.dir, u->dir.dir_n), &now);
	return str_eq(buf_view(&now), sum);
}

struct reuse *reuse_open(const struct vcs_repo *r, struct str module)
{
	CLEANUP(key_release) struct key k = KEY();
	CLEANUP(buf_release) struct buf note = BUF(MAX_NOTE);
	CLEANUP(buf_release) struct buf prefix = BUF(MAX_URI);
	CLEANUP(err_release) struct err ignored = ERR();
	struct str version;
	struct str sum;

	if (!read_note(r, module, &note, &version, &sum) ||
	    key_set_plain(&k, KIND_ZIP, module, version, &ignored) < 0)
		return NULL;
	struct reuse *u = xcalloc(1, sizeof(*u));
	u->zip = ENTRY();
	u->dir = ZIPDIR();
	if (!open_zip(u, r->job->cache, &k, sum)) {
		reuse_free(&u);
		return NULL;
	}
	buf_printf(&prefix, "%.*s@%.*s/", STR_ARG(module), STR_ARG(version));
	index_files(u, buf_view(&prefix));
	return u;
}

void reuse_free(struct reuse **u)
{
	if (!*u)
		return;
	if ((*u)->files)
		trace(TRACE_CACHE, "%zu of %zu files of the last zip are the same", (*u)->taken,
		      (*u)->n);
	for (size_t i = 0; i < HANDS_MAX; i++) {
		struct hand *h = &(*u)->hands[i];
		if (h->inflate)
			inflateEnd(h->inflate);
		free(h->inflate);
		free(h->packed);
		free(h->bytes);
	}
	free((*u)->files);
	zipdir_release(&(*u)->dir);
	entry_release(&(*u)->zip);
	free(*u);
	*u = NULL;
}

/* --- a file --- */

static void make_room(unsigned char **p, size_t *room, size_t n)
{
	if (n <= *room)
		return;
	free(*p);
	*p = xmalloc(n);
	*room = n;
}

static bool start_hand(struct hand *h)
{
	if (h->inflate)
		return inflateReset(h->inflate) == Z_OK;
	z_stream *z = xcalloc(1, sizeof(*z));
	if (inflateInit2(z, -MAX_WBITS) != Z_OK) {
		free(z);
		return false;
	}
	h->inflate = z;
	return true;
}

/* What lies there becomes these bytes, and nothing else. */
static bool is_same(struct hand *h, size_t packed, struct str bytes)
{
	z_stream *z = h->inflate;

	make_room(&h->bytes, &h->bytes_room, bytes.n + 1);
	z->next_in = h->packed;
	z->avail_in = (uInt)packed;
	z->next_out = h->bytes;
	z->avail_out = (uInt)bytes.n + 1;
	return inflate(z, Z_FINISH) == Z_STREAM_END && z->avail_in == 0 && z->avail_out == 1 &&
	       memcmp(h->bytes, bytes.p, bytes.n) == 0;
}

bool reuse_file(struct reuse *u, size_t hand, struct str name, struct str bytes,
		struct zippacked *ret)
{
	CLEANUP(err_release) struct err ignored = ERR();
	struct old key = { .name = name };
	struct hand *h = &u->hands[hand];
	struct zipdir_file f;

	const struct old *old = u->n ? bsearch(&key, u->files, u->n, sizeof(key), by_name) : NULL;
	if (!old || bytes.n == 0)
		return false;
	zipdir_file(&u->dir, old->i, &f);
	/* what deflating did not make smaller costs no more to do again */
	if (f.method != ZIPDIR_DEFLATED || f.size != bytes.n || f.packed >= f.size)
		return false;
	uint32_t crc = (uint32_t)crc32(crc32(0, NULL, 0), (const unsigned char *)bytes.p,
				       (uInt)bytes.n);
	if (crc != f.crc || zipdir_local(&u->dir, old->i, &f, &ignored) < 0 || !start_hand(h))
		return false;
	make_room(&h->packed, &h->packed_room, (size_t)f.packed);
	if (io_pread(u->dir.fd, h->packed, (size_t)f.packed, (off_t)f.data_at) !=
	    (ssize_t)f.packed || !is_same(h, (size_t)f.packed, bytes))
		return false;
	*ret = (struct zippacked){ .p = xmalloc((size_t)f.packed), .n = (size_t)f.packed,
				   .crc = crc, .size = bytes.n };
	memcpy(ret->p, h->packed, ret->n);
	atomic_fetch_add(&u->taken, 1);
	return true;
}
