/* tests/unit/test_hash.c: lock offsets and file names in caches that exist are
 * made of these values; they may never change.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "base/hash.h"
#include "tests/unit/unit.h"

#include "base/banned.h"

/* Computed by an independent program from the two definitions. */
static const struct {
	struct str s;
	uint64_t h;
} hashes[] = {
	{ { "", 0 }, 0xefd01f60ba992926 },
	{ { "a", 1 }, 0x82a2a958a9bece5b },
	{ { "\0", 1 }, 0xb9034ad37056f5fb },
	{ { "\xff", 1 }, 0x1bbd5c813c69a8d7 },
	{ { "mod/github.com/!burnt!sushi/toml/@v/v1.0.0.zip", 46 }, 0xe819451d2cc4bd57 },
};

START_TEST(values_never_change)
{
	ck_assert_uint_eq(hash64(hashes[_i].s), hashes[_i].h);
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		UNIT_EACH(values_never_change, hashes),
	};

	return unit_run("hash", tests, ARRAY_SIZE(tests));
}
