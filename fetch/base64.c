/* fetch/base64.c: base64 with padding, as Go's base64.StdEncoding.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "fetch/base64.h"

#include "base/banned.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static int value_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

ptrdiff_t base64_decode(struct str s, unsigned char *p, size_t room)
{
	uint32_t bits = 0;
	size_t chars = 0;	/* of the group under way, padding included */
	size_t padding = 0;
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		int v = value_of(s.p[i]);

		if (s.p[i] == '\n' || s.p[i] == '\r')
			continue;
		if (chars == 4 || (v < 0 && (s.p[i] != '=' || chars < 2)) || (v >= 0 && padding))
			return -1;
		padding += v < 0;
		bits = bits << 6 | (uint32_t)(v < 0 ? 0 : v);
		if (++chars < 4)
			continue;
		for (size_t k = 0; k < 3 - padding; k++, n++)
			if (n < room)
				p[n] = (unsigned char)(bits >> (16 - 8 * k));
		bits = 0;
		chars = padding ? 4 : 0; /* nothing may follow padding */
	}
	return chars == 0 || (chars == 4 && padding) ? (ptrdiff_t)n : -1;
}

void base64_encode(const unsigned char *p, size_t n, struct buf *out)
{
	for (size_t i = 0; i < n; i += 3) {
		size_t have = n - i < 3 ? n - i : 3;
		uint32_t bits = (uint32_t)p[i] << 16;

		if (have > 1)
			bits |= (uint32_t)p[i + 1] << 8;
		if (have > 2)
			bits |= p[i + 2];
		for (size_t k = 0; k < 4; k++)
			buf_putc(out, k <= have ? digits[bits >> (18 - 6 * k) & 63] : '=');
	}
}
