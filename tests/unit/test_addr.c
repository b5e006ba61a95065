/* tests/unit/test_addr.c
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <arpa/inet.h>

#include "base/addr.h"
#include "tests/unit/unit.h"

#include "base/banned.h"

static const struct {
	const char *list;
	const char *bad;	/* NULL: none */
} lists[] = {
	{ "", NULL },
	{ " ,, ", NULL },
	{ "127.0.0.1", NULL },
	{ "unix", NULL },
	{ "unix, 10.0.0.0/8 192.0.2.7,::1\t2001:db8::/32", NULL },
	{ "0.0.0.0/0 ::/0", NULL },
	{ "192.0.2.7/32 2001:db8::7/128", NULL },
	{ "::ffff:192.0.2.0/120", NULL },
	{ "192.0.2.1/24", "192.0.2.1/24" },
	{ "2001:db8::1/32", "2001:db8::1/32" },
	{ "10.0.0.0/33", "10.0.0.0/33" },
	{ "::/129", "::/129" },
	{ "10.0.0.0/", "10.0.0.0/" },
	{ "10.0.0.0/-1", "10.0.0.0/-1" },
	{ "10.0.0.0/8/8", "10.0.0.0/8/8" },
	{ "10.0.0", "10.0.0" },
	{ "10.0.0.256", "10.0.0.256" },
	{ "010.0.0.1", "010.0.0.1" },
	{ "::1 localhost", "localhost" },
	{ "[::1]", "[::1]" },
	{ "fe80::1%eth0", "fe80::1%eth0" },
	{ "*", "*" },
	{ "Unix", "Unix" },
	{ "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000", "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000" },
};

START_TEST(list_is_good_or_its_first_bad_entry_named)
{
	struct str bad = STR("untouched");
	int rc = addr_list_check(str_of(lists[_i].list), &bad);

	ck_assert_int_eq(rc, lists[_i].bad ? -1 : 0);
	ck_assert(str_eqz(bad, lists[_i].bad ? lists[_i].bad : "untouched"));
}
END_TEST

static const struct {
	const char *list;
	const char *address;
	bool has;
} members[] = {
	{ "", "127.0.0.1", false },
	{ "", "", false },
	{ "127.0.0.1", "127.0.0.1", true },
	{ "127.0.0.1", "127.0.0.2", false },
	{ "127.0.0.1", "::ffff:127.0.0.1", true },
	{ "::ffff:127.0.0.1", "127.0.0.1", true },
	{ "10.0.0.0/8", "10.255.0.1", true },
	{ "10.0.0.0/8", "11.0.0.1", false },
	{ "192.0.2.128/25", "192.0.2.128", true },
	{ "192.0.2.128/25", "192.0.2.127", false },
	{ "192.0.2.8/29", "192.0.2.15", true },
	{ "192.0.2.8/29", "192.0.2.16", false },
	{ "0.0.0.0/0", "203.0.113.9", true },
	{ "0.0.0.0/0", "2001:db8::1", false },
	{ "::/0", "2001:db8::1", true },
	{ "2001:db8::/32", "2001:db8:ffff::1", true },
	{ "2001:db8::/32", "2001:db9::1", false },
	{ "2001:db8::/33", "2001:db8:8000::1", false },
	{ "192.0.2.1 ,2001:db8::1", "2001:db8::1", true },
	{ "unix", "", true },
	{ "unix", "unix:", true },
	{ "unix", "127.0.0.1", false },
	{ "127.0.0.1", "", false },
	{ "0.0.0.0/0", "unix:", false },
	{ "0.0.0.0/0", "junk", false },
	{ "unix 0.0.0.0/0", "unix", false },
};

START_TEST(list_has_what_its_networks_cover)
{
	ck_assert_int_eq(addr_list_has(str_of(members[_i].list), str_of(members[_i].address)),
			 members[_i].has);
}
END_TEST

/* What inet_pton says of each is what base/addr.c must say. */
static const char *const spellings[] = {
	"", ".", "...", "1.2.3.4", "1.2.3", "1.2.3.4.", ".1.2.3.4", "1..3.4", "1.2.3.4.5", "0.0.0.0",
	"255.255.255.255", "1.2.3.256", "1.2.3.04", "00.0.0.0", "1.2.3.+4", " 1.2.3.4", "1.2.3.4 ",
	"0x1.2.3.4", ":", "::", ":::", "::1", "1::", "1", "1:", ":1", "1:2:3:4:5:6:7:8",
	"1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8",
	"1::3:4:5:6:7:8", "1:2:3:4::5:6:7:8", "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8", "1::2::3",
	"1:::2", "1::2:", ":1::2", "12345::", "g::", "ABCD:abcd::", "1::1.2.3.4", "::1.2.3.4",
	"::ffff:1.2.3.4", "1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:7:1.2.3.4", "1:2:3:4:5:1.2.3.4",
	"1.2.3.4::", "::1.2.3.4:5", "::1.2.3", "::1.2.3.4.5", "::1.2.3.400", "fe80::1%lo", "[::1]",
	"0000:0000:0000:0000:0000:0000:255.255.255.255", "::0001", "::00001", "-1::", "::-1",
};

START_TEST(text_is_an_address_when_inet_pton_says_so)
{
	const char *text = spellings[_i];
	unsigned char bytes[16];
	bool good = inet_pton(AF_INET, text, bytes) == 1 || inet_pton(AF_INET6, text, bytes) == 1;

	ck_assert_msg(addr_is_good(str_of(text)) == good, "%s", text);
}
END_TEST

START_TEST(address_has_one_value_however_it_is_written)
{
	static const char *const same[][2] = {
		{ "::1", "0:0:0:0:0:0:0:1" }, { "1::", "1:0:0:0:0:0:0:0" },
		{ "1:2::7:8", "1:2:0:0:0:0:7:8" }, { "::1.2.3.4", "::102:304" },
		{ "abCD::0eF", "ABcd:0:0:0:0:0:0:ef" }, { "::ffff:102:304", "1.2.3.4" },
		{ "1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(same); i++) {
		ck_assert(addr_list_has(str_of(same[i][0]), str_of(same[i][1])));
		ck_assert(addr_list_has(str_of(same[i][1]), str_of(same[i][0])));
	}
	ck_assert(!addr_list_has(str_of("1:2::7:8"), str_of("1::2:7:8")));
}
END_TEST

START_TEST(text_with_a_nul_is_no_address)
{
	ck_assert(!addr_is_good(str_make("127.0.0.1\0x", 11)));
	ck_assert(addr_is_good(str_make("127.0.0.1\0x", 9)));
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		UNIT_EACH(list_is_good_or_its_first_bad_entry_named, lists),
		UNIT_EACH(list_has_what_its_networks_cover, members),
		UNIT_EACH(text_is_an_address_when_inet_pton_says_so, spellings),
		UNIT(address_has_one_value_however_it_is_written),
		UNIT(text_with_a_nul_is_no_address),
	};

	return unit_run("addr", tests, ARRAY_SIZE(tests));
}
