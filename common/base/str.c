/* base/str.c: borrowed text.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <strings.h>

#include "base/str.h"

#include "base/banned.h"

ptrdiff_t str_find(struct str s, struct str t)
{
	for (size_t i = 0; i + t.n <= s.n; i++)
		if (t.n == 0 || (s.p[i] == t.p[0] && memcmp(s.p + i, t.p, t.n) == 0))
			return (ptrdiff_t)i;
	return -1;
}

ptrdiff_t str_rfind(struct str s, struct str t)
{
	if (t.n > s.n)
		return -1;
	for (size_t i = s.n - t.n + 1; i > 0; i--)
		if (t.n == 0 || (s.p[i - 1] == t.p[0] && memcmp(s.p + i - 1, t.p, t.n) == 0))
			return (ptrdiff_t)(i - 1);
	return -1;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct str str_trim(struct str s)
{
	while (s.n && is_blank(s.p[0]))
		s = str_from(s, 1);
	while (s.n && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

bool str_cut(struct str *rest, char sep, struct str *ret_field)
{
	if (!rest->p)
		return false;
	ptrdiff_t i = str_chr(*rest, sep);
	if (i < 0) {
		*ret_field = *rest;
		*rest = (struct str){ NULL, 0 };
		return true;
	}
	*ret_field = str_head(*rest, (size_t)i);
	*rest = str_from(*rest, (size_t)i + 1);
	return true;
}

int str_cmp(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int c = n ? memcmp(a.p, b.p, n) : 0;

	if (c)
		return c < 0 ? -1 : 1;
	return (a.n > b.n) - (a.n < b.n);
}

bool str_caseeq(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || strncasecmp(a.p, b.p, a.n) == 0);
}
