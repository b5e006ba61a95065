/* fetch/vcs/modzip.c: making a module zip from a zip of a repository's tree.
 *
 * The order of the checks is that of x/mod/zip's checkFiles (Go 1.26).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "fetch/body.h"
#include "fetch/digest.h"
#include "fetch/gomod.h"
#include "fetch/hands.h"
#include "fetch/vcs/early.h"
#include "fetch/vcs/modzip.h"
#include "fetch/vcs/names.h"
#include "fetch/vcs/reuse.h"
#include "fetch/vcs/zipwrite.h"
#include "fetch/zipnames.h"
#include "module/modpath.h"

#include "base/banned.h"

/* x/mod/zip's MaxGoMod and MaxLICENSE. */
#define MAX_SPECIAL (16ll << 20)

/* Files up to SMALL are deflated whole, BATCH_FILES at once, by several threads; those
 * and what they become are some 2 MB in memory. Larger ones pass through in blocks. */
#define SMALL MODZIP_SMALL
#define BATCH_FILES 64
#define BATCH_BYTES (1u << 20)

/* libzip reads each file's header by itself; its data comes along. */
#define READ_SIZE (64u << 10)

enum file_kind { FILE_REGULAR, FILE_LINK, FILE_OTHER };

/* A file of the tree, below the module's folder. */
struct file {
	struct str name;	/* a view into `whole` */
	char *whole;		/* "module@version/name" */
	zip_int64_t index;	/* -1: the license */
	enum file_kind kind;
	uint32_t crc;
	uint64_t size;
};

struct maker {
	const struct modzip *z;
	zip_t *in;
	struct buf prefix;	/* "module@version/" */
	struct file *files;
	size_t n;
	size_t room;
	struct names roots;	/* folders with a go.mod, sorted: "a/b/" */
	bool since_1_24;
	bool has_license;
};

static void maker_release(struct maker *m)
{
	if (m->in)
		zip_discard(m->in);
	for (size_t i = 0; i < m->n; i++)
		free(m->files[i].whole);
	free(m->files);
	names_release(&m->roots);
	buf_release(&m->prefix);
}

static int cannot(struct err *err, struct str name, const char *why)
{
	CLEANUP(buf_release) struct buf shown = BUF(400);

	modpath_quote(name, &shown);
	return err_set(err, FAULT_NOT_FOUND, "create zip: %s: %s", shown.p, why);
}

static int open_archive(struct maker *m, int fd, struct err *err)
{
	zip_error_t why;
	int copy = dup(fd);
	FILE *f = copy < 0 ? NULL : fdopen(copy, "r");

	if (!f) {
		if (copy >= 0)
			close(copy);
		return err_set(err, FAULT_LOCAL, "cannot open the archive");
	}
	setvbuf(f, NULL, _IOFBF, READ_SIZE);
	rewind(f);
	zip_error_init(&why);
	zip_source_t *source = zip_source_filep_create(f, 0, -1, &why);
	if (!source) {
		fclose(f);
		zip_error_fini(&why);
		return err_set(err, FAULT_LOCAL, "cannot open the archive");
	}
	m->in = zip_open_from_source(source, ZIP_RDONLY, &why);
	zip_error_fini(&why);
	if (m->in)
		return 0;
	zip_source_free(source);
	return err_set(err, FAULT_LOCAL, "the archive of the repository cannot be read");
}

static enum file_kind kind_of(zip_t *in, zip_uint64_t i)
{
	zip_uint8_t opsys = 0;
	zip_uint32_t attributes = 0;

	if (zip_file_get_external_attributes(in, i, 0, &opsys, &attributes) < 0 ||
	    opsys != ZIP_OPSYS_UNIX)
		return FILE_REGULAR;
	switch (attributes >> 16 & S_IFMT) {
	case S_IFLNK:
		return FILE_LINK;
	case S_IFREG:
	case 0:
		return FILE_REGULAR;
	default:
		return FILE_OTHER;
	}
}

/* All but the name as in `like`. */
static void add_file(struct maker *m, struct str name, const struct file *like)
{
	CLEANUP(buf_release) struct buf whole = BUF(m->prefix.n + name.n + 1);

	buf_str(&whole, buf_view(&m->prefix));
	buf_str(&whole, name);
	if (m->n == m->room) {
		m->room = m->room ? 2 * m->room : 256;
		m->files = xreallocarray(m->files, m->room, sizeof(*m->files));
	}
	struct file *f = &m->files[m->n++];
	*f = *like;
	f->whole = buf_detach(&whole);
	f->name = str_make(f->whole + m->prefix.n, name.n);
	m->has_license = m->has_license || str_eqz(name, "LICENSE");
}

/* Everything below the module's folder but folders. */
static int list_files(struct maker *m, struct err *err)
{
	CLEANUP(buf_release) struct buf folder = BUF(MAX_URI);
	zip_int64_t n = zip_get_num_entries(m->in, 0);

	buf_str(&folder, m->z->folder);
	if (folder.n)
		buf_putc(&folder, '/');
	for (zip_int64_t i = 0; i < n; i++) {
		struct zip_stat st;
		if (zip_stat_index(m->in, (zip_uint64_t)i, ZIP_FL_ENC_RAW, &st) < 0)
			return err_set(err, FAULT_LOCAL,
				       "the archive of the repository cannot be read");
		struct str name = str_of(st.name);
		ptrdiff_t slash = str_chr(name, '/');
		if (slash < 0)
			return cannot(err, name, "missing top-level folder");
		name = str_from(name, (size_t)slash + 1);
		if (!str_starts(name, buf_view(&folder)))
			continue;
		name = str_from(name, folder.n);
		if (name.n && name.p[name.n - 1] != '/')
			add_file(m, name, &(struct file){
				.index = i, .kind = kind_of(m->in, (zip_uint64_t)i),
				.crc = st.crc, .size = st.size });
	}
	if (!m->has_license && m->z->license)
		add_file(m, STR("LICENSE"), &(struct file){
			.index = -1, .kind = FILE_REGULAR, .size = m->z->license->n });
	return 0;
}

static int pass_data(struct maker *m, const struct file *f, struct zipwrite *to, struct buf *text,
		     struct err *err)
{
	char block[32768];
	uint64_t total = 0;

	if (f->index < 0) {
		if (to)
			return zipwrite_data(to, m->z->license->p, m->z->license->n, err);
		buf_str(text, buf_view(m->z->license));
		return 0;
	}
	zip_file_t *in = zip_fopen_index(m->in, (zip_uint64_t)f->index, 0);
	if (!in)
		return err_set(err, FAULT_LOCAL, "the archive of the repository cannot be read");
	zip_int64_t got = 0;
	int rc = 0;
	while (rc == 0 && (got = zip_fread(in, block, sizeof(block))) > 0) {
		total += (uint64_t)got;
		if (to)
			rc = zipwrite_data(to, block, (size_t)got, err);
		else
			buf_add(text, block, (size_t)got);
	}
	zip_fclose(in);
	if (rc == 0 && (got < 0 || total != f->size))
		return err_set(err, FAULT_LOCAL, "the archive of the repository cannot be read");
	return rc;
}

/* The folders that are modules of their own, and what the root's go.mod says. */
static int find_roots(struct maker *m, struct err *err)
{
	for (size_t i = 0; i < m->n; i++) {
		struct file *f = &m->files[i];
		ptrdiff_t slash = str_rchr(f->name, '/');
		struct str base = str_from(f->name, (size_t)(slash + 1));
		if (f->kind != FILE_REGULAR || !str_caseeq(base, STR("go.mod")))
			continue;
		names_add(&m->roots, str_head(f->name, (size_t)(slash + 1)));
		if (slash >= 0 || !str_eqz(base, "go.mod"))
			continue;
		CLEANUP(buf_release) struct buf text = BUF(MAX_SPECIAL);
		if (f->size <= (uint64_t)MAX_SPECIAL && pass_data(m, f, NULL, &text, err) < 0)
			return -1;
		m->since_1_24 = !text.over && gomod_is_since_1_24(buf_view(&text));
	}
	names_sort(&m->roots);
	return 0;
}

static int compare(const void *key, const void *elem)
{
	return str_cmp(*(const struct str *)key, str_of(*(char *const *)elem));
}

static bool in_submodule(const struct maker *m, struct str name)
{
	for (;;) {
		ptrdiff_t slash = str_rchr(name, '/');
		if (slash < 0)
			return false;
		struct str folder = str_head(name, (size_t)slash + 1);
		if (m->roots.n &&
		    bsearch(&folder, m->roots.v, m->roots.n, sizeof(*m->roots.v), compare))
			return true;
		name = str_head(name, (size_t)slash);
	}
}

/* golang.org/issue/37397: before go 1.24 the rest is counted from the wrong place. */
static bool is_vendored(const struct maker *m, struct str name)
{
	static const size_t len = sizeof("vendor/") - 1;
	size_t from = 0;

	if (m->since_1_24 && str_eqz(name, "vendor/modules.txt"))
		return true;
	if (str_starts(name, STR("vendor/"))) {
		from = len;
	} else {
		ptrdiff_t at = str_find(name, STR("/vendor/"));
		if (at < 0)
			return false;
		from = m->since_1_24 ? (size_t)at + len + 1 : len + 1;
	}
	return str_chr(str_from(name, from), '/') >= 0;
}

static bool is_unclean(struct str name)
{
	struct str elem;

	while (str_cut(&name, '/', &elem))
		if (elem.n == 0 || str_eqz(elem, ".") || str_eqz(elem, ".."))
			return true;
	return false;
}

/* 1: it belongs into the zip; 0: it is left out; -1: no zip can be made. */
static int judge(struct maker *m, struct zipnames *seen, const struct file *f, struct err *err)
{
	CLEANUP(err_release) struct err why = ERR();
	struct str rel;

	if (is_unclean(f->name))
		return cannot(err, f->name, "file path is not clean");
	if (is_vendored(m, f->name) || in_submodule(m, f->name) ||
	    str_eqz(f->name, ".hg_archival.txt"))
		return 0;
	if (modpath_check_file(f->name, &why) < 0)
		return cannot(err, f->name, why.text.p);
	if (str_caseeq(f->name, STR("go.mod")) && !str_eqz(f->name, "go.mod"))
		return cannot(err, f->name, "go.mod files must have lowercase names");
	ptrdiff_t slash = str_rchr(f->name, '/');
	bool link_gomod = f->kind != FILE_REGULAR && slash >= 0 &&
			  str_caseeq(str_from(f->name, (size_t)slash + 1), STR("go.mod"));
	/* zipnames takes no go.mod below the root; that of a link is left out below */
	if (!link_gomod && zipnames_add(seen, str_of(f->whole), &rel, &why) < 0) {
		static const struct str wrap = { "body: bad module zip: ", 22 };
		struct str text = buf_view(&why.text);
		if (str_starts(text, wrap))
			text = str_from(text, wrap.n);
		return err_set(err, FAULT_NOT_FOUND, "create zip: %.*s", STR_ARG(text));
	}
	return f->kind == FILE_REGULAR;
}

static int judge_all(struct maker *m, bool *keep, struct err *err)
{
	struct zipnames seen;
	uint64_t left = (uint64_t)MAX_ZIP_FILE;
	int rc = 0;

	zipnames_init(&seen, buf_view(&m->prefix));
	for (size_t i = 0; rc >= 0 && i < m->n; i++) {
		const struct file *f = &m->files[i];
		rc = judge(m, &seen, f, err);
		if (rc <= 0)
			continue;
		if (f->size > left)
			rc = err_set(err, FAULT_NOT_FOUND, "create zip: module source tree too "
				     "large (max size is %lld bytes)", MAX_ZIP_FILE);
		else if (f->size > (uint64_t)MAX_SPECIAL &&
			 (str_eqz(f->name, "go.mod") || str_eqz(f->name, "LICENSE")))
			rc = cannot(err, f->name, "larger than 16777216 bytes");
		left -= f->size;
		keep[i] = true;
	}
	zipnames_release(&seen);
	return rc < 0 ? -1 : 0;
}

/* --- writing --- */

struct small {
	const struct file *f;
	struct buf text;
	struct zippacked packed;
};

struct batch {
	struct reuse *reuse;
	struct small files[BATCH_FILES];
	size_t n;
	size_t bytes;
	struct zippack hands[HANDS_MAX];
};

static void batch_empty(struct batch *b)
{
	for (size_t i = 0; i < b->n; i++) {
		buf_release(&b->files[i].text);
		free(b->files[i].packed.p);
	}
	b->n = 0;
	b->bytes = 0;
}

static void batch_free(struct batch **b)
{
	batch_empty(*b);
	for (size_t i = 0; i < HANDS_MAX; i++)
		zippack_release(&(*b)->hands[i]);
	free(*b);
}

static int pack_one(void *ctx, size_t hand, size_t i, struct err *err)
{
	struct batch *b = ctx;
	struct small *s = &b->files[i];

	if (s->packed.p)
		return 0;
	if (b->reuse &&
	    reuse_file(b->reuse, hand, s->f->name, buf_view(&s->text), &s->packed))
		return 0;
	return zippack_file(&b->hands[hand], s->text.p, s->text.n, &s->packed, err);
}

static int write_batch(struct batch *b, struct zipwrite *to, struct err *err)
{
	int rc = hands_run(b->n, pack_one, b, err);

	for (size_t i = 0; rc == 0 && i < b->n; i++)
		rc = zipwrite_packed(to, str_of(b->files[i].f->whole), &b->files[i].packed, err);
	batch_empty(b);
	return rc;
}

static int add_small(struct maker *m, const struct file *f, struct batch *b, struct zipwrite *to,
		     struct err *err)
{
	struct small *s = &b->files[b->n++];

	*s = (struct small){ .f = f, .text = BUF(SMALL + 1) };
	if (m->z->early && f->index >= 0 &&
	    early_take(m->z->early, (size_t)f->index, f->crc, f->size, &s->packed))
		return b->n == BATCH_FILES ? write_batch(b, to, err) : 0;
	b->bytes += f->size;
	if (pass_data(m, f, NULL, &s->text, err) < 0)
		return -1;
	return b->n == BATCH_FILES || b->bytes >= BATCH_BYTES ? write_batch(b, to, err) : 0;
}

static int write_large(struct maker *m, const struct file *f, struct zipwrite *to, struct err *err)
{
	if (zipwrite_begin(to, str_of(f->whole), err) < 0 || pass_data(m, f, to, NULL, err) < 0)
		return -1;
	return zipwrite_end(to, err);
}

static int write_all(struct maker *m, const bool *keep, struct body *out, struct err *err)
{
	CLEANUP(batch_free) struct batch *b = xcalloc(1, sizeof(*b));
	struct zipwrite to;
	int rc = 0;

	b->reuse = m->z->reuse;
	zipwrite_init(&to, out);
	for (size_t i = 0; rc == 0 && i < m->n; i++) {
		const struct file *f = &m->files[i];
		if (!keep[i])
			continue;
		if (f->size <= SMALL) {
			rc = add_small(m, f, b, &to, err);
			continue;
		}
		rc = write_batch(b, &to, err);
		if (rc == 0)
			rc = write_large(m, f, &to, err);
	}
	if (rc == 0)
		rc = write_batch(b, &to, err);
	if (rc == 0)
		rc = zipwrite_finish(&to, err);
	if (rc == 0 && m->z->ret_sum)
		digest_text(buf_view(&to.dir), m->z->ret_sum);
	zipwrite_release(&to);
	return rc;
}

int modzip_make(const struct modzip *z, int fd, struct body *out, struct err *err)
{
	CLEANUP(maker_release) struct maker m = { .z = z, .prefix = BUF(MAX_URI) };
	CLEANUP(mem_free) bool *keep = NULL;

	buf_printf(&m.prefix, "%.*s@%.*s/", STR_ARG(z->path), STR_ARG(z->version));
	if (buf_ok(&m.prefix, "the module's path", err) < 0 || open_archive(&m, fd, err) < 0 ||
	    list_files(&m, err) < 0 || find_roots(&m, err) < 0)
		return -1;
	keep = xcalloc(m.n + 1, sizeof(*keep));
	if (judge_all(&m, keep, err) < 0)
		return -1;
	return write_all(&m, keep, out, err);
}
