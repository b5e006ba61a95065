/* base/stop.c: the one flag that says that this process is about to end.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <stdatomic.h>

#include "base/stop.h"

#include "base/banned.h"

static atomic_bool requested;

void stop_request(void)
{
	atomic_store(&requested, true);
}

bool stop_requested(void)
{
	return atomic_load(&requested);
}
