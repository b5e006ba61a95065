/* module/utf8.c: strict UTF-8, which code points are letters, and folding of case.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "module/folds.h"
#include "module/letters.h"
#include "module/utf8.h"

#include "base/banned.h"

/* By the number of leading ones of the first byte, RFC 3629 section 3: the bits
 * that it carries, and the least code point that needs so many bytes. */
static const struct {
	unsigned char bits;
	uint32_t least;
} forms[] = {
	[2] = { 0x1f, 0x80 },
	[3] = { 0x0f, 0x800 },
	[4] = { 0x07, 0x10000 },
};

size_t utf8_next(struct str s, uint32_t *ret_r)
{
	if (s.n == 0)
		return 0;
	unsigned char c = (unsigned char)s.p[0];
	if (c < 0x80) {
		*ret_r = c;
		return 1;
	}
	size_t n = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
	if (c < 0xc0 || c > 0xf7 || s.n < n)
		return 0;
	uint32_t r = c & forms[n].bits;
	for (size_t i = 1; i < n; i++) {
		c = (unsigned char)s.p[i];
		if ((c & 0xc0) != 0x80)
			return 0;
		r = r << 6 | (c & 0x3f);
	}
	if (r < forms[n].least || r > 0x10ffff || (r >= 0xd800 && r <= 0xdfff))
		return 0;
	*ret_r = r;
	return n;
}

bool utf8_valid(struct str s)
{
	uint32_t r = 0;

	while (s.n) {
		size_t n = utf8_next(s, &r);
		if (n == 0)
			return false;
		s = str_from(s, n);
	}
	return true;
}

bool utf8_is_letter(uint32_t r)
{
	size_t lo = 0;
	size_t hi = ARRAY_SIZE(letters);

	if (r < 0x80)
		return (r >= 'A' && r <= 'Z') || (r >= 'a' && r <= 'z');
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (r > letters[mid].last)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < ARRAY_SIZE(letters) && r >= letters[lo].first;
}

uint32_t utf8_fold(uint32_t r)
{
	size_t lo = 0;
	size_t hi = ARRAY_SIZE(folds);

	if (r < 0x80)
		return r >= 'A' && r <= 'Z' ? r + ('a' - 'A') : r;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (r > folds[mid].last)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == ARRAY_SIZE(folds) || r < folds[lo].first)
		return r;
	if ((r - folds[lo].first) % folds[lo].step)
		return r;
	return r - folds[lo].less;
}
