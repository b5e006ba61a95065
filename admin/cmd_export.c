/* admin/cmd_export.c: stoactl export: what the cache holds, as a folder or a tar
 * archive that GOPROXY=file:// serves.
 *
 * A folder gets each file under a temporary name first, and what is there with
 * the same size is left alone: so it can be broken off and run again.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "admin/cmd.h"
#include "admin/crew.h"
#include "admin/progress.h"
#include "admin/tar.h"
#include "admin/tree.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"
#include "base/stop.h"
#include "cache/cache.h"
#include "config/config.h"
#include "fetch/merge.h"
#include "module/key.h"

#include "base/banned.h"

#define BLOCK (64u << 10)

struct export {
	struct cache cache;
	int to;			/* the folder, or the archive */
	bool tar;
	struct paths files;	/* below mod/ */
	struct progress progress;
	int64_t copied;
	int64_t there;
	int64_t bytes;
};

static int gather(void *ctx, int dir, struct str path, enum tree_what what, struct err *err)
{
	struct export *ex = ctx;
	CLEANUP(key_release) struct key k = KEY();
	CLEANUP(err_release) struct err ignored = ERR();

	(void)dir;
	(void)err;
	bool ziphash = str_ends(path, STR(".ziphash"));
	struct str file = ziphash ? str_head(path, path.n - 4) : path;
	if (what == TREE_FILE && key_set_file(&k, file, &ignored) == 0)
		paths_add(&ex->files, path);
	return 0;
}

/* All of `from`, `size` bytes, to the descriptor. */
static int copy(int from, int to, int64_t size, struct err *err)
{
	char block[BLOCK];
	int64_t at = 0;

	while (at < size) {
		ssize_t got = io_pread(from, block, sizeof(block), (off_t)at);
		if (got <= 0)
			return err_sys(err, FAULT_LOCAL, got < 0 ? (int)-got : EIO,
				       "a file of the cache cannot be read");
		int rc = io_write_all(to, block, (size_t)got);
		if (rc < 0)
			return err_sys(err, FAULT_LOCAL, -rc, "the copy cannot be written");
		at += got;
	}
	return 0;
}

/* 1: written; 0: there already. */
static int put_file(struct export *ex, const char *name, int from, const struct stat *st,
		    struct err *err)
{
	CLEANUP(buf_release) struct buf tmp = BUF(MAX_RELPATH);
	CLEANUP(fd_close) int fd = -1;
	struct stat old;

	if (fstatat(ex->to, name, &old, 0) == 0 && old.st_size == st->st_size)
		return 0;
	buf_printf(&tmp, "%s.tmp", name);
	if (buf_ok(&tmp, "a path", err) < 0)
		return -1;
	int rc = io_mkparents(ex->to, name, false);
	if (rc == 0)
		rc = fd = io_open(ex->to, tmp.p, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0644);
	if (rc < 0)
		return err_sys(err, FAULT_LOCAL, -rc, "the copy cannot be written");
	if (copy(from, fd, st->st_size, err) < 0)
		return -1;
	rc = io_set_time(fd, st->st_mtime);
	if (rc == 0)
		rc = io_rename(ex->to, tmp.p, ex->to, name);
	return rc < 0 ? err_sys(err, FAULT_LOCAL, -rc, "the copy cannot be written") : 1;
}

static int put_tar(struct export *ex, const char *name, int from, const struct stat *st,
		   struct err *err)
{
	if (tar_head(ex->to, str_of(name), st->st_size, st->st_mtime, err) < 0 ||
	    copy(from, ex->to, st->st_size, err) < 0 || tar_pad(ex->to, st->st_size, err) < 0)
		return -1;
	return 1;
}

static int put_one(struct export *ex, const char *path, struct err *err)
{
	CLEANUP(fd_close) int from = io_open_beneath(ex->cache.root, path, O_RDONLY, 0);
	const char *name = path + sizeof("mod/") - 1;
	struct stat st;

	if (from == -ENOENT)
		return 0;
	if (from < 0 || fstat(from, &st) < 0)
		return err_sys(err, FAULT_LOCAL, from < 0 ? -from : errno, "%s", name);
	int rc = ex->tar ? put_tar(ex, name, from, &st, err) : put_file(ex, name, from, &st, err);
	ex->copied += rc > 0;
	ex->there += rc == 0;
	ex->bytes += rc > 0 ? st.st_size : 0;
	progress_add(&ex->progress, rc > 0 ? st.st_size : 0, rc < 0);
	return rc < 0 ? -1 : 0;
}

/* --- the lists, which a client of file:// needs --- */

static int put_list(struct export *ex, const struct key *k, struct versions *vs, struct err *err)
{
	CLEANUP(buf_release) struct buf text = BUF(MAX_SMALL_FILE);
	CLEANUP(buf_release) struct buf name = BUF(MAX_RELPATH);
	CLEANUP(buf_release) struct buf tmp = BUF(MAX_RELPATH);
	CLEANUP(fd_close) int fd = -1;

	versions_text(vs, &text);
	buf_printf(&name, "%s/@v/list", k->epath.p);
	buf_printf(&tmp, "%s.tmp", name.p);
	if (buf_ok(&text, "a list", err) < 0 || buf_ok(&tmp, "a path", err) < 0)
		return -1;
	if (ex->tar) {
		if (tar_head(ex->to, buf_view(&name), (int64_t)text.n, clock_wall(), err) < 0 ||
		    tar_bytes(ex->to, text.p, text.n, err) < 0)
			return -1;
		return tar_pad(ex->to, (int64_t)text.n, err);
	}
	int rc = fd = io_open(ex->to, tmp.p, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0644);
	if (rc >= 0)
		rc = io_write_all(fd, text.p, text.n);
	if (rc >= 0)
		rc = io_rename(ex->to, tmp.p, ex->to, name.p);
	return rc < 0 ? err_sys(err, FAULT_LOCAL, -rc, "the copy cannot be written") : 0;
}

/* The files of a module lie together, since they are in the order of the walk. */
static int put_lists(struct export *ex, struct err *err)
{
	CLEANUP(key_release) struct key k = KEY();
	CLEANUP(key_release) struct key next = KEY();
	CLEANUP(err_release) struct err ignored = ERR();
	struct versions vs;
	bool open = false;
	int rc = 0;

	for (size_t i = 0; i <= ex->files.n && rc == 0; i++) {
		bool more = i < ex->files.n;
		if (more && key_set_file(&next, str_of(ex->files.path[i]), &ignored) < 0)
			continue; /* a .ziphash */
		if (open && (!more || !str_eq(buf_view(&next.path), buf_view(&k.path)))) {
			rc = put_list(ex, &k, &vs, err);
			versions_release(&vs);
			open = false;
		}
		if (!more || rc < 0)
			break;
		if (!open) {
			if (key_set_plain(&k, KIND_LIST, buf_view(&next.path), STR(""), err) < 0)
				return -1;
			versions_init(&vs, buf_view(&k.path));
			open = true;
		}
		versions_offer(&vs, buf_view(&next.version));
	}
	if (open)
		versions_release(&vs);
	return rc;
}

static int put_all(struct export *ex, bool quiet, struct err *err)
{
	int rc = tree_walk(ex->cache.root, "mod", gather, ex, err);

	progress_init(&ex->progress, "export", (int64_t)ex->files.n, quiet);
	for (size_t i = 0; i < ex->files.n && rc == 0 && !stop_requested(); i++)
		rc = put_one(ex, ex->files.path[i], err);
	progress_end(&ex->progress);
	if (rc == 0)
		rc = put_lists(ex, err);
	if (rc == 0 && ex->tar)
		rc = tar_end(ex->to, err);
	if (rc == 0) {
		rc = io_fsync(ex->to);
		/* a pipe cannot be synced */
		rc = rc == -EINVAL || rc == -EROFS ? 0 : rc;
		if (rc < 0)
			err_sys(err, FAULT_LOCAL, -rc, "the copy cannot be synced");
	}
	return rc;
}

static int open_target(struct export *ex, const char *to)
{
	int rc = 0;

	if (strcmp(to, "-") == 0) {
		ex->tar = true;
		ex->to = fcntl(1, F_DUPFD_CLOEXEC, 3);
		return ex->to < 0 ? -errno : 0;
	}
	ex->tar = str_ends(str_of(to), STR(".tar"));
	if (!ex->tar)
		rc = io_mkdirs(AT_FDCWD, to);
	if (rc == 0)
		rc = ex->to = io_open(AT_FDCWD, to, ex->tar ? O_WRONLY | O_CREAT | O_TRUNC
							    : O_RDONLY | O_DIRECTORY, 0644);
	return rc < 0 ? rc : 0;
}

int cmd_export(const char *conf, int argc, char **argv)
{
	struct export ex = { .cache = CACHE(), .to = -1 };
	CLEANUP(err_release) struct err err = ERR();
	bool quiet = false;
	const struct opt opts[] = { { "quiet", &quiet, NULL }, { NULL, NULL, NULL } };

	if (opts_take(opts, false, &argc, argv) < 0)
		return CMD_USAGE;
	if (argc != 2)
		return cmd_usage("export: a folder, a name that ends with .tar, or - is wanted");
	struct config *config = cmd_config_load(conf);
	if (!config)
		return CMD_FAILED;
	int rc = cache_open(&ex.cache, config_global(config)->cache, &err);
	if (rc == 0) {
		rc = open_target(&ex, argv[1]);
		if (rc < 0)
			err_sys(&err, FAULT_LOCAL, -rc, "%s", argv[1]);
	}
	if (rc == 0)
		rc = put_all(&ex, quiet, &err);
	if (rc < 0)
		rc = cmd_failed("%s", err.text.p);
	else
		fprintf(strcmp(argv[1], "-") ? stdout : stderr,
			"%lld files written (%.1f MB), %lld there before\n", (long long)ex.copied,
			(double)ex.bytes / 1e6, (long long)ex.there);
	fd_close(&ex.to);
	cache_release(&ex.cache);
	paths_free(&ex.files);
	config_free(config);
	return rc;
}
