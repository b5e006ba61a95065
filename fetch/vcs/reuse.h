/* fetch/vcs/reuse.h: files of a module's last zip that are the same in its next one.
 *
 * To deflate is most of the work of making a zip, and from one version to the next few
 * files change. What became of a file then is taken when it becomes that file again, byte
 * for byte, and when the zip is the one that was made here by this zlib: so it is what
 * deflating would give, and the same tree gives the same zip as ever.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FETCH_VCS_REUSE_H
#define FETCH_VCS_REUSE_H

#include "base/str.h"

struct buf;
struct reuse;
struct vcs_repo;
struct zippacked;

/* The zip that was last made of the module from this repository; NULL: there is none, or
 * it is not in the cache as it was made. */
struct reuse *reuse_open(const struct vcs_repo *r, struct str module);
void reuse_free(struct reuse **u);

/* What became of that file, whose name is that below the module's folder. false: it has
 * changed, or was not there. Threads may call it at the same time, each as its own `hand`,
 * below HANDS_MAX. */
bool reuse_file(struct reuse *u, size_t hand, struct str name, struct str bytes,
		struct zippacked *ret);

/* That zip has been made; sum is digest_text() of its directory. When this cannot be
 * written, it is not reused. */
void reuse_note(struct vcs_repo *r, struct str module, struct str version, struct str sum);

#endif
