/* policy/policy.h: what the administrator's settings say about a request,
 * before the cache is looked at.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef POLICY_POLICY_H
#define POLICY_POLICY_H

#include <time.h>

#include "config/config.h"

struct key;

/* The settings for k: a module's own, or the global ones for a checksum
 * database. */
void policy_settings(const struct config *c, const struct key *k, struct settings *ret);

/* How old an answer may be (immutable files are always fresh). */
enum freshness {
	FRESH,		/* serve */
	STALE,		/* serve, and refresh behind the client's back */
	EXPIRED		/* refresh first; serve it all the same when that fails */
};

/* What a mutable file learnt at `learnt` is at `now`. An offline proxy has
 * nothing fresher. */
enum freshness policy_freshness(const struct settings *s, time_t learnt, time_t now);

/* Seconds for which a client may keep it. */
int64_t policy_max_age(const struct settings *s, time_t learnt, time_t now);

#endif
