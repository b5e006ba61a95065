/* base/io.c: the system calls that touch files, in one place.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#ifdef HAVE_LINUX_OPENAT2_H
#include <linux/openat2.h>
#endif

#include "base/io.h"
#include "base/limits.h"
#include "base/parse.h"

#include "base/banned.h"

#ifdef STOA_FAULT_INJECTION
/* Counts the calls that change something, and makes one of them fail. */
static struct {
	atomic_ullong calls;
	unsigned long long at;	/* 0: none */
	int errnum;
	bool kill;
	bool cut;		/* writes alone count; one takes half, the next one fails */
} strike_state;

static void strike_say(const char *call)
{
	char text[100];
	int n = snprintf(text, sizeof(text), "strike %llu %s\n", strike_state.at, call);

	(void)!write(2, text, (size_t)n);
}

/* true: errno is set, and the call is not made. */
static bool strike(const char *call)
{
	if (!strike_state.at || strike_state.cut ||
	    atomic_fetch_add(&strike_state.calls, 1) + 1 != strike_state.at)
		return false;
	strike_say(call);
	if (strike_state.kill)
		raise(SIGKILL);
	errno = strike_state.errnum;
	return true;
}

static ssize_t strike_write(int fd, const void *p, size_t n)
{
	if (!strike_state.cut)
		return strike("write") ? -1 : write(fd, p, n);
	unsigned long long call = atomic_fetch_add(&strike_state.calls, 1) + 1;
	if (call == strike_state.at) {
		strike_say("write");
		return write(fd, p, n > 1 ? n / 2 : n);
	}
	if (call == strike_state.at + 1) {
		errno = ENOSPC;
		return -1;
	}
	return write(fd, p, n);
}

void io_strike(const char *program, const char *spec)
{
	static const struct {
		const char *name;
		int errnum;
	} words[] = {
		{ "ENOSPC", ENOSPC }, { "EIO", EIO }, { "EDQUOT", EDQUOT }, { "EINTR", EINTR },
		{ "EACCES", EACCES }, { "kill", 0 }, { "short", 0 },
	};
	struct str rest = str_of(spec);
	struct str who;
	struct str number;
	uint64_t n = 0;

	if (!str_cut(&rest, ':', &who) || !str_eqz(who, program) ||
	    !str_cut(&rest, ':', &number) || parse_u64(number, INT64_MAX, &n) < 0)
		return;
	strike_state.at = n;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (str_eqz(rest, words[i].name))
			strike_state.errnum = words[i].errnum;
	strike_state.kill = str_eqz(rest, "kill");
	strike_state.cut = str_eqz(rest, "short");
}
#else
static bool strike(const char *call)
{
	(void)call;
	return false;
}

static ssize_t strike_write(int fd, const void *p, size_t n)
{
	return write(fd, p, n);
}

void io_strike(const char *program, const char *spec)
{
	(void)program;
	(void)spec;
}
#endif

static int retry_openat(int dir, const char *path, int flags, mode_t mode)
{
	int fd = -1;

	do {
		fd = (flags & O_CREAT) && strike("create")
			     ? -1 : openat(dir, path, flags | O_CLOEXEC, mode);
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
		if ((flags & O_CREAT) && strike("create"))
			return -errno;
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
		ssize_t put = strike_write(fd, from, n);
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
		rc = strike("fsync") ? -1 : fsync(fd);
	} while (rc < 0 && errno == EINTR);
	return rc < 0 ? -errno : 0;
}

int io_rename(int fromdir, const char *from, int todir, const char *to)
{
	return strike("rename") || renameat(fromdir, from, todir, to) < 0 ? -errno : 0;
}

int io_link(int fromdir, const char *from, int todir, const char *to)
{
	return strike("link") || linkat(fromdir, from, todir, to, 0) < 0 ? -errno : 0;
}

int io_symlink(const char *target, int dir, const char *path)
{
	return strike("symlink") || symlinkat(target, dir, path) < 0 ? -errno : 0;
}

int io_unlink(int dir, const char *path)
{
	return strike("unlink") || unlinkat(dir, path, 0) < 0 ? -errno : 0;
}

int io_rmdir(int dir, const char *path)
{
	return strike("unlink") || unlinkat(dir, path, AT_REMOVEDIR) < 0 ? -errno : 0;
}

int io_truncate(int fd, off_t size)
{
	int rc = -1;

	do {
		rc = strike("truncate") ? -1 : ftruncate(fd, size);
	} while (rc < 0 && errno == EINTR);
	return rc < 0 ? -errno : 0;
}

int io_chmod(int fd, mode_t mode)
{
	return strike("chmod") || fchmod(fd, mode) < 0 ? -errno : 0;
}

int io_chown(int fd, uid_t uid, gid_t gid)
{
	return strike("chown") || fchown(fd, uid, gid) < 0 ? -errno : 0;
}

int io_set_time(int fd, time_t when)
{
	struct timespec both[2] = { { .tv_sec = when }, { .tv_sec = when } };

	return strike("utime") || futimens(fd, both) < 0 ? -errno : 0;
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
		int rc = !part[0] ? 0 : strike("mkdir") ? -1 : mkdirat(dir, part, 0777);
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
