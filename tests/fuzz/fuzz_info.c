/* tests/fuzz/fuzz_info.c: an .info file.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "base/err.h"
#include "base/must.h"
#include "fetch/info.h"
#include "tests/fuzz/fuzz.h"

#include "base/banned.h"

void fuzz_one(struct str input)
{
	CLEANUP(err_release) struct err err = ERR();
	CLEANUP(info_release) struct info i = INFO();

	if (info_parse(input, &i, &err) < 0) {
		must(err.fault != FAULT_NONE);
		return;
	}
	if (info_expect_canonical(&i, STR("example.com/m"), &err) == 0)
		must(info_expect(&i, buf_view(&i.version), &err) == 0);
}
