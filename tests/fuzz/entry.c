/* tests/fuzz/entry.c: what libFuzzer calls.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "tests/fuzz/fuzz.h"

#include "base/banned.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	fuzz_one(str_make((const char *)p, n));
	return 0;
}
