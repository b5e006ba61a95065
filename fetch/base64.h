/* fetch/base64.h: base64 with padding, as Go's base64.StdEncoding.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FETCH_BASE64_H
#define FETCH_BASE64_H

#include "base/buf.h"

/* The number of bytes that s stands for, of which the first `room` are at p; -1
 * for what is no base64. As in Go, line ends are passed over and the last
 * digit's unused bits may be anything. */
ptrdiff_t base64_decode(struct str s, unsigned char *p, size_t room) WARN_UNUSED;

/* Appends n bytes in base64. */
void base64_encode(const unsigned char *p, size_t n, struct buf *out);

#endif
