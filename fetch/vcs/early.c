/* fetch/vcs/early.c: packing the files of an archive that is still being written.
 *
 * Understands what git archive writes: files that are stored, with their sizes before
 * them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <zlib.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "fetch/vcs/early.h"
#include "fetch/vcs/reuse.h"
#include "fetch/vcs/zipwrite.h"
#include "fetch/zipbytes.h"

#include "base/banned.h"

#define HEAD_SIZE 30

/* What is kept in memory until it is written: the packed files, and a name. */
#define MAX_KEPT (8u << 20)
#define MAX_ENTRIES 65536

/* How long to wait for more: git archive writes some files in that time. */
#define STEP_US 300

struct early {
	int fd;
	struct str folder;
	size_t max_size;
	struct reuse *reuse;
	atomic_bool over;
	struct zippack pack;
	struct zippacked *files;	/* p NULL: not packed */
	size_t n;
	size_t room;
	size_t kept;
	size_t packed;
	uint64_t at;			/* the next entry */
	unsigned char *bytes;		/* of the one that is looked at */
};

/* An entry's local header. */
struct head {
	struct str name;
	uint32_t crc;
	uint32_t size;
	uint64_t data_at;
};

struct early *early_new(int fd, struct str folder, size_t max_size, struct reuse *reuse)
{
	struct early *e = xcalloc(1, sizeof(*e));

	e->fd = fd;
	e->folder = folder;
	e->max_size = max_size;
	e->reuse = reuse;
	atomic_init(&e->over, false);
	e->pack = ZIPPACK();
	return e;
}

void early_free(struct early **e)
{
	if (!*e)
		return;
	trace(TRACE_CACHE, "%zu files were packed early", (*e)->packed);
	for (size_t i = 0; i < (*e)->n; i++)
		free((*e)->files[i].p);
	free((*e)->files);
	free((*e)->bytes);
	zippack_release(&(*e)->pack);
	free(*e);
	*e = NULL;
}

void early_over(struct early *e)
{
	atomic_store(&e->over, true);
}

/* Waits until that much of the file is there. false: it is over. */
static bool wait_for(const struct early *e, uint64_t size)
{
	struct stat st;

	for (;;) {
		if (atomic_load(&e->over) || fstat(e->fd, &st) < 0)
			return false;
		if ((uint64_t)st.st_size >= size)
			return true;
		clock_pause_us(STEP_US);
	}
}

static bool read_at(const struct early *e, void *p, size_t n, uint64_t at)
{
	return io_pread(e->fd, p, n, (off_t)at) == (ssize_t)n;
}

/* Of the next entry, whose data is there; false: it is over, or not what git writes. */
static bool read_head(const struct early *e, struct head *h, struct buf *name)
{
	unsigned char b[HEAD_SIZE];

	if (!wait_for(e, e->at + HEAD_SIZE) || !read_at(e, b, HEAD_SIZE, e->at) ||
	    get32(b) != 0x04034b50)
		return false;
	size_t name_n = get16(b + 26);
	h->crc = get32(b + 14);
	h->size = get32(b + 22);
	h->data_at = e->at + HEAD_SIZE + name_n + get16(b + 28);
	/* a descriptor behind the data; deflated; zip64 */
	if (get16(b + 6) & 8 || get16(b + 8) != 0 || get32(b + 18) != h->size ||
	    h->size == UINT32_MAX || name_n > MAX_URI || !wait_for(e, h->data_at + h->size))
		return false;
	buf_reset(name);
	if (!read_at(e, buf_room(name, name_n), name_n, e->at + HEAD_SIZE))
		return false;
	buf_grown(name, name_n);
	h->name = buf_view(name);
	return true;
}

/* Its name below the module's folder; false: it is a folder, or elsewhere. */
static bool is_ours(const struct early *e, struct str name, struct str *ret)
{
	name = str_from(name, (size_t)(str_chr(name, '/') + 1));
	if (e->folder.n) {
		if (!str_starts(name, e->folder))
			return false;
		name = str_from(name, e->folder.n);
		if (name.n == 0 || name.p[0] != '/')
			return false;
		name = str_from(name, 1);
	}
	*ret = name;
	return name.n && name.p[name.n - 1] != '/';
}

/* Leaves `ret` as it is when the file is not packed. */
static void pack(struct early *e, const struct head *h, struct zippacked *ret)
{
	CLEANUP(err_release) struct err ignored = ERR();
	struct zippacked got = { .p = NULL };
	struct str name;

	if (h->size > e->max_size || !is_ours(e, h->name, &name))
		return;
	if (!e->bytes)
		e->bytes = xmalloc(e->max_size + 1);
	if (!read_at(e, e->bytes, h->size, h->data_at))
		return;
	struct str bytes = str_make((const char *)e->bytes, h->size);
	if (!(e->reuse && reuse_file(e->reuse, 0, name, bytes, &got)) &&
	    zippack_file(&e->pack, bytes.p, bytes.n, &got, &ignored) < 0)
		return;
	if (got.crc == h->crc) {
		e->kept += got.n;
		e->packed++;
		*ret = got;
	} else {
		free(got.p);
	}
}

void early_run(struct early *e)
{
	CLEANUP(buf_release) struct buf name = BUF(MAX_URI + 1);
	struct head h;

	while (e->kept < MAX_KEPT && e->n < MAX_ENTRIES && read_head(e, &h, &name)) {
		if (e->n == e->room) {
			e->room = e->room ? 2 * e->room : 256;
			e->files = xreallocarray(e->files, e->room, sizeof(*e->files));
		}
		e->files[e->n] = (struct zippacked){ .p = NULL };
		pack(e, &h, &e->files[e->n++]);
		e->at = h.data_at + h.size;
	}
}

bool early_take(struct early *e, size_t i, uint32_t crc, uint64_t size, struct zippacked *ret)
{
	if (i >= e->n || !e->files[i].p || e->files[i].crc != crc || e->files[i].size != size)
		return false;
	*ret = e->files[i];
	e->files[i].p = NULL;
	return true;
}
