/* fetch/vcs/zipwrite.h: writing a zip, front to back, as Go's archive/zip does:
 * deflated, sizes behind the data, no times, no modes.
 *
 * Our own, since libzip writes at the end and all at once, from files that must stay
 * where they are, and puts its version and the system's kind into each entry.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FETCH_VCS_ZIPWRITE_H
#define FETCH_VCS_ZIPWRITE_H

#include "base/buf.h"

struct body;
struct err;

struct zipwrite {
	struct body *out;
	struct buf dir;		/* the directory */
	uint32_t n;
	uint64_t at;		/* bytes written */
	void *deflate;		/* z_stream */
	/* the entry that is being written */
	struct buf name;
	uint32_t crc;
	uint64_t size;
	uint64_t packed;
	uint64_t start;
};

void zipwrite_init(struct zipwrite *z, struct body *out);
void zipwrite_release(struct zipwrite *z);

/* One file: begin, its data in parts, end. */
int zipwrite_begin(struct zipwrite *z, struct str name, struct err *err) WARN_UNUSED;
int zipwrite_data(struct zipwrite *z, const void *p, size_t n, struct err *err) WARN_UNUSED;
int zipwrite_end(struct zipwrite *z, struct err *err) WARN_UNUSED;

/* The directory, after the last file. */
int zipwrite_finish(struct zipwrite *z, struct err *err) WARN_UNUSED;

#endif
