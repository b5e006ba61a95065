/* fetch/vcs/early.h: packing the files of an archive that is still being written.
 *
 * Only a head start: what this does not understand, or has no time for, is packed later,
 * and becomes the same bytes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FETCH_VCS_EARLY_H
#define FETCH_VCS_EARLY_H

#include "base/buf.h"

struct early;
struct reuse;
struct zippacked;

/* Of the zip that somebody writes behind fd, front to back; files of more than max_size
 * bytes, or outside of the folder (below its first one), are left alone. The descriptor,
 * the text and reuse (or NULL) are borrowed. */
struct early *early_new(int fd, struct str folder, size_t max_size, struct reuse *reuse);
void early_free(struct early **e);

/* Packs what is there, and what comes, until early_over(), which another thread calls when
 * the writer has ended. */
void early_run(struct early *e);
void early_over(struct early *e);

/* What became of entry i of the archive, if it is one with that checksum and size: to be
 * freed by the caller. false: it has not been packed, or was taken. Threads may call it
 * for different entries at the same time, after early_run(). */
bool early_take(struct early *e, size_t i, uint32_t crc, uint64_t size, struct zippacked *ret);

#endif
