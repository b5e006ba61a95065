/* tests/fuzz/fuzz_config.c: a configuration file, and the settings for a module.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/must.h"
#include "config/config.h"
#include "tests/fuzz/fuzz.h"

#include "base/banned.h"

void fuzz_one(struct str input)
{
	static char *const env[] = { NULL };
	CLEANUP(err_release) struct err err = ERR();
	CLEANUP(mem_free) char *text = xmemdup0(input.p, input.n);
	struct config *c = NULL;
	struct settings s;

	if (config_load_text("fuzz", text, env, false, &c, &err) < 0) {
		must(err.fault == FAULT_LOCAL && c == NULL);
		return;
	}
	config_for(c, STR("example.com/m"), &s);
	must(s.cache != NULL);
	config_free(c);
}
