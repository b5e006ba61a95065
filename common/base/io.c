/* base/io.c: the system calls that touch files, in one place.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#ifdef HAVE_LINUX_OPENAT2_H
#include <linux/openat2.h>
#endif

#include "base/io.h"
#include "base/limits.h"

#include "base/banned.h"

static int retry_openat(int dir, const char *path, int flags, mode_t mode)
{
	int fd = -1;

	do {
		fd = openat(dir, path, flags | O_CLOEXEC, mode);
	} while (fd < 0 && errno == EINTR);
	return fd < 0 ? -errno : fd;
}

/* An absolute path, or one with a ".." component, even one that would come back:
 * openat2 lets that pass, but a walk could not know where it leads. */
static bool leaves(const char *path)
{
	struct str rest = str_of(path);
	struct str name;

	if (path[0] == '/')
		return true;
	while (str_cut(&rest, '/', &name))
		if (str_eq(name, STR("..")))
			return true;
	return false;
}

/* Component by component, for kernels (and seccomp filters) without openat2. */
static int walk_open(int dir, const char *path, int flags, mode_t mode)
{
	CLEANUP(fd_close) int at = -1;
	char name[MAX_NAME + 1];

	for (;;) {
		const char *slash = strchr(path, '/');
		if (!slash)
			return retry_openat(at < 0 ? dir : at, path, flags | O_NOFOLLOW, mode);
		size_t n = (size_t)(slash - path);
		if (n > MAX_NAME)
			return -ENAMETOOLONG;
		memcpy(name, path, n);
		name[n] = '\0';
		int next = retry_openat(at < 0 ? dir : at, name,
					O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
		if (next < 0)
			return next;
		fd_close(&at);
		at = next;
		path = slash + 1;
	}
}

int io_open_beneath(int dir, const char *path, int flags, mode_t mode)
{
	if (leaves(path))
		return -EXDEV;
#ifdef HAVE_LINUX_OPENAT2_H
	struct open_how how = {
		.flags = (uint64_t)(unsigned int)(flags | O_CLOEXEC),
		.mode = mode,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	long fd = -1;

	do {
		fd = syscall(SYS_openat2, dir, path, &how, sizeof(how));
	} while (fd < 0 && (errno == EINTR || errno == EAGAIN));
	if (fd >= 0)
		return (int)fd;
	if (errno != ENOSYS && errno != EPERM && errno != EINVAL)
		return -errno;
#endif
	return walk_open(dir, path, flags, mode);
}

int io_open(int dir, const char *path, int flags, mode_t mode)
{
	return retry_openat(dir, path, flags, mode);
}

ssize_t io_read(int fd, void *p, size_t n)
{
	ssize_t got = -1;

	do {
		got = read(fd, p, n);
	} while (got < 0 && errno == EINTR);
	return got < 0 ? -errno : got;
}

ssize_t io_pread(int fd, void *p, size_t n, off_t at)
{
	ssize_t got = -1;

	do {
		got = pread(fd, p, n, at);
	} while (got < 0 && errno == EINTR);
	return got < 0 ? -errno : got;
}

int io_write_all(int fd, const void *p, size_t n)
{
	const char *from = p;

	while (n > 0) {
		ssize_t put = write(fd, from, n);
		if (put < 0) {
			if (errno == EINTR)
				continue;
			return -errno;
		}
		from += put;
		n -= (size_t)put;
	}
	return 0;
}

int io_fsync(int fd)
{
	int rc = -1;

	do {
		rc = fsync(fd);
	} while (rc < 0 && errno == EINTR);
	return rc < 0 ? -errno : 0;
}

int io_rename(int fromdir, const char *from, int todir, const char *to)
{
	return renameat(fromdir, from, todir, to) < 0 ? -errno : 0;
}

int io_link(int fromdir, const char *from, int todir, const char *to)
{
	return linkat(fromdir, from, todir, to, 0) < 0 ? -errno : 0;
}

int io_symlink(const char *target, int dir, const char *path)
{
	return symlinkat(target, dir, path) < 0 ? -errno : 0;
}

int io_unlink(int dir, const char *path)
{
	return unlinkat(dir, path, 0) < 0 ? -errno : 0;
}

int io_rmdir(int dir, const char *path)
{
	return unlinkat(dir, path, AT_REMOVEDIR) < 0 ? -errno : 0;
}

int io_truncate(int fd, off_t size)
{
	int rc = -1;

	do {
		rc = ftruncate(fd, size);
	} while (rc < 0 && errno == EINTR);
	return rc < 0 ? -errno : 0;
}

int io_chmod(int fd, mode_t mode)
{
	return fchmod(fd, mode) < 0 ? -errno : 0;
}

int io_chown(int fd, uid_t uid, gid_t gid)
{
	return fchown(fd, uid, gid) < 0 ? -errno : 0;
}

int io_set_time(int fd, time_t when)
{
	struct timespec both[2] = { { .tv_sec = when }, { .tv_sec = when } };

	return futimens(fd, both) < 0 ? -errno : 0;
}

static int sync_folder(int dir, const char *path)
{
	CLEANUP(fd_close) int fd = retry_openat(dir, path, O_RDONLY | O_DIRECTORY, 0);

	return fd < 0 ? fd : io_fsync(fd);
}

/* Folders up to, not including, the last component of path when `parents`. */
static int make_folders(int dir, const char *path, bool parents, bool sync)
{
	char part[MAX_RELPATH + 1];
	size_t n = strlen(path);

	if (n > MAX_RELPATH)
		return -ENAMETOOLONG;
	memcpy(part, path, n + 1);
	char *last = strrchr(part, '/');
	if (parents) {
		if (!last)
			return 0;
		*last = '\0';
	}
	/* The usual case is that all but the last exist: try that first. */
	struct stat st;
	if (fstatat(dir, part, &st, 0) == 0 && S_ISDIR(st.st_mode))
		return 0;
	for (char *p = part;; p++) {
		if (*p != '/' && *p != '\0')
			continue;
		char c = *p;
		*p = '\0';
		int rc = part[0] ? mkdirat(dir, part, 0777) : 0;
		if (rc < 0 && errno != EEXIST)
			return -errno;
		if (rc < 0 && c == '\0' && (fstatat(dir, part, &st, 0) < 0 || !S_ISDIR(st.st_mode)))
			return -ENOTDIR;
		if (rc == 0 && sync && part[0]) {
			char *up = strrchr(part, '/');
			if (up)
				*up = '\0';
			rc = sync_folder(dir, up ? part : ".");
			if (up)
				*up = '/';
			if (rc < 0)
				return rc;
		}
		*p = c;
		if (c == '\0')
			return 0;
	}
}

int io_mkdirs(int dir, const char *path)
{
	return make_folders(dir, path, false, false);
}

int io_mkparents(int dir, const char *path, bool sync)
{
	return make_folders(dir, path, true, sync);
}

int io_read_all(int fd, struct buf *b)
{
	for (;;) {
		size_t left = b->max - b->n;
		size_t want = left < 8192 ? left + 1 : 8192;
		char block[8192];
		ssize_t got = io_read(fd, block, want);

		if (got < 0)
			return (int)got;
		if (got == 0)
			return 0;
		if ((size_t)got > left)
			return -EFBIG;
		buf_add(b, block, (size_t)got);
	}
}

int io_read_file(int dir, const char *path, struct buf *b)
{
	CLEANUP(fd_close) int fd = io_open_beneath(dir, path, O_RDONLY, 0);

	return fd < 0 ? fd : io_read_all(fd, b);
}

void fd_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

int fd_steal(int *fd)
{
	int was = *fd;

	*fd = -1;
	return was;
}
