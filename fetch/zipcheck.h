/* fetch/zipcheck.h: whether a file is a module zip that the go command takes,
 * and its hash.
 *
 * The rules are x/mod/zip's (CheckZip and Unzip) and those of zipdir.h. Modes
 * and times are ignored, as the go command ignores them: an entry that calls
 * itself a symbolic link is unpacked as a file with the link's text.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FETCH_ZIPCHECK_H
#define FETCH_ZIPCHECK_H

#include "base/buf.h"

struct err;

/* Reads the file behind fd once, whole, with all checksums, and appends its h1.
 * Memory is that of the directory and up to 100 bytes for each entry. fd stays
 * open; its position is undefined afterwards. -1 with FAULT_UPSTREAM and the
 * rule that the zip breaks, nothing appended. */
int zipcheck(int fd, struct str path, struct str version, struct buf *ret_h1,
	     struct err *err) WARN_UNUSED;

#endif
