/* tests/unit/zipmake.h: zips as they should be, and wrong in every way.
 *
 * What is zero or NULL in a description is as it should be.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TESTS_ZIPMAKE_H
#define TESTS_ZIPMAKE_H

#include "base/buf.h"

/* One field's value instead of the right one. */
struct lie {
	bool on;
	uint64_t v;
};

#define LIE(v) { true, (v) }

/* An entry; `local` is said before the data, `dir` in the directory. */
struct ent {
	const char *name;	/* NULL ends a list */
	const char *text;	/* the content; NULL for none */
	uint64_t zeros;		/* or so many NUL bytes */
	bool deflate;
	struct str raw;		/* packed data instead of the right one */
	unsigned int flags;	/* both */
	int descriptor;		/* its size: 12, 16, 20 or 24 */
	bool no_descriptor;	/* flag 8 without one */
	const char *before;	/* bytes before the local header */
	const char *behind;	/* bytes behind the data */
	struct str extra;	/* both */
	bool drop;		/* in the directory only */
	const char *local_name;
	struct str local_extra, dir_extra;
	struct lie local_magic, local_flags, local_method, local_crc, local_packed, local_size;
	struct lie dir_magic, dir_flags, dir_method, dir_crc, dir_packed, dir_size, dir_at;
	struct lie dir_disk, dir_attributes;
	struct lie desc_magic, desc_crc, desc_packed, desc_size;
};

struct tail {
	const char *before_dir;	/* bytes between the entries and the directory */
	const char *before_end;
	const char *behind;	/* bytes behind the end record */
	const char *comment;
	bool zip64;		/* with zip64 records, the others at their maximum */
	bool zip64_plain;	/* with them, the others as usual */
	bool zip64_size_only;	/* only the directory's size at its maximum */
	struct lie number, disk, dir_disk, this_disk, dir_size, dir_at, comment_size;
	struct lie number64, at64, size64, dir_size64, dir_at64, disks64, magic64;
	size_t cut;		/* so many bytes less at the end */
};

/* Appends the zip. */
void zipmake(const struct ent *entries, const struct tail *t, struct buf *out);

/* A file in the folder with so many entries below the prefix, the data of each a
 * hole of so many bytes. Entry `wrong`, if there is one, has another checksum
 * before its data than in the directory. Returns its descriptor. */
int zipmake_large(int dir, const char *prefix, int files, uint32_t each, int wrong);

#endif
