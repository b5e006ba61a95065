/* base/parse.h: numbers and times from text, without the C library's traps
 * (leading blanks, signs, locale, silent overflow).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BASE_PARSE_H
#define BASE_PARSE_H

#include <time.h>

#include "base/buf.h"

/* Decimal digits only, the whole of s, at most max. 0 or -EINVAL, -ERANGE. */
int parse_u64(struct str s, uint64_t max, uint64_t *ret_v) WARN_UNUSED;

/* "90", "90s", "5m", "1h", "2d": seconds, at most max seconds. */
int parse_duration(struct str s, int64_t max, int64_t *ret_seconds) WARN_UNUSED;

/* yes/no, true/false, on/off, 1/0, in any case. */
int parse_bool(struct str s, bool *ret_v) WARN_UNUSED;

/* The three date forms of RFC 9110 5.6.7 (IMF-fixdate, RFC 850, asctime). */
int parse_http_date(struct str s, time_t *ret_t) WARN_UNUSED;

/* RFC 3339 as Go's time.RFC3339 reads it (fractions allowed). */
int parse_rfc3339(struct str s, time_t *ret_t) WARN_UNUSED;

/* Appends "Mon, 02 Jan 2006 15:04:05 GMT". */
void format_http_date(struct buf *b, time_t t);

/* Appends "2006-01-02T15:04:05Z". */
void format_rfc3339(struct buf *b, time_t t);

/* Value of one hexadecimal digit, -1 for anything else. */
int parse_hex(char c);

/* Appends s with %XX decoded, once. -EINVAL for a bad escape. */
int parse_percent(struct str s, struct buf *out) WARN_UNUSED;

#endif
