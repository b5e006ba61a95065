/* cache/publish.c: the only writer of final names in the cache.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"
#include "base/log.h"
#include "base/must.h"
#include "cache/cache.h"
#include "cache/publish.h"
#include "cache/refusal.h"
#include "module/key.h"

#include "base/banned.h"

#define STAGE_FOLDER "state/stage"

/* Staged files that nobody has touched for this long belong to nobody: no
 * fetch lives longer than fetch_timeout, whose maximum is a day. */
#define STAGE_MAX_AGE 90000

/* Readable by the web server, which sends static hits itself. */
#define PUBLIC_MODE 0644

int stage_open(struct stage *s, const struct cache *c, struct err *err)
{
	static atomic_uint counter;
	int fd = -EEXIST;

	must(s->fd < 0);
	for (int tries = 0; fd == -EEXIST && tries < 100; tries++) {
		snprintf(s->name, sizeof(s->name), STAGE_FOLDER "/%lx.%llx.%x", (long)getpid(),
			 (unsigned long long)clock_ns(), atomic_fetch_add(&counter, 1u));
		fd = io_open(c->root, s->name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, PUBLIC_MODE);
	}
	if (fd == -ENOENT && io_mkdirs(c->root, STAGE_FOLDER) == 0)
		fd = io_open(c->root, s->name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, PUBLIC_MODE);
	if (fd < 0) {
		s->name[0] = '\0';
		return err_sys(err, FAULT_LOCAL, -fd, "cannot write to the cache");
	}
	s->cache = c;
	s->fd = fd;
	return 0;
}

int stage_write(struct stage *s, const void *p, size_t n, struct err *err)
{
	int rc = io_write_all(s->fd, p, n);

	return rc < 0 ? err_sys(err, FAULT_LOCAL, -rc, "cannot write to the cache") : 0;
}

int stage_restart(struct stage *s, struct err *err)
{
	int rc = io_truncate(s->fd, 0);

	if (rc == 0 && lseek(s->fd, 0, SEEK_SET) < 0)
		rc = -errno;
	return rc < 0 ? err_sys(err, FAULT_LOCAL, -rc, "cannot write to the cache") : 0;
}

void stage_release(struct stage *s)
{
	fd_close(&s->fd);
	if (s->name[0])
		(void)!io_unlink(s->cache->root, s->name);
	*s = STAGE();
}

static int sync_parent(int root, const char *relpath)
{
	CLEANUP(buf_release) struct buf dir = BUF(MAX_RELPATH);

	buf_puts(&dir, relpath);
	ptrdiff_t slash = str_rchr(buf_view(&dir), '/');
	if (slash < 0)
		return io_fsync(root);
	buf_cut(&dir, (size_t)slash);
	CLEANUP(fd_close) int fd = io_open_beneath(root, dir.p, O_RDONLY | O_DIRECTORY, 0);
	return fd < 0 ? fd : io_fsync(fd);
}

/* An immutable name is given with link(2), which never replaces; a file system
 * without hard links gets a rename, and the key's lock keeps others away. */
static int give_name(struct stage *s, const char *relpath, bool immutable)
{
	int root = s->cache->root;

	if (immutable) {
		int rc = io_link(root, s->name, root, relpath);
		if (rc == -EEXIST)
			return 0;
		if (rc != -EPERM && rc != -EOPNOTSUPP && rc != -ENOSYS && rc != -EMLINK)
			return rc;
		if (faccessat(root, relpath, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
			return 0;
	}
	int rc = io_rename(root, s->name, root, relpath);
	if (rc == 0)
		s->name[0] = '\0';
	return rc;
}

int publish_file(struct stage *s, const char *relpath, bool immutable, time_t when, bool sync,
		 struct err *err)
{
	int root = s->cache->root;
	int rc = io_mkparents(root, relpath, sync);

	if (rc == 0)
		rc = io_chmod(s->fd, PUBLIC_MODE); /* whatever the umask was */
	if (rc == 0 && when != (time_t)-1)
		rc = io_set_time(s->fd, when);
	if (rc == 0 && sync)
		rc = io_fsync(s->fd);
	if (rc == 0)
		rc = give_name(s, relpath, immutable);
	if (rc == 0 && sync)
		rc = sync_parent(root, relpath);
	stage_release(s);
	trace(TRACE_CACHE, "publish %s: %s", relpath, rc < 0 ? "failed" : "done");
	return rc < 0 ? err_sys(err, FAULT_LOCAL, -rc, "cannot publish in the cache") : 0;
}

int publish_key(struct stage *s, const struct key *k, time_t when, bool sync, struct err *err)
{
	CLEANUP(buf_release) struct buf path = BUF(MAX_RELPATH);
	const struct cache *c = s->cache;

	key_file(k, &path);
	if (buf_ok(&path, "the module's path", err) < 0) {
		stage_release(s);
		return -1;
	}
	if (publish_file(s, path.p, kind_row(k->kind)->immutable, when, sync, err) < 0)
		return -1;
	refusal_clear(c, k);
	return 0;
}

/* A file that says the same already gets the new time alone: where a file is replaced,
 * ext4 writes the new one out at once, and the client waits for the disk. */
static bool says_it_already(const struct cache *c, const struct key *k, struct str text,
			    time_t when)
{
	CLEANUP(buf_release) struct buf path = BUF(MAX_RELPATH);
	CLEANUP(buf_release) struct buf now = BUF(text.n + 1);
	CLEANUP(fd_close) int fd = -1;
	struct stat st;

	key_file(k, &path);
	if (path.over)
		return false;
	fd = io_open_beneath(c->root, path.p, O_RDONLY, 0);
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size != (off_t)text.n ||
	    (st.st_mode & 0777) != PUBLIC_MODE || io_read_all(fd, &now) < 0 ||
	    !str_eq(buf_view(&now), text))
		return false;
	if (io_set_time(fd, when == (time_t)-1 ? clock_wall() : when) < 0)
		return false;
	trace(TRACE_CACHE, "publish %s: unchanged", path.p);
	refusal_clear(c, k);
	return true;
}

int publish_text(const struct cache *c, const struct key *k, struct str text, time_t when,
		 bool sync, struct err *err)
{
	struct stage s = STAGE();

	if (!kind_row(k->kind)->immutable && says_it_already(c, k, text, when))
		return 0;
	int rc = stage_open(&s, c, err);
	if (rc == 0)
		rc = stage_write(&s, text.p, text.n, err);
	if (rc == 0)
		return publish_key(&s, k, when, sync, err);
	stage_release(&s);
	return rc;
}

void stage_sweep(const struct cache *c)
{
	int fd = io_open_beneath(c->root, STAGE_FOLDER, O_RDONLY | O_DIRECTORY, 0);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct stat st;

	if (!d) {
		fd_close(&fd);
		return;
	}
	for (struct dirent *de = readdir(d); de; de = readdir(d))
		if (de->d_name[0] != '.' &&
		    fstatat(fd, de->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISREG(st.st_mode) && clock_wall() - st.st_mtime > STAGE_MAX_AGE)
			(void)!io_unlink(fd, de->d_name);
	closedir(d);
}
