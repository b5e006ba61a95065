/* fetch/zipdir.c: how a zip file is built, read strictly.
 *
 * The layout is that of the zip specification (APPNOTE 6.3.x, section 4.3);
 * where it leaves room, what Go's archive/zip does.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/io.h"
#include "base/limits.h"
#include "base/mem.h"
#include "fetch/zipbytes.h"
#include "fetch/zipdir.h"
#include "module/modpath.h"

#include "base/banned.h"

#define END_SIZE 22
#define END_MAGIC 0x06054b50u
#define LOCATOR_SIZE 20
#define LOCATOR_MAGIC 0x07064b50u
#define END64_SIZE 56
#define END64_MAGIC 0x06064b50u
#define HEAD_SIZE 46
#define HEAD_MAGIC 0x02014b50u
#define LOCAL_SIZE 30
#define LOCAL_MAGIC 0x04034b50u
#define DESCRIPTOR_MAGIC 0x08074b50u
#define MAX_COMMENT 65535
#define MAX_DESCRIPTOR 24

/* The directory is held in memory. A hundred bytes an entry are usual: this is
 * room for some 300000 files. The largest modules have a tenth of that. */
#define MAX_DIRECTORY (32u << 20)

/* A longer path can be unpacked nowhere (PATH_MAX), and looking for clashes
 * takes time for each of its folders. */
#define MAX_ENTRY_NAME 4096

#define EXTRA_ZIP64 1
#define EXTRA_UNICODE_NAME 0x7075

#define FLAG_ENCRYPTED 0x0001
#define FLAG_DESCRIPTOR 0x0008
#define FLAG_PATCH 0x0020
#define FLAG_STRONG 0x0040
#define FLAG_MASKED 0x2000

#define MAX16 0xffffu
#define MAX32 0xffffffffu

static const struct {
	const char *word;
	const char *text;
} rules[RULE_COUNT] = {
	[RULE_PACKED_SIZE] = { "packed-size", "larger than 500 MiB" },
	[RULE_END] = { "end", "not a zip file, or cut: it has no end record" },
	[RULE_DIRECTORY] = { "directory", "the directory is cut or no directory" },
	[RULE_PREFIX] = { "prefix", "the name does not begin with module@version/" },
	[RULE_CLEAN] = { "clean", "the name is not clean" },
	[RULE_NAME] = { "name", "the name is not allowed" },
	[RULE_CASE] = { "case", "the name differs from another one in case only" },
	[RULE_CLASH] = { "clash", "both a file and a folder" },
	[RULE_TWICE] = { "twice", "the name comes twice" },
	[RULE_GOMOD_PLACE] = { "go-mod-place", "a go.mod that is not in the module's root" },
	[RULE_GOMOD_CASE] = { "go-mod-case", "go.mod must be spelt in lower case" },
	[RULE_SIZE] = { "size", "it unpacks to more than 500 MiB" },
	[RULE_GOMOD_SIZE] = { "go-mod-size", "go.mod is larger than 16 MiB" },
	[RULE_LICENSE_SIZE] = { "license-size", "LICENSE is larger than 16 MiB" },
	[RULE_METHOD] = { "method", "neither stored nor deflated" },
	[RULE_LOCAL] = { "local", "it is not where the directory says" },
	[RULE_DATA] = { "data", "the data does not unpack" },
	[RULE_LENGTH] = { "length", "it unpacks to another length than it declares" },
	[RULE_CRC] = { "crc", "the checksum is wrong" },
	[RULE_FOLDER_DATA] = { "folder-data", "a folder with data" },
	[RULE_TRAILING] = { "trailing", "bytes behind the end record" },
	[RULE_GAP] = { "gap", "bytes that belong to no file" },
	[RULE_OVERLAP] = { "overlap", "it overlaps with what follows" },
	[RULE_ZIP64] = { "zip64", "the zip64 records contradict the others" },
	[RULE_DISK] = { "disk", "a part of a zip of several disks" },
	[RULE_NUMBER] = { "count", "another number of files than declared" },
	[RULE_TOO_MANY] = { "too-many", "too many files" },
	[RULE_LONG_NAME] = { "long-name", "the name is longer than 4096 bytes" },
	[RULE_EXTRA] = { "extra", "extra fields that are malformed or rename the file" },
	[RULE_ENCRYPTED] = { "encrypted", "encrypted or a patch" },
	[RULE_DIFFERS] = { "differs", "its local header differs from the directory" },
	[RULE_DESCRIPTOR] = { "descriptor", "its data descriptor differs from the directory" },
	[RULE_CONSISTENCY] = { "consistency", "libzip finds it inconsistent" },
};

const char *zipdir_rule(enum ziprule rule)
{
	return rules[rule].word;
}

int zipdir_bad(struct err *err, enum ziprule rule, struct str name)
{
	CLEANUP(buf_release) struct buf quoted = BUF(MAX_ERRTEXT);

	if (name.n) {
		modpath_quote(name, &quoted);
		buf_puts(&quoted, ": ");
	}
	return err_set(err, FAULT_UPSTREAM, "body: bad module zip: %s: %s%s", rules[rule].word,
		       quoted.p, rules[rule].text);
}

/* Exactly n bytes; `rule` is broken when the file ends before. */
static int read_at(const struct zipdir *d, uint64_t at, void *p, size_t n, enum ziprule rule,
		   struct str name, struct err *err)
{
	size_t got = 0;

	if (at > d->size || n > d->size - at)
		return zipdir_bad(err, rule, name);
	while (got < n) {
		ssize_t rc = io_pread(d->fd, (char *)p + got, n - got, (off_t)(at + got));
		if (rc < 0)
			return err_sys(err, FAULT_LOCAL, (int)-rc, "the zip cannot be read");
		if (rc == 0)
			return zipdir_bad(err, rule, name);
		got += (size_t)rc;
	}
	return 0;
}

/* --- the end records --- */

struct end {
	uint64_t at;		/* where the directory must end */
	uint64_t records;
	uint64_t dir_size;
	uint64_t dir_at;
};

/* The last signature counts, as in archive/zip, and its comment must reach to
 * the file's last byte. */
static int find_end(const struct zipdir *d, unsigned char *tail, size_t n,
		    unsigned char **ret_end, struct err *err)
{
	if (n < END_SIZE)
		return zipdir_bad(err, RULE_END, STR(""));
	if (read_at(d, d->size - n, tail, n, RULE_END, STR(""), err) < 0)
		return -1;
	for (size_t i = n - END_SIZE + 1; i > 0; i--) {
		unsigned char *p = tail + i - 1;
		if (get32(p) != END_MAGIC)
			continue;
		size_t whole = END_SIZE + get16(p + 20);
		size_t left = n - (i - 1);
		if (whole != left)
			return zipdir_bad(err, whole > left ? RULE_END : RULE_TRAILING, STR(""));
		*ret_end = p;
		return 0;
	}
	return zipdir_bad(err, RULE_END, STR(""));
}

/* The end record may leave each value to the zip64 record; but archive/zip looks
 * there only for the number of files or the directory's place. */
static bool end_agrees(const unsigned char *end, const struct end *e)
{
	bool number = get16(end + 10) == MAX16;
	bool size = get32(end + 12) == MAX32;
	bool place = get32(end + 16) == MAX32;

	return (number || get16(end + 10) == e->records) &&
	       (size || get32(end + 12) == e->dir_size) &&
	       (place || get32(end + 16) == e->dir_at) && (!size || number || place);
}

static int read_end64(const struct zipdir *d, const unsigned char *end, uint64_t locator_at,
		      const unsigned char *locator, struct end *e, struct err *err)
{
	unsigned char r[END64_SIZE];

	if (locator_at < END64_SIZE || get64(locator + 8) != locator_at - END64_SIZE)
		return zipdir_bad(err, RULE_ZIP64, STR(""));
	if (read_at(d, locator_at - END64_SIZE, r, sizeof(r), RULE_ZIP64, STR(""), err) < 0)
		return -1;
	if (get32(locator + 4) || get32(locator + 16) != 1 || get32(r + 16) || get32(r + 20))
		return zipdir_bad(err, RULE_DISK, STR(""));
	e->at = locator_at - END64_SIZE;
	e->records = get64(r + 32);
	e->dir_size = get64(r + 40);
	e->dir_at = get64(r + 48);
	if (get32(r) != END64_MAGIC || get64(r + 4) != END64_SIZE - 12 ||
	    get64(r + 24) != e->records || !end_agrees(end, e))
		return zipdir_bad(err, RULE_ZIP64, STR(""));
	return 0;
}

static int read_end(const struct zipdir *d, struct end *e, struct err *err)
{
	size_t n = d->size < END_SIZE + MAX_COMMENT ? (size_t)d->size : END_SIZE + MAX_COMMENT;
	CLEANUP(mem_free) unsigned char *tail = xmalloc(n ? n : 1);
	unsigned char locator[LOCATOR_SIZE];
	unsigned char *end = NULL;

	if (find_end(d, tail, n, &end, err) < 0)
		return -1;
	uint64_t at = d->size - n + (uint64_t)(end - tail);
	*e = (struct end){ at, get16(end + 10), get32(end + 12), get32(end + 16) };
	if (get16(end + 4) || get16(end + 6) || get16(end + 8) != get16(end + 10))
		return zipdir_bad(err, RULE_DISK, STR(""));
	if (at < LOCATOR_SIZE)
		return 0;
	if (read_at(d, at - LOCATOR_SIZE, locator, sizeof(locator), RULE_END, STR(""), err) < 0)
		return -1;
	if (get32(locator) != LOCATOR_MAGIC)
		return 0;
	return read_end64(d, end, at - LOCATOR_SIZE, locator, e, err);
}

/* --- the directory --- */

/* Where the value of a zip64 field is, or NULL when there is no such field. */
struct zip64 {
	const unsigned char *p;
	size_t n;
};

/* Walks an entry's extra fields. Go takes what it wants and passes over the rest;
 * programs that do otherwise must not come to other names or sizes. */
static bool read_extra(const unsigned char *p, size_t n, struct str name, struct zip64 *ret)
{
	*ret = (struct zip64){ NULL, 0 };
	while (n >= 4) {
		unsigned int tag = get16(p);
		size_t size = get16(p + 2);
		if (size > n - 4)
			return false;
		if (tag == EXTRA_ZIP64) {
			if (ret->p)
				return false;
			*ret = (struct zip64){ p + 4, size };
		}
		/* version, checksum of the plain name, the name */
		if (tag == EXTRA_UNICODE_NAME &&
		    (size < 5 || !str_eq(name, str_make((const char *)p + 9, size - 5))))
			return false;
		p += 4 + size;
		n -= 4 + size;
	}
	return true;
}

/* The next value of a zip64 field, for a value that is too large for its place. */
static bool take64(struct zip64 *z, uint64_t *v)
{
	if (*v != MAX32)
		return true;
	if (!z->p || z->n < 8)
		return false;
	*v = get64(z->p);
	z->p += 8;
	z->n -= 8;
	return true;
}

/* false when it is not whole; what it says then is undefined. */
static bool read_head(const unsigned char *p, size_t n, size_t *ret_n, struct zipdir_file *f)
{
	struct zip64 z;

	if (n < HEAD_SIZE || get32(p) != HEAD_MAGIC)
		return false;
	size_t name_n = get16(p + 28);
	size_t extra_n = get16(p + 30);
	size_t whole = HEAD_SIZE + name_n + extra_n + get16(p + 32);
	*f = (struct zipdir_file){
		.name = str_make((const char *)p + HEAD_SIZE, name_n),
		.flags = get16(p + 8),
		.method = get16(p + 10),
		.crc = get32(p + 16),
		.packed = get32(p + 20),
		.size = get32(p + 24),
		.at = get32(p + 42),
	};
	if (whole > n)
		return false;
	*ret_n = whole;
	if (!read_extra(p + HEAD_SIZE + name_n, extra_n, f->name, &z))
		return true; /* check_head() refuses it */
	return take64(&z, &f->size) && take64(&z, &f->packed) && take64(&z, &f->at);
}

/* What can be said about one entry of the directory by itself. */
static int check_head(const struct zipdir *d, const unsigned char *p, const struct zipdir_file *f,
		      struct err *err)
{
	struct zip64 z;

	if (f->name.n > MAX_ENTRY_NAME)
		return zipdir_bad(err, RULE_LONG_NAME, f->name);
	if (!read_extra(p + HEAD_SIZE + f->name.n, get16(p + 30), f->name, &z))
		return zipdir_bad(err, RULE_EXTRA, f->name);
	if (get16(p + 34))
		return zipdir_bad(err, RULE_DISK, f->name);
	if (f->flags & (FLAG_ENCRYPTED | FLAG_PATCH | FLAG_STRONG | FLAG_MASKED))
		return zipdir_bad(err, RULE_ENCRYPTED, f->name);
	if (f->method != 0 && f->method != ZIPDIR_DEFLATED)
		return zipdir_bad(err, RULE_METHOD, f->name);
	if (f->at >= d->dir_at)
		return zipdir_bad(err, RULE_LOCAL, f->name);
	if (f->packed > d->dir_at - f->at)
		return zipdir_bad(err, RULE_OVERLAP, f->name);
	return 0;
}

static void add_entry(struct zipdir *d, size_t *room, size_t head, uint64_t at)
{
	if (d->n == *room) {
		*room = *room ? *room + *room / 2 : 64;
		d->entries = xreallocarray(d->entries, *room, sizeof(*d->entries));
	}
	/* the file has at most 500 MiB */
	d->entries[d->n++] = (struct zipdir_entry){ (uint32_t)head, (uint32_t)at };
}

static int by_place(const void *a, const void *b)
{
	const struct zipdir_entry *x = a;
	const struct zipdir_entry *y = b;

	return x->at < y->at ? -1 : x->at > y->at;
}

static int read_entries(struct zipdir *d, const struct end *e, struct err *err)
{
	struct zipdir_file f;
	size_t room = 0;

	for (size_t at = 0; at < d->dir_n;) {
		size_t n = 0;
		if (!read_head(d->dir + at, d->dir_n - at, &n, &f))
			return zipdir_bad(err, RULE_DIRECTORY, STR(""));
		if (check_head(d, d->dir + at, &f, err) < 0)
			return -1;
		add_entry(d, &room, at, f.at);
		at += n;
	}
	if (d->n != e->records)
		return zipdir_bad(err, RULE_NUMBER, STR(""));
	if (d->n)
		qsort(d->entries, d->n, sizeof(*d->entries), by_place);
	if ((d->n ? d->entries[0].at : d->dir_at) != 0)
		return zipdir_bad(err, RULE_GAP, STR(""));
	return 0;
}

int zipdir_open(struct zipdir *d, int fd, struct err *err)
{
	struct stat st;
	struct end e;

	*d = ZIPDIR();
	d->fd = fd;
	if (fstat(fd, &st) < 0 || st.st_size < 0)
		return err_set(err, FAULT_LOCAL, "the zip cannot be read");
	d->size = (uint64_t)st.st_size;
	if (st.st_size > MAX_ZIP_FILE)
		return zipdir_bad(err, RULE_PACKED_SIZE, STR(""));
	if (read_end(d, &e, err) < 0)
		return -1;
	if (e.dir_at > e.at || e.dir_size > e.at - e.dir_at)
		return zipdir_bad(err, RULE_DIRECTORY, STR(""));
	if (e.dir_size != e.at - e.dir_at)
		return zipdir_bad(err, RULE_GAP, STR(""));
	if (e.dir_size > MAX_DIRECTORY)
		return zipdir_bad(err, RULE_TOO_MANY, STR(""));
	d->dir_at = e.dir_at;
	d->dir_n = (size_t)e.dir_size;
	d->dir = xmalloc(d->dir_n + 1);
	if (read_at(d, e.dir_at, d->dir, d->dir_n, RULE_DIRECTORY, STR(""), err) < 0)
		return -1;
	return read_entries(d, &e, err);
}

void zipdir_release(struct zipdir *d)
{
	free(d->dir);
	free(d->entries);
	*d = ZIPDIR();
}

void zipdir_file(const struct zipdir *d, size_t i, struct zipdir_file *ret)
{
	size_t head = d->entries[i].head;
	size_t n = 0;

	(void)read_head(d->dir + head, d->dir_n - head, &n, ret);
}

size_t zipdir_pass(const struct zipdir *d, size_t from, size_t n, size_t *ret_n)
{
	struct zipdir_file f;
	size_t passed = 0;
	size_t one = 0;

	for (; passed < n && from < d->dir_n; passed++) {
		(void)read_head(d->dir + from, d->dir_n - from, &one, &f);
		from += one;
	}
	*ret_n = passed;
	return from;
}

/* --- the entries themselves --- */

/* With a data descriptor, whoever wrote the header did not know the values yet. */
static bool local_value(const struct zipdir_file *f, uint64_t local, uint64_t wanted)
{
	return local == wanted ||
	       ((f->flags & FLAG_DESCRIPTOR) && (local == 0 || local == MAX32));
}

static bool local_agrees(const struct zipdir_file *f, const unsigned char *p, struct zip64 *z)
{
	uint64_t packed = get32(p + 18);
	uint64_t size = get32(p + 22);

	if (z->p && (!take64(z, &size) || !take64(z, &packed)))
		return false;
	return get16(p + 6) == f->flags && get16(p + 8) == f->method &&
	       local_value(f, get32(p + 14), f->crc) && local_value(f, packed, f->packed) &&
	       local_value(f, size, f->size);
}

static int check_local(const struct zipdir *d, struct zipdir_file *f, struct err *err)
{
	unsigned char p[LOCAL_SIZE];
	struct zip64 z;

	if (read_at(d, f->at, p, sizeof(p), RULE_LOCAL, f->name, err) < 0)
		return -1;
	size_t name_n = get16(p + 26);
	size_t extra_n = get16(p + 28);
	if (get32(p) != LOCAL_MAGIC)
		return zipdir_bad(err, RULE_LOCAL, f->name);
	if (name_n != f->name.n)
		return zipdir_bad(err, RULE_DIFFERS, f->name);
	CLEANUP(mem_free) unsigned char *rest = xmalloc(name_n + extra_n + 1);
	if (read_at(d, f->at + LOCAL_SIZE, rest, name_n + extra_n, RULE_LOCAL, f->name, err) < 0)
		return -1;
	if (!read_extra(rest + name_n, extra_n, f->name, &z))
		return zipdir_bad(err, RULE_EXTRA, f->name);
	if (!str_eq(f->name, str_make((const char *)rest, name_n)) || !local_agrees(f, p, &z))
		return zipdir_bad(err, RULE_DIFFERS, f->name);
	f->data_at = f->at + LOCAL_SIZE + name_n + extra_n;
	return 0;
}

/* n bytes are between the data and the next entry: a signature that may be
 * missing, the checksum, and two sizes of 32 or 64 bits. */
static int check_descriptor(const struct zipdir *d, const struct zipdir_file *f, uint64_t n,
			    struct err *err)
{
	unsigned char p[MAX_DESCRIPTOR];
	bool wide = n == 20 || n == 24;
	size_t from = n == 16 || n == 24 ? 4 : 0;

	if (n != 12 && n != 16 && n != 20 && n != 24)
		return zipdir_bad(err, n > MAX_DESCRIPTOR ? RULE_GAP : RULE_DESCRIPTOR, f->name);
	if (read_at(d, f->data_at + f->packed, p, (size_t)n, RULE_DESCRIPTOR, f->name, err) < 0)
		return -1;
	uint64_t packed = wide ? get64(p + from + 4) : get32(p + from + 4);
	uint64_t size = wide ? get64(p + from + 12) : get32(p + from + 8);
	if ((get32(p) == DESCRIPTOR_MAGIC) != (from == 4) || get32(p + from) != f->crc ||
	    packed != f->packed || size != f->size)
		return zipdir_bad(err, RULE_DESCRIPTOR, f->name);
	return 0;
}

int zipdir_local(const struct zipdir *d, size_t i, struct zipdir_file *f, struct err *err)
{
	uint64_t next = i + 1 < d->n ? d->entries[i + 1].at : d->dir_at;

	if (check_local(d, f, err) < 0)
		return -1;
	if (f->data_at > next || f->packed > next - f->data_at)
		return zipdir_bad(err, RULE_OVERLAP, f->name);
	uint64_t behind = next - f->data_at - f->packed;
	if (f->flags & FLAG_DESCRIPTOR)
		return check_descriptor(d, f, behind, err);
	return behind ? zipdir_bad(err, RULE_GAP, f->name) : 0;
}
