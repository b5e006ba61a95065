/* base/io.h: the system calls that touch files, in one place.
 *
 * All return 0 or a count on success and -errno on failure, retry EINTR, and
 * set O_CLOEXEC. Paths are relative to a directory descriptor.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BASE_IO_H
#define BASE_IO_H

#include <time.h>

#include "base/buf.h"

/* Opens dir/path without following any symbolic link and without leaving dir
 * (openat2 where the kernel has it, else component by component). Returns the
 * descriptor. -ELOOP (-ENOTDIR for a folder, without openat2) for a link, -EXDEV
 * for an absolute path or a "..", -ENOENT for a miss. */
int io_open_beneath(int dir, const char *path, int flags, mode_t mode) WARN_UNUSED;

/* Plain openat, links followed: for paths that the administrator named. */
int io_open(int dir, const char *path, int flags, mode_t mode) WARN_UNUSED;

ssize_t io_read(int fd, void *p, size_t n) WARN_UNUSED;
ssize_t io_pread(int fd, void *p, size_t n, off_t at) WARN_UNUSED;

/* Writes all n bytes or fails. */
int io_write_all(int fd, const void *p, size_t n) WARN_UNUSED;

int io_fsync(int fd) WARN_UNUSED;
int io_rename(int fromdir, const char *from, int todir, const char *to) WARN_UNUSED;

/* Gives the file a second name; -EEXIST when `to` is there already. */
int io_link(int fromdir, const char *from, int todir, const char *to) WARN_UNUSED;
int io_symlink(const char *target, int dir, const char *path) WARN_UNUSED;
int io_unlink(int dir, const char *path) WARN_UNUSED;
int io_rmdir(int dir, const char *path) WARN_UNUSED;

int io_truncate(int fd, off_t size) WARN_UNUSED;
int io_chmod(int fd, mode_t mode) WARN_UNUSED;
int io_chown(int fd, uid_t uid, gid_t gid) WARN_UNUSED;

/* Both times, in seconds. */
int io_set_time(int fd, time_t when) WARN_UNUSED;

/* Makes the folder dir/path and its missing parents, mode 0777 less umask.
 * -ENOTDIR when something else has the name. */
int io_mkdirs(int dir, const char *path) WARN_UNUSED;

/* Makes the missing parents of the file dir/path and syncs the folders that
 * gained an entry when `sync` is set. */
int io_mkparents(int dir, const char *path, bool sync) WARN_UNUSED;

/* Appends the whole file to b; -EFBIG when it passes b's maximum. */
int io_read_all(int fd, struct buf *b) WARN_UNUSED;
int io_read_file(int dir, const char *path, struct buf *b) WARN_UNUSED;

/* For test builds (configure --enable-fault-injection), by a program at its start,
 * with its own name and STOA_TEST_FAIL: "PROGRAM:N:WHAT" makes the N-th call of that
 * program that creates, writes, syncs or renames fail with WHAT (ENOSPC, EIO,
 * EDQUOT, EINTR, EACCES) or end the process there (kill); with "short" the N-th
 * write takes half, and the next one fails. A line on standard error tells that
 * it happened. Otherwise, and in other builds, nothing. */
void io_strike(const char *program, const char *spec);

/* For CLEANUP(fd_close) int fd = -1; and for handing over what it holds. */
void fd_close(int *fd);
int fd_steal(int *fd);

#endif
