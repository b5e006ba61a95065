/* fetch/dirhash.c: the hash "h1:" of x/mod/sumdb/dirhash.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <openssl/evp.h>

#include "fetch/dirhash.h"

#include "base/banned.h"

void dirhash_line(struct digest *list, const unsigned char sum[static DIGEST_SIZE],
		  struct str name)
{
	CLEANUP(buf_release) struct buf hex = BUF(2 * DIGEST_SIZE + 2);

	digest_hex(sum, &hex);
	buf_puts(&hex, "  ");
	digest_add(list, hex.p, hex.n);
	digest_add(list, name.p, name.n);
	digest_add(list, "\n", 1);
}

void dirhash_end(struct digest *list, struct buf *out)
{
	unsigned char sum[DIGEST_SIZE];
	unsigned char text[H1_SIZE];

	digest_end(list, sum);
	int n = EVP_EncodeBlock(text, sum, DIGEST_SIZE);
	buf_puts(out, "h1:");
	buf_add(out, text, (size_t)n);
}

void dirhash_mod(struct str text, struct buf *out)
{
	CLEANUP(digest_release) struct digest d = DIGEST();
	unsigned char sum[DIGEST_SIZE];

	digest_begin(&d);
	digest_add(&d, text.p, text.n);
	digest_end(&d, sum);
	digest_begin(&d);
	dirhash_line(&d, sum, STR("go.mod"));
	dirhash_end(&d, out);
}

bool dirhash_is_h1(struct str s)
{
	unsigned char sum[DIGEST_SIZE + 1];
	unsigned char back[H1_SIZE];

	if (s.n != H1_SIZE || !str_starts(s, STR("h1:")) || s.p[s.n - 1] != '=')
		return false;
	struct str base64 = str_from(s, 3);
	for (size_t i = 0; i + 1 < base64.n; i++)
		if (base64.p[i] == '=')
			return false;
	int n = EVP_DecodeBlock(sum, (const unsigned char *)base64.p, (int)base64.n);
	if (n != DIGEST_SIZE + 1)
		return false;
	EVP_EncodeBlock(back, sum, DIGEST_SIZE);
	return memcmp(back, base64.p, base64.n) == 0;
}
