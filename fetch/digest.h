/* fetch/digest.h: SHA-256, by OpenSSL.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FETCH_DIGEST_H
#define FETCH_DIGEST_H

#include "base/buf.h"

#define DIGEST_SIZE 32

struct err;

struct digest {
	void *ctx;	/* EVP_MD_CTX */
};

#define DIGEST() ((struct digest){ NULL })

/* Begins, or begins anew. */
void digest_begin(struct digest *d);
void digest_add(struct digest *d, const void *p, size_t n);

/* The digest of what was added since digest_begin(), which comes next. */
void digest_end(struct digest *d, unsigned char ret[static DIGEST_SIZE]);
void digest_release(struct digest *d);

/* Of all that the file holds, and its size. -1 with FAULT_LOCAL. */
int digest_file(int fd, int64_t *ret_size, unsigned char ret[static DIGEST_SIZE],
		struct err *err) WARN_UNUSED;

/* Appends 64 lower-case hexadecimal digits. */
void digest_hex(const unsigned char sum[static DIGEST_SIZE], struct buf *out);

/* Appends those of a text's digest. */
void digest_text(struct str text, struct buf *out);

#endif
