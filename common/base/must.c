/* base/must.c: assertions about our own mistakes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/must.h"

#include "base/banned.h"

void must_failed(const char *what, const char *file, int line)
{
	log_text(LOG_LEVEL_ERROR, "bug: %s:%d: %s does not hold", file, line, what);
	abort();
}
