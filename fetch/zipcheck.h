/* fetch/zipcheck.h: whether a file is a module zip, by its directory alone.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FETCH_ZIPCHECK_H
#define FETCH_ZIPCHECK_H

#include "base/str.h"

struct err;

/* The file behind fd is a consistent zip, all its names begin with
 * "path@version/", none comes twice, and the sizes that it declares are at most
 * 500 MiB in all. No files at all is fine. The contents are not read. fd stays
 * open; its position is undefined afterwards. -1 with FAULT_UPSTREAM. */
int zipcheck(int fd, struct str path, struct str version, struct err *err) WARN_UNUSED;

#endif
