/* fetch/vcs/zipwrite.h: writing a zip, front to back, as Go's archive/zip does:
 * deflated, sizes behind the data, no times, no modes. Files that fit into memory can be
 * deflated by several threads, and then written.
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
	struct buf ready;	/* to be written in one go */
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

/* --- whole files --- */

/* One thread's. */
struct zippack {
	void *deflate;		/* z_stream */
};

#define ZIPPACK() ((struct zippack){ NULL })

void zippack_release(struct zippack *p);

/* Appends what the bytes of a deflated file depend on beside the file: a short text. */
void zippack_describe(struct buf *out);

/* What became of a file. */
struct zippacked {
	unsigned char *p;	/* from malloc */
	size_t n;
	uint32_t crc;
	size_t size;
};

/* Deflates all of a file; n below 1 GB. */
int zippack_file(struct zippack *p, const void *data, size_t n, struct zippacked *ret,
		 struct err *err) WARN_UNUSED;

/* Instead of begin, data and end. */
int zipwrite_packed(struct zipwrite *z, struct str name, const struct zippacked *file,
		    struct err *err) WARN_UNUSED;

/* The directory, after the last file. */
int zipwrite_finish(struct zipwrite *z, struct err *err) WARN_UNUSED;

#endif
