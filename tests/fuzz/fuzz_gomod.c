/* tests/fuzz/fuzz_gomod.c: a go.mod, and its requirements.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "base/err.h"
#include "base/must.h"
#include "fetch/gomod.h"
#include "tests/fuzz/fuzz.h"

#include "base/banned.h"

static void count(void *ctx, struct str path, struct str version)
{
	must(path.n <= MAX_SMALL_FILE && version.n <= MAX_SMALL_FILE);
	++*(size_t *)ctx;
}

void fuzz_one(struct str input)
{
	CLEANUP(err_release) struct err err = ERR();
	CLEANUP(buf_release) struct buf path = BUF(MAX_URI);
	size_t n = 0;

	if (gomod_parse(input, &path, &err) < 0) {
		must(err.fault != FAULT_NONE);
		return;
	}
	gomod_requirements(input, count, &n);
	(void)gomod_is_unpruned(input);
	must(n <= input.n);
}
