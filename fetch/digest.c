/* fetch/digest.c: SHA-256, by OpenSSL.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <openssl/evp.h>

#include "base/must.h"
#include "fetch/digest.h"

#include "base/banned.h"

void digest_begin(struct digest *d)
{
	if (d->ctx) {
		/* without a type: the one that the context has, not looked up again */
		must(EVP_DigestInit_ex(d->ctx, NULL, NULL) == 1);
		return;
	}
	d->ctx = EVP_MD_CTX_new();
	must(d->ctx);
	must(EVP_DigestInit_ex(d->ctx, EVP_sha256(), NULL) == 1);
}

void digest_add(struct digest *d, const void *p, size_t n)
{
	must(EVP_DigestUpdate(d->ctx, p, n) == 1);
}

void digest_end(struct digest *d, unsigned char ret[static DIGEST_SIZE])
{
	must(EVP_DigestFinal_ex(d->ctx, ret, NULL) == 1);
}

void digest_release(struct digest *d)
{
	EVP_MD_CTX_free(d->ctx);
	d->ctx = NULL;
}

void digest_hex(const unsigned char sum[static DIGEST_SIZE], struct buf *out)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < DIGEST_SIZE; i++) {
		buf_putc(out, digits[sum[i] >> 4]);
		buf_putc(out, digits[sum[i] & 15]);
	}
}
