/* fetch/record.h: what a version's .zip or .mod was when it was first published.
 *
 * The records are in state/first, and outlive the files: when a file was pruned
 * or lost, only the same one comes back. A version that a checksum database
 * knows has one too; there it saves unpacking a zip to see whether the disk
 * still has what was published.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FETCH_RECORD_H
#define FETCH_RECORD_H

#include "fetch/digest.h"
#include "fetch/dirhash.h"

struct cache;
struct err;
struct key;

struct record {
	char h1[H1_SIZE + 1];			/* "" for none */
	bool has_sum;
	unsigned char sum[DIGEST_SIZE];		/* of the file's bytes */
	int64_t size;
};

#define RECORD() ((struct record){ .h1 = "" })

/* The record of k's file (KIND_ZIP or KIND_MOD). Where there is none, a zip's
 * .ziphash counts, which a copied tree may have. A file that is malformed (a
 * power loss can leave an empty one) counts as none. 1; 0 for none; -1
 * (FAULT_LOCAL) when it cannot be read. */
int record_read(const struct cache *c, const struct key *k, struct record *ret,
		struct err *err) WARN_UNUSED;

/* Keeps it; an older one, which verify_hash() compared, gives way. A zip gets its
 * .ziphash as well. -1 (FAULT_LOCAL). */
int record_write(const struct cache *c, const struct key *k, const struct record *r,
		 struct err *err) WARN_UNUSED;

/* Appends the record's path below the cache's folder. */
void record_path(const struct key *k, struct buf *out);

#endif
