/* policy/policy.c: what the administrator's settings say about a request.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "base/clock.h"
#include "module/key.h"
#include "policy/policy.h"

#include "base/banned.h"

void policy_settings(const struct config *c, const struct key *k, struct settings *ret)
{
	if (kind_is_sumdb(k->kind))
		*ret = *config_global(c);
	else
		config_for(c, buf_view(&k->path), ret);
}

static int64_t age_of(time_t learnt, time_t now)
{
	if (learnt > now)
		return learnt - now <= CLOCK_AHEAD ? 0 : INT64_MAX;
	return (int64_t)now - (int64_t)learnt;
}

enum freshness policy_freshness(const struct settings *s, time_t learnt, time_t now)
{
	int64_t age = age_of(learnt, now);

	if (s->offline || age < s->list_ttl)
		return FRESH;
	return age - s->list_ttl < s->list_stale ? STALE : EXPIRED;
}

int64_t policy_max_age(const struct settings *s, time_t learnt, time_t now)
{
	int64_t age = age_of(learnt, now);

	return age < s->list_ttl ? s->list_ttl - age : 0;
}
