/* http/cond.h: conditional and range requests (RFC 9110 13 and 14).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HTTP_COND_H
#define HTTP_COND_H

#include <time.h>

#include "base/str.h"

struct request;

/* Whether the client's copy is still good (a 304): If-None-Match decides by
 * weak comparison when it is there, else If-Modified-Since. A header that does
 * not parse is ignored. `etag` has its quotes. */
bool cond_not_modified(const struct request *rq, struct str etag, time_t mtime);

enum range { RANGE_WHOLE, RANGE_PART, RANGE_UNSATISFIABLE };

/* Reads "bytes=from-to" against a file of `size` bytes. Several ranges, other
 * units and bad syntax mean the whole (a server may ignore Range). For
 * RANGE_PART, *ret_off and *ret_len say which bytes. */
enum range range_parse(struct str header, off_t size, off_t *ret_off, off_t *ret_len);

/* Whether If-Range lets the range count: absent, or our strong etag, or exactly
 * our date. */
bool cond_range_applies(const struct request *rq, struct str etag, time_t mtime);

#endif
