/* admin/tar.h: writing a tar archive (POSIX.1-2001 pax, ustar where it suffices).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ADMIN_TAR_H
#define ADMIN_TAR_H

#include "base/str.h"

struct err;

/* Writes the head of a file; its `size` bytes follow by tar_bytes(), then
 * tar_pad(). All: 0, or -1 with FAULT_LOCAL. */
int tar_head(int fd, struct str name, int64_t size, int64_t mtime, struct err *err) WARN_UNUSED;
int tar_bytes(int fd, const void *p, size_t n, struct err *err) WARN_UNUSED;
int tar_pad(int fd, int64_t size, struct err *err) WARN_UNUSED;

/* The archive's end. */
int tar_end(int fd, struct err *err) WARN_UNUSED;

#endif
