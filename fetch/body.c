/* fetch/body.c: where the bytes of an answer land, with their limit.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "base/err.h"
#include "fetch/body.h"

#include "base/banned.h"

void body_init(struct body *b, const struct cache *cache, int64_t max)
{
	*b = (struct body){ cache, STAGE(), BUF(0), max, 0 };
	if (!cache)
		b->text = BUF((size_t)max);
}

void body_release(struct body *b)
{
	stage_release(&b->stage);
	buf_release(&b->text);
}

/* Every zip begins with the signature of a file or, when it has no files, of
 * the end record: "PK" both times. An HTML page does not. */
static bool looks_like_zip(const struct body *b, const char *p, size_t n)
{
	static const char magic[2] = { 'P', 'K' };

	for (size_t i = 0; i < n && b->n + (int64_t)i < 2; i++)
		if (p[i] != magic[b->n + (int64_t)i])
			return false;
	return true;
}

static int write_zip(struct body *b, const void *p, size_t n, struct err *err)
{
	if (!looks_like_zip(b, p, n))
		return err_set(err, FAULT_UPSTREAM, "body: not a zip file");
	if (b->stage.fd < 0 && stage_open(&b->stage, b->cache, err) < 0)
		return -1;
	return stage_write(&b->stage, p, n, err);
}

int body_write(struct body *b, const void *p, size_t n, struct err *err)
{
	if (n == 0)
		return 0;
	if (b->n > b->max || n > (uint64_t)(b->max - b->n))
		return err_set(err, FAULT_UPSTREAM, "body: larger than %lld bytes",
			       (long long)b->max);
	if (b->cache) {
		if (write_zip(b, p, n, err) < 0)
			return -1;
	} else {
		buf_add(&b->text, p, n);
	}
	b->n += (int64_t)n;
	return 0;
}

int body_restart(struct body *b, struct err *err)
{
	b->n = 0;
	buf_reset(&b->text);
	return b->stage.fd < 0 ? 0 : stage_restart(&b->stage, err);
}
