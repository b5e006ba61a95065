/* fetch/record.c: what a version's .zip or .mod was when it was first published.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <errno.h>
#include <stdio.h>

#include "base/err.h"
#include "base/io.h"
#include "base/limits.h"
#include "base/parse.h"
#include "cache/cache.h"
#include "cache/publish.h"
#include "fetch/record.h"
#include "module/key.h"

#include "base/banned.h"

/* A hash, a digest and a number, with their words. */
#define MAX_RECORD 256

static void ziphash_path(const struct key *k, struct buf *out)
{
	key_file(k, out);
	buf_puts(out, "hash");
}

void record_path(const struct key *k, struct buf *out)
{
	CLEANUP(buf_release) struct buf file = BUF(MAX_RELPATH);

	key_file(k, &file);
	buf_puts(out, "state/first/");
	buf_str(out, str_from(buf_view(&file), sizeof("mod/") - 1));
}

/* 1, or 0 when there is no such file or it is too long to be one of ours. */
static int read_text(const struct cache *c, const struct buf *path, struct buf *ret,
		     struct err *err)
{
	int rc = path->over ? -ENAMETOOLONG : io_read_file(c->root, path->p, ret);

	if (rc == -ENOENT || rc == -ENOTDIR || rc == -EFBIG || rc == -ENAMETOOLONG)
		return 0;
	return rc < 0 ? err_sys(err, FAULT_LOCAL, -rc, "a record of the cache cannot be read") : 1;
}

static bool take_h1(struct str s, struct record *r)
{
	if (!dirhash_is_h1(s))
		return false;
	memcpy(r->h1, s.p, H1_SIZE);
	r->h1[H1_SIZE] = '\0';
	return true;
}

static bool take_hex(struct str hex, unsigned char ret[static DIGEST_SIZE])
{
	if (hex.n != 2 * DIGEST_SIZE)
		return false;
	for (size_t i = 0; i < DIGEST_SIZE; i++) {
		int high = parse_hex(hex.p[2 * i]);
		int low = parse_hex(hex.p[2 * i + 1]);
		if (high < 0 || low < 0)
			return false;
		ret[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}

/* "h1:...", "sha256 HEX", "size N", one a line; each line ends with a newline,
 * so that a cut file is none. */
static bool parse(struct str text, struct record *r)
{
	struct str line;
	struct str sum;
	struct str size;
	uint64_t n = 0;

	*r = RECORD();
	if (!str_ends(text, STR("\n")) || !str_cut(&text, '\n', &line) || !take_h1(line, r))
		return false;
	if (!text.n)
		return true;
	if (!str_cut(&text, '\n', &sum) || !str_starts(sum, STR("sha256 ")) ||
	    !take_hex(str_from(sum, 7), r->sum) || !str_cut(&text, '\n', &size) ||
	    !str_starts(size, STR("size ")) || parse_u64(str_from(size, 5), INT64_MAX, &n) < 0)
		return false;
	r->has_sum = true;
	r->size = (int64_t)n;
	return text.n == 0;
}

int record_read(const struct cache *c, const struct key *k, struct record *ret, struct err *err)
{
	CLEANUP(buf_release) struct buf path = BUF(MAX_RELPATH);
	CLEANUP(buf_release) struct buf text = BUF(MAX_RECORD);
	struct record r;

	record_path(k, &path);
	int rc = read_text(c, &path, &text, err);
	if (rc > 0 && parse(buf_view(&text), &r)) {
		*ret = r;
		return 1;
	}
	if (rc < 0 || k->kind != KIND_ZIP)
		return rc < 0 ? -1 : 0;
	buf_reset(&path);
	buf_reset(&text);
	ziphash_path(k, &path);
	rc = read_text(c, &path, &text, err);
	r = RECORD();
	if (rc <= 0 || !take_h1(buf_view(&text), &r))
		return rc < 0 ? -1 : 0;
	*ret = r;
	return 1;
}

/* Not synced: what a power loss leaves is the old file, the new one or an empty
 * one, which counts as none. */
static int write_text(const struct cache *c, const struct buf *path, struct str text,
		      struct err *err)
{
	struct stage s = STAGE();

	if (buf_ok(path, "the module's path", err) < 0 || stage_open(&s, c, err) < 0)
		return -1;
	if (stage_write(&s, text.p, text.n, err) < 0) {
		stage_release(&s);
		return -1;
	}
	return publish_file(&s, path->p, false, (time_t)-1, false, err);
}

int record_write(const struct cache *c, const struct key *k, const struct record *r,
		 struct err *err)
{
	CLEANUP(buf_release) struct buf path = BUF(MAX_RELPATH);
	CLEANUP(buf_release) struct buf text = BUF(MAX_RECORD);

	buf_printf(&text, "%s\n", r->h1);
	if (r->has_sum) {
		buf_puts(&text, "sha256 ");
		digest_hex(r->sum, &text);
		buf_printf(&text, "\nsize %lld\n", (long long)r->size);
	}
	record_path(k, &path);
	if (write_text(c, &path, buf_view(&text), err) < 0)
		return -1;
	if (k->kind != KIND_ZIP)
		return 0;
	buf_reset(&path);
	ziphash_path(k, &path);
	return write_text(c, &path, str_of(r->h1), err);
}
