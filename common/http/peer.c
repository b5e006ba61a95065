/* http/peer.c: whom a request comes from.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "base/addr.h"
#include "http/peer.h"

#include "base/banned.h"

/* Some write a port, and then IPv6 in brackets. */
static struct str without_port(struct str s)
{
	ptrdiff_t colon = str_chr(s, ':');

	if (str_starts(s, STR("["))) {
		ptrdiff_t end = str_chr(s, ']');
		return end < 0 ? s : str_head(str_from(s, 1), (size_t)end - 1);
	}
	if (colon >= 0 && colon == str_rchr(s, ':'))
		return str_head(s, (size_t)colon);
	return s;
}

struct str peer_client(struct str remote, struct str forwarded, struct str trusted)
{
	struct str client = remote;

	while (forwarded.n && addr_list_has(trusted, client)) {
		ptrdiff_t comma = str_rchr(forwarded, ',');
		struct str last = without_port(str_trim(str_from(forwarded, (size_t)(comma + 1))));
		if (!addr_is_good(last))
			break;
		client = last;
		forwarded = str_head(forwarded, comma < 0 ? 0 : (size_t)comma);
	}
	return client;
}
