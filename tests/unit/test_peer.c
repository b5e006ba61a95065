/* tests/unit/test_peer.c
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "http/peer.h"
#include "tests/unit/unit.h"

#include "base/banned.h"

#define FAKE "203.0.113.66"

static const struct {
	const char *trusted;
	const char *remote;
	const char *forwarded;
	const char *client;
} cases[] = {
	/* nobody is trusted, or somebody else */
	{ "", "192.0.2.1", "", "192.0.2.1" },
	{ "", "192.0.2.1", FAKE, "192.0.2.1" },
	{ "", "", FAKE, "" },
	{ "127.0.0.1", "192.0.2.1", FAKE, "192.0.2.1" },
	{ "unix", "192.0.2.1", FAKE, "192.0.2.1" },
	{ "127.0.0.1", "", FAKE, "" },
	/* one balancer */
	{ "127.0.0.1", "127.0.0.1", "", "127.0.0.1" },
	{ "127.0.0.1", "127.0.0.1", "192.0.2.1", "192.0.2.1" },
	{ "127.0.0.1", "::ffff:127.0.0.1", "192.0.2.1", "192.0.2.1" },
	{ "unix", "", "192.0.2.1", "192.0.2.1" },
	{ "unix", "unix:", "2001:db8::1", "2001:db8::1" },
	/* what the client wrote stands before what the balancer did */
	{ "127.0.0.1", "127.0.0.1", FAKE ", 192.0.2.1", "192.0.2.1" },
	{ "127.0.0.1", "127.0.0.1", "127.0.0.1,192.0.2.1", "192.0.2.1" },
	/* a chain */
	{ "127.0.0.1 10.0.0.0/8", "127.0.0.1", FAKE ", 192.0.2.1, 10.1.1.1, 10.2.2.2", "192.0.2.1" },
	{ "127.0.0.1 10.0.0.0/8", "127.0.0.1", "10.1.1.1, 10.2.2.2", "10.1.1.1" },
	{ "127.0.0.1", "127.0.0.1", "192.0.2.1, 10.1.1.1", "10.1.1.1" },
	/* no address: whoever sent it is the last that is known */
	{ "127.0.0.1", "127.0.0.1", "unknown", "127.0.0.1" },
	{ "127.0.0.1", "127.0.0.1", "192.0.2.1, junk", "127.0.0.1" },
	{ "127.0.0.1", "127.0.0.1", "192.0.2.1,", "127.0.0.1" },
	{ "127.0.0.1 10.0.0.1", "127.0.0.1", "192.0.2.1, _hidden, 10.0.0.1", "10.0.0.1" },
	{ "127.0.0.1", "127.0.0.1", "[", "127.0.0.1" },
	{ "127.0.0.1", "127.0.0.1", "[]", "127.0.0.1" },
	{ "127.0.0.1", "127.0.0.1", ":80", "127.0.0.1" },
	/* ports */
	{ "127.0.0.1", "127.0.0.1", "192.0.2.1:4711", "192.0.2.1" },
	{ "127.0.0.1", "127.0.0.1", "[2001:db8::1]:4711", "2001:db8::1" },
	{ "127.0.0.1", "127.0.0.1", FAKE ",[2001:db8::1]", "2001:db8::1" },
};

START_TEST(client_is_the_last_that_is_not_trusted)
{
	struct str got = peer_client(str_of(cases[_i].remote), str_of(cases[_i].forwarded),
				     str_of(cases[_i].trusted));

	ck_assert_msg(str_eqz(got, cases[_i].client), "got %.*s, wanted %s", STR_ARG(got),
		      cases[_i].client);
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		UNIT_EACH(client_is_the_last_that_is_not_trusted, cases),
	};

	return unit_run("peer", tests, ARRAY_SIZE(tests));
}
