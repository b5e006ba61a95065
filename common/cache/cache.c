/* cache/cache.c: the cache's folders, and looking something up in them.
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

#include "base/err.h"
#include "base/io.h"
#include "base/log.h"
#include "base/mem.h"
#include "cache/cache.h"
#include "cache/publish.h"
#include "module/key.h"
#include "module/modpath.h"
#include "module/semver.h"

#include "base/banned.h"

static const char *const folders[] = { "mod", "state/stage", "state/refused", "state/query",
				       "state/sumdb" };

static int make_cache(const char *dir, struct err *err)
{
	int rc = dir[0] == '/' ? io_mkdirs(AT_FDCWD, dir) : -EINVAL;

	if (rc < 0)
		return err_sys(err, FAULT_LOCAL, -rc, "cannot make the cache's folder");
	return 0;
}

int cache_open(struct cache *c, const char *dir, struct err *err)
{
	int fd = io_open(AT_FDCWD, dir, O_RDONLY | O_DIRECTORY, 0);

	if (fd == -ENOENT) {
		if (make_cache(dir, err) < 0)
			return -1;
		fd = io_open(AT_FDCWD, dir, O_RDONLY | O_DIRECTORY, 0);
	}
	if (fd < 0)
		return err_sys(err, FAULT_LOCAL, -fd, "cannot open the cache's folder");
	c->root = fd;
	c->dir = xstrdup(dir);
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		int rc = io_mkdirs(fd, folders[i]);
		if (rc < 0) {
			err_sys(err, FAULT_LOCAL, -rc, "cannot make the cache's folder %s",
				folders[i]);
			cache_release(c);
			return -1;
		}
	}
	return 0;
}

void cache_release(struct cache *c)
{
	fd_close(&c->root);
	free(c->dir);
	*c = CACHE();
}

void entry_release(struct entry *e)
{
	fd_close(&e->fd);
	*e = ENTRY();
}

/* What the file system says when there is simply no such file: a name that no
 * file system can hold was never stored either. */
static bool is_miss(int rc)
{
	return rc == -ENOENT || rc == -ENOTDIR || rc == -ENAMETOOLONG;
}

int cache_lookup(const struct cache *c, const struct key *k, struct entry *e, struct err *err)
{
	CLEANUP(buf_release) struct buf path = BUF(MAX_RELPATH);
	struct stat st;

	key_file(k, &path);
	if (path.over)
		return 0;
	int fd = io_open_beneath(c->root, path.p, O_RDONLY | O_NONBLOCK, 0);
	if (fd < 0 && is_miss(fd))
		return 0;
	if (fd < 0)
		return err_sys(err, FAULT_LOCAL, -fd, "cannot open a file of the cache");
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return err_set(err, FAULT_LOCAL, "a name in the cache is not a regular file");
	}
	e->fd = fd;
	e->size = st.st_size;
	e->mtime = st.st_mtim;
	return 0;
}

bool cache_has(const struct cache *c, const struct key *k)
{
	CLEANUP(buf_release) struct buf path = BUF(MAX_RELPATH);
	struct stat st;

	key_file(k, &path);
	return !path.over && fstatat(c->root, path.p, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISREG(st.st_mode);
}

static const char *const version_suffixes[] = { ".info", ".mod", ".zip" };

/* A version is reported for its first file in the order .info, .mod, .zip. */
static bool first_of_version(int dir, struct str stem, size_t suffix)
{
	CLEANUP(buf_release) struct buf other = BUF(MAX_NAME + 8);
	struct stat st;

	for (size_t i = 0; i < suffix; i++) {
		buf_reset(&other);
		buf_str(&other, stem);
		buf_puts(&other, version_suffixes[i]);
		if (fstatat(dir, other.p, &st, AT_SYMLINK_NOFOLLOW) == 0)
			return false;
	}
	return true;
}

static void visit_name(int dir, struct str name, cache_version_fn *fn, void *ctx)
{
	CLEANUP(buf_release) struct buf version = BUF(MAX_NAME);
	CLEANUP(err_release) struct err ignored = ERR();

	for (size_t i = 0; i < ARRAY_SIZE(version_suffixes); i++) {
		struct str suffix = str_of(version_suffixes[i]);
		if (!str_ends(name, suffix))
			continue;
		struct str stem = str_head(name, name.n - suffix.n);
		if (modpath_unescape_version(stem, &version, &ignored) == 0 &&
		    semver_is_canonical(buf_view(&version)) && first_of_version(dir, stem, i))
			fn(ctx, buf_view(&version));
		return;
	}
}

int cache_versions(const struct cache *c, const struct key *k, cache_version_fn *fn, void *ctx,
		   struct err *err)
{
	CLEANUP(buf_release) struct buf path = BUF(MAX_RELPATH);

	buf_printf(&path, "mod/%s/@v", k->epath.p);
	int fd = path.over ? -ENAMETOOLONG
			   : io_open_beneath(c->root, path.p, O_RDONLY | O_DIRECTORY, 0);
	if (fd < 0 && is_miss(fd))
		return 0;
	if (fd < 0)
		return err_sys(err, FAULT_LOCAL, -fd, "cannot read a folder of the cache");
	DIR *d = fdopendir(fd);
	if (!d) {
		close(fd);
		return err_sys(err, FAULT_LOCAL, errno, "cannot read a folder of the cache");
	}
	for (struct dirent *de = readdir(d); de; de = readdir(d))
		visit_name(dirfd(d), str_of(de->d_name), fn, ctx);
	closedir(d);
	return 0;
}

int cache_check_writable(const struct cache *c, struct err *err)
{
	struct stage s = STAGE();
	int rc = stage_open(&s, c, err);

	if (rc == 0)
		rc = stage_write(&s, "ready\n", 6, err);
	stage_release(&s);
	return rc;
}
