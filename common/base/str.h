/* base/str.h: borrowed text.
 *
 * A struct str points into somebody else's memory and never outlives the
 * request (or the call) that it belongs to. It need not be NUL-terminated.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <string.h>

struct str {
	const char *p;
	size_t n;
};

/* For a literal: STR("v1"); for printf: "%.*s", STR_ARG(s). */
#define STR(lit) ((struct str){ (lit), sizeof(lit) - 1 })
#define STR_ARG(s) (int)(s).n, (s).p

static inline struct str str_of(const char *s)
{
	return (struct str){ s ? s : "", s ? strlen(s) : 0 };
}

static inline struct str str_make(const char *p, size_t n)
{
	return (struct str){ p, n };
}

static inline bool str_eq(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool str_eqz(struct str a, const char *z)
{
	return str_eq(a, str_of(z));
}

static inline bool str_starts(struct str s, struct str prefix)
{
	return s.n >= prefix.n && (prefix.n == 0 || memcmp(s.p, prefix.p, prefix.n) == 0);
}

static inline bool str_ends(struct str s, struct str suffix)
{
	return s.n >= suffix.n &&
	       (suffix.n == 0 || memcmp(s.p + s.n - suffix.n, suffix.p, suffix.n) == 0);
}

/* From byte `from` to the end; `from` past the end gives the empty text. */
static inline struct str str_from(struct str s, size_t from)
{
	if (from > s.n)
		from = s.n;
	return (struct str){ s.p + from, s.n - from };
}

/* The first n bytes, or all when there are fewer. */
static inline struct str str_head(struct str s, size_t n)
{
	return (struct str){ s.p, n < s.n ? n : s.n };
}

/* Position of the first or last c, -1 when there is none. */
static inline ptrdiff_t str_chr(struct str s, char c)
{
	const char *q = s.n ? memchr(s.p, c, s.n) : NULL;

	return q ? q - s.p : -1;
}

static inline ptrdiff_t str_rchr(struct str s, char c)
{
	for (size_t i = s.n; i > 0; i--)
		if (s.p[i - 1] == c)
			return (ptrdiff_t)(i - 1);
	return -1;
}

/* Position of the first or last occurrence of t, -1 when there is none. */
ptrdiff_t str_find(struct str s, struct str t);
ptrdiff_t str_rfind(struct str s, struct str t);

/* Without the blanks (space, tab, CR, LF) at both ends. */
struct str str_trim(struct str s);

/* Cuts the next field off *rest at the separator: returns the field and moves
 * *rest behind the separator. false when *rest was exhausted before the call
 * (mark exhaustion by p == NULL). */
bool str_cut(struct str *rest, char sep, struct str *ret_field);

/* Bytewise order, shorter first on a tie: as strcmp on the same bytes. */
int str_cmp(struct str a, struct str b);

/* ASCII without regard to case. */
bool str_caseeq(struct str a, struct str b);

#endif
