/* admin/tree.c: what is in the cache's mod folder, or in a tree of that form.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admin/tree.h"
#include "base/err.h"
#include "base/io.h"
#include "base/mem.h"

#include "base/banned.h"

void paths_add(struct paths *f, struct str path)
{
	if (f->n == f->room) {
		f->room = f->room ? f->room + f->room / 2 : 256;
		f->path = xreallocarray(f->path, f->room, sizeof(*f->path));
	}
	f->path[f->n++] = xmemdup0(path.p, path.n);
}

void paths_free(struct paths *f)
{
	for (size_t i = 0; i < f->n; i++)
		free(f->path[i]);
	free(f->path);
	*f = PATHS();
}

/* --- walking --- */

struct name {
	char *text;
	unsigned char type;	/* DT_REG and the like */
};

struct names {
	struct name *names;
	size_t n;
	size_t room;
};

static void names_free(struct names *f)
{
	for (size_t i = 0; i < f->n; i++)
		free(f->names[i].text);
	free(f->names);
}

static void names_add(struct names *f, const struct dirent *de)
{
	if (f->n == f->room) {
		f->room = f->room ? 2 * f->room : 16;
		f->names = xreallocarray(f->names, f->room, sizeof(*f->names));
	}
	f->names[f->n++] = (struct name){ xstrdup(de->d_name), de->d_type };
}

static int by_text(const void *a, const void *b)
{
	return strcmp(((const struct name *)a)->text, ((const struct name *)b)->text);
}

/* The folder's names, sorted; 0 or -errno. */
static int read_names(int dir, const char *path, struct names *ret)
{
	int fd = io_open_beneath(dir, path, O_RDONLY | O_DIRECTORY, 0);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	if (fd < 0)
		return fd;
	if (!d) {
		fd_close(&fd);
		return -errno;
	}
	for (struct dirent *de = readdir(d); de; de = readdir(d))
		if (de->d_name[0] != '.')
			names_add(ret, de);
	closedir(d);
	if (ret->n)
		qsort(ret->names, ret->n, sizeof(*ret->names), by_text);
	return 0;
}

/* What the folder itself says costs nothing; some file systems do not say it.
 * false: it is gone. */
static bool what_is(int dir, const char *path, unsigned char type, enum tree_what *ret)
{
	struct stat st;

	if (type != DT_UNKNOWN) {
		*ret = type == DT_REG ? TREE_FILE : type == DT_DIR ? TREE_FOLDER : TREE_OTHER;
		return true;
	}
	if (fstatat(dir, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return false;
	*ret = S_ISREG(st.st_mode) ? TREE_FILE : S_ISDIR(st.st_mode) ? TREE_FOLDER : TREE_OTHER;
	return true;
}

struct walk_state {
	int dir;
	tree_fn *fn;
	void *ctx;
	struct buf path;
	int depth;
};

/* What fn moved away or replaced is not walked. */
static bool is_gone(int rc)
{
	return rc == -ENOENT || rc == -ENOTDIR || rc == -ELOOP;
}

static int walk_folder(struct walk_state *w, struct err *err)
{
	CLEANUP(names_free) struct names names = { NULL, 0, 0 };
	enum tree_what what = TREE_OTHER;
	size_t n = w->path.n;
	int rc = read_names(w->dir, w->path.p, &names);

	if (w->depth && is_gone(rc))
		return 0;
	if (rc < 0)
		return err_sys(err, FAULT_LOCAL, -rc, "cannot read %s", w->path.p);
	w->depth++;
	for (size_t i = 0; i < names.n && rc == 0; i++) {
		buf_putc(&w->path, '/');
		buf_puts(&w->path, names.names[i].text);
		if (buf_ok(&w->path, "a path", err) < 0)
			return -1;
		if (what_is(w->dir, w->path.p, names.names[i].type, &what)) {
			rc = w->fn(w->ctx, w->dir, buf_view(&w->path), what, err);
			if (rc == 0 && what == TREE_FOLDER)
				rc = walk_folder(w, err);
		}
		buf_cut(&w->path, n);
	}
	w->depth--;
	return rc < 0 ? -1 : 0;
}

int tree_walk(int dir, const char *start, tree_fn *fn, void *ctx, struct err *err)
{
	struct walk_state w = { dir, fn, ctx, BUF(MAX_RELPATH), 0 };
	struct stat st;

	if (fstatat(dir, start, &st, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT)
		return 0;
	buf_puts(&w.path, start);
	int rc = walk_folder(&w, err);
	buf_release(&w.path);
	return rc;
}

int tree_cmp(struct str a, struct str b)
{
	for (size_t i = 0; i < a.n && i < b.n; i++) {
		if (a.p[i] == b.p[i])
			continue;
		if (a.p[i] == '/' || b.p[i] == '/')
			return a.p[i] == '/' ? -1 : 1;
		return (unsigned char)a.p[i] < (unsigned char)b.p[i] ? -1 : 1;
	}
	return a.n < b.n ? -1 : a.n > b.n;
}
