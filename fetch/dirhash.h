/* fetch/dirhash.h: the hash "h1:" of x/mod/sumdb/dirhash, which go.sum and the
 * checksum database have: SHA-256 of a list of files with their SHA-256.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FETCH_DIRHASH_H
#define FETCH_DIRHASH_H

#include "fetch/digest.h"

/* "h1:" and 44 characters of base64. */
#define H1_SIZE 47

/* The file's line goes into list; files come in bytewise order of their names,
 * which have no newline. */
void dirhash_line(struct digest *list, const unsigned char sum[static DIGEST_SIZE],
		  struct str name);

/* Ends the list and appends its h1. */
void dirhash_end(struct digest *list, struct buf *out);

/* Appends the h1 of a go.mod with this text. */
void dirhash_mod(struct str text, struct buf *out);

/* Has the form of an h1: canonical base64 of 32 bytes. */
bool dirhash_is_h1(struct str s);

#endif
