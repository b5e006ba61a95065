/* fetch/hands.h: the same work on each of many things, by as many threads as there are
 * processors, up to HANDS_MAX.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FETCH_HANDS_H
#define FETCH_HANDS_H

#include <stddef.h>

#include "base/sys.h"

struct err;

/* Each of them has memory of its own, and one job is not to have the whole machine. */
#define HANDS_MAX 4

/* Does thing i; `hand` below HANDS_MAX is whose memory to use. Not 0: a failure. */
typedef int hands_fn(void *ctx, size_t hand, size_t i, struct err *err);

/* Calls fn for each i below n, in that order; the calling thread takes part, and does
 * all of it where no other can be started. 0, or -1 with the failure of the lowest i,
 * whoever was first; nothing is begun after a failure. */
int hands_run(size_t n, hands_fn *fn, void *ctx, struct err *err) WARN_UNUSED;

#endif
