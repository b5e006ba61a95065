/* tests/unit/cachetest.c: a cache of a test's own.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <stdio.h>
#include <unistd.h>

#include "base/err.h"
#include "base/io.h"
#include "tests/unit/cachetest.h"
#include "tests/unit/unit.h"

#include "base/banned.h"

struct cache test_cache(void)
{
	CLEANUP(err_release) struct err err = ERR();
	struct cache c = CACHE();
	char here[4096];

	ck_assert_int_eq(fchdir(unit_folder()), 0);
	ck_assert_ptr_nonnull(getcwd(here, sizeof(here) - 8));
	CLEANUP(buf_release) struct buf dir = BUF(sizeof(here));
	buf_printf(&dir, "%s/cache", here);
	ck_assert_msg(cache_open(&c, dir.p, &err) == 0, "%s", err.text.p);
	return c;
}

struct key test_key(enum kind kind, const char *path, const char *version)
{
	CLEANUP(err_release) struct err err = ERR();
	struct key k = KEY();

	ck_assert_msg(key_set_plain(&k, kind, str_of(path), str_of(version), &err) == 0, "%s",
		      err.text.p);
	return k;
}

void test_write(const struct cache *c, const char *path, const char *text)
{
	ck_assert_int_eq(io_mkparents(c->root, path, false), 0);
	unit_write(c->root, path, text);
}
