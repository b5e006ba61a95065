/* module/pattern.c: lists of module path patterns, as in GOPRIVATE.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "module/pattern.h"
#include "module/utf8.h"

#include "base/banned.h"

/* Takes one character of a class off *pattern; `\` takes its meaning away.
 * false when there is none, and when nothing is left behind it. */
static bool class_char(struct str *pattern, uint32_t *ret_r)
{
	if (pattern->n == 0 || pattern->p[0] == '-' || pattern->p[0] == ']')
		return false;
	if (pattern->p[0] == '\\')
		*pattern = str_from(*pattern, 1);
	size_t n = utf8_next(*pattern, ret_r);
	*pattern = str_from(*pattern, n);
	return n > 0 && pattern->n > 0;
}

/* Takes a class, behind its '[', off *pattern. -1 when it is malformed, else
 * whether it has r in it. */
static int class_match(struct str *pattern, uint32_t r)
{
	bool found = false;
	bool negated = pattern->n && pattern->p[0] == '^';
	uint32_t lo = 0;

	if (negated)
		*pattern = str_from(*pattern, 1);
	do {
		if (!class_char(pattern, &lo))
			return -1;
		uint32_t hi = lo;
		if (pattern->p[0] == '-') {
			*pattern = str_from(*pattern, 1);
			if (!class_char(pattern, &hi))
				return -1;
		}
		found = found || (lo <= r && r <= hi);
	} while (pattern->p[0] != ']');
	*pattern = str_from(*pattern, 1);
	return found != negated;
}

static bool well_formed(struct str pattern)
{
	while (pattern.n) {
		char c = pattern.p[0];
		pattern = str_from(pattern, 1);
		if (c == '[' && class_match(&pattern, 0) < 0)
			return false;
		if (c != '\\')
			continue;
		if (pattern.n == 0)
			return false;
		pattern = str_from(pattern, 1);
	}
	return true;
}

/* Matches the first term of *pattern, which is not a star, at the start of
 * *name and takes both off. Bytes that are no UTF-8 count as U+FFFD each, as in
 * Go. */
static bool take_term(struct str *pattern, struct str *name)
{
	uint32_t r = 0xfffd;
	size_t width = utf8_next(*name, &r);
	char c = pattern->p[0];

	if (name->n == 0)
		return false;
	if (width == 0)
		width = 1;
	*pattern = str_from(*pattern, 1);
	switch (c) {
	case '[':
		if (class_match(pattern, r) != 1)
			return false;
		break;
	case '?':
		if (r == '/')
			return false;
		break;
	case '\\':
		c = pattern->p[0];
		*pattern = str_from(*pattern, 1);
		/* fall through */
	default:
		if (name->p[0] != c)
			return false;
		width = 1;
	}
	*name = str_from(*name, width);
	return true;
}

int pattern_glob(struct str pattern, struct str name)
{
	struct str after_star = { NULL, 0 }; /* the pattern behind the last star */
	struct str star_name = { NULL, 0 };  /* where that star's match ends now */

	if (!well_formed(pattern))
		return -1;
	while (name.n || pattern.n) {
		if (pattern.n && pattern.p[0] == '*') {
			pattern = str_from(pattern, 1);
			after_star = pattern;
			star_name = name;
			continue;
		}
		if (pattern.n && take_term(&pattern, &name))
			continue;
		/* Let the last star take one byte more. An earlier star need not
		 * be tried again: it has found its first match. */
		if (!after_star.p || star_name.n == 0 || star_name.p[0] == '/')
			return 0;
		star_name = str_from(star_name, 1);
		pattern = after_star;
		name = star_name;
	}
	return 1;
}

static size_t count_slashes(struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += s.p[i] == '/';
	return n;
}

/* The first n + 1 elements of target; false when it has fewer. */
static bool leading(struct str target, size_t n, struct str *ret_prefix)
{
	for (size_t i = 0; i < target.n; i++) {
		if (target.p[i] != '/')
			continue;
		if (n == 0) {
			*ret_prefix = str_head(target, i);
			return true;
		}
		n--;
	}
	*ret_prefix = target;
	return n == 0;
}

bool pattern_match(struct str globs, struct str target)
{
	struct str glob;
	struct str prefix;

	while (str_cut(&globs, ',', &glob)) {
		if (str_ends(glob, STR("/")))
			glob.n--;
		if (glob.n && leading(target, count_slashes(glob), &prefix) &&
		    pattern_glob(glob, prefix) == 1)
			return true;
	}
	return false;
}
