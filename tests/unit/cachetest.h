/* tests/unit/cachetest.h: a cache of a test's own.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TESTS_CACHETEST_H
#define TESTS_CACHETEST_H

#include "cache/cache.h"
#include "module/key.h"

/* Opens a new cache below an absolute, temporary folder. */
struct cache test_cache(void);

/* A key from plain forms; the test fails when it is not one. */
struct key test_key(enum kind kind, const char *path, const char *version);

/* Makes the file `path` below the cache's folder, and its folders. */
void test_write(const struct cache *c, const char *path, const char *text);

#endif
