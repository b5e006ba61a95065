/* fetch/zipdir.h: how a zip file is built, read strictly.
 *
 * The file must be nothing but its entries, one behind the other from the first
 * byte on, then the directory, then the end record. An entry is described twice,
 * before its data and in the directory, and both must say the same. So every
 * program that reads the zip, by whatever of these, sees the same files; and
 * every byte belongs to something that is checked or that nobody reads (times,
 * modes, comments).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FETCH_ZIPDIR_H
#define FETCH_ZIPDIR_H

#include "base/str.h"

struct err;

/* What a module zip must keep to. Those below RULE_OURS are x/mod/zip's, as the
 * go command applies them; the others are our own, and no zip that the go
 * command makes breaks them. */
enum ziprule {
	RULE_PACKED_SIZE,
	RULE_END,
	RULE_DIRECTORY,
	RULE_PREFIX,
	RULE_CLEAN,
	RULE_NAME,
	RULE_CASE,
	RULE_CLASH,
	RULE_TWICE,
	RULE_GOMOD_PLACE,
	RULE_GOMOD_CASE,
	RULE_SIZE,
	RULE_GOMOD_SIZE,
	RULE_LICENSE_SIZE,
	RULE_METHOD,
	RULE_LOCAL,
	RULE_DATA,
	RULE_LENGTH,
	RULE_CRC,
	RULE_FOLDER_DATA,
	RULE_OURS,
	RULE_TRAILING = RULE_OURS,
	RULE_GAP,
	RULE_OVERLAP,
	RULE_ZIP64,
	RULE_DISK,
	RULE_NUMBER,
	RULE_TOO_MANY,
	RULE_LONG_NAME,
	RULE_EXTRA,
	RULE_ENCRYPTED,
	RULE_DIFFERS,
	RULE_DESCRIPTOR,
	RULE_CONSISTENCY,
	RULE_COUNT
};

/* One lower-case word for tests and tools. */
const char *zipdir_rule(enum ziprule rule);

/* "body: bad module zip: WORD: "NAME": TEXT" with FAULT_UPSTREAM; name is ""
 * where the rule is not about one file. Returns -1. */
int zipdir_bad(struct err *err, enum ziprule rule, struct str name);

/* There can be very many: eight bytes for each. */
struct zipdir_entry {
	uint32_t head;		/* where it begins in the directory */
	uint32_t at;		/* where it begins in the file */
};

struct zipdir {
	int fd;				/* borrowed */
	uint64_t size;			/* of the file */
	unsigned char *dir;		/* the directory's bytes */
	size_t dir_n;
	uint64_t dir_at;		/* where it begins in the file */
	struct zipdir_entry *entries;	/* as they lie in the file */
	size_t n;
};

#define ZIPDIR() ((struct zipdir){ .fd = -1 })

struct zipdir_file {
	struct str name;	/* a view into the directory */
	unsigned int flags;
	unsigned int method;
	uint32_t crc;
	uint64_t packed;
	uint64_t size;
	uint64_t at;		/* its local header */
	uint64_t data_at;	/* set by zipdir_local() */
};

#define ZIPDIR_DEFLATED 8

/* Reads the end record and the directory. -1 with FAULT_UPSTREAM and the rule,
 * or FAULT_LOCAL. */
int zipdir_open(struct zipdir *d, int fd, struct err *err) WARN_UNUSED;
void zipdir_release(struct zipdir *d);

/* Entry i as the directory describes it, which zipdir_open() found whole. */
void zipdir_file(const struct zipdir *d, size_t i, struct zipdir_file *ret);

/* Where in the directory the n-th entry behind `from`, which is where one begins,
 * begins; or the directory's end. *ret_n is how many were passed. */
size_t zipdir_pass(const struct zipdir *d, size_t from, size_t n, size_t *ret_n);

/* The entry's local header and data descriptor say the same, and it ends where
 * the next one or the directory begins. */
int zipdir_local(const struct zipdir *d, size_t i, struct zipdir_file *f, struct err *err)
	WARN_UNUSED;

#endif
