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

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The folder's names, sorted; 0 or -errno. */
static int read_names(int dir, const char *path, struct paths *ret)
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
			paths_add(ret, str_of(de->d_name));
	closedir(d);
	if (ret->n)
		qsort(ret->path, ret->n, sizeof(*ret->path), by_text);
	return 0;
}

static enum tree_what what_is(const struct stat *st)
{
	return S_ISREG(st->st_mode) ? TREE_FILE : S_ISDIR(st->st_mode) ? TREE_FOLDER : TREE_OTHER;
}

struct walk_state {
	int dir;
	tree_fn *fn;
	void *ctx;
	struct buf path;
};

static int walk_folder(struct walk_state *w, struct err *err)
{
	CLEANUP(paths_free) struct paths names = PATHS();
	struct stat st;
	size_t n = w->path.n;
	int rc = read_names(w->dir, w->path.p, &names);

	if (rc < 0)
		return err_sys(err, FAULT_LOCAL, -rc, "cannot read %s", w->path.p);
	for (size_t i = 0; i < names.n && rc == 0; i++) {
		buf_putc(&w->path, '/');
		buf_puts(&w->path, names.path[i]);
		if (buf_ok(&w->path, "a path", err) < 0)
			return -1;
		if (fstatat(w->dir, w->path.p, &st, AT_SYMLINK_NOFOLLOW) == 0) {
			rc = w->fn(w->ctx, w->dir, buf_view(&w->path), what_is(&st), err);
			if (rc == 0 && fstatat(w->dir, w->path.p, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
			    S_ISDIR(st.st_mode))
				rc = walk_folder(w, err);
		}
		buf_cut(&w->path, n);
	}
	return rc < 0 ? -1 : 0;
}

int tree_walk(int dir, const char *start, tree_fn *fn, void *ctx, struct err *err)
{
	struct walk_state w = { dir, fn, ctx, BUF(MAX_RELPATH) };
	struct stat st;

	if (fstatat(dir, start, &st, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT)
		return 0;
	buf_puts(&w.path, start);
	int rc = walk_folder(&w, err);
	buf_release(&w.path);
	return rc;
}
