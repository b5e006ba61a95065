/* fetch/files.h: the source "a folder": a file tree in the layout of the
 * GOPROXY protocol, such as GOMODCACHE/cache/download, behind a file:// URL.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FETCH_FILES_H
#define FETCH_FILES_H

#include "base/str.h"

struct body;
struct err;

bool files_is_url(const char *url);

/* Copies the file `rel` (percent-encoded, as key_url has it) of the tree at
 * the URL into the body. The administrator named the tree: symbolic links in it
 * are followed. A missing file, or one that is not a regular file, is
 * FAULT_NOT_FOUND; a missing tree is not, since that may be a file system that
 * is not mounted. No text names a path of this machine. */
int files_get(const char *url, struct str rel, struct body *body, struct err *err) WARN_UNUSED;

#endif
