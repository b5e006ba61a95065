/* base/addr.c: IP addresses, and lists of them.
 *
 * Read here and not by inet_pton, so that a look at what the responders import
 * keeps showing that they know no network.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "base/addr.h"
#include "base/parse.h"

#include "base/banned.h"

/* An IPv4 address is the last four bytes below ::ffff:0:0/96. */
#define IPV4_AT 12
#define ADDR_BYTES 16
#define ADDR_BITS 128

struct addr {
	unsigned char bytes[ADDR_BYTES];
	bool dotted;		/* was written as IPv4 */
};

/* Four numbers without leading zeros, which some take for octal. */
static int parse_dotted(struct str s, unsigned char ret[4])
{
	struct str field;
	uint64_t v = 0;

	for (size_t i = 0; i < 4; i++) {
		if (!str_cut(&s, '.', &field) || (field.n > 1 && field.p[0] == '0') ||
		    parse_u64(field, 255, &v) < 0)
			return -1;
		ret[i] = (unsigned char)v;
	}
	return s.p ? -1 : 0;
}

static int parse_group(struct str s, unsigned char ret[2])
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	unsigned v = 0;

	if (s.n < 1 || s.n > 4)
		return -1;
	for (size_t i = 0; i < s.n; i++) {
		const char *p = memchr(digits, s.p[i], sizeof(digits) - 1);
		if (!p)
			return -1;
		v = v << 4 | ((unsigned)(p - digits) & 15);
	}
	ret[0] = (unsigned char)(v >> 8);
	ret[1] = (unsigned char)v;
	return 0;
}

/* Groups between colons, the last of which may be an IPv4 address; their number
 * of bytes, none for an empty text. */
static int parse_groups(struct str s, unsigned char ret[ADDR_BYTES])
{
	struct str field;
	size_t n = 0;

	while (s.n && str_cut(&s, ':', &field)) {
		bool dotted = str_chr(field, '.') >= 0;
		size_t size = dotted ? 4 : 2;
		if (n + size > ADDR_BYTES || (dotted && s.p) || (s.p && s.n == 0))
			return -1;
		if ((dotted ? parse_dotted(field, ret + n) : parse_group(field, ret + n)) < 0)
			return -1;
		n += size;
	}
	return (int)n;
}

/* A double colon stands for one or more groups of zeros. */
static int parse_colons(struct str s, unsigned char ret[ADDR_BYTES])
{
	unsigned char tail[ADDR_BYTES];
	ptrdiff_t gap = str_find(s, STR("::"));

	if (gap < 0)
		return parse_groups(s, ret) == ADDR_BYTES ? 0 : -1;
	memset(ret, 0, ADDR_BYTES);
	struct str front = str_head(s, (size_t)gap);
	int head = str_chr(front, '.') >= 0 ? -1 : parse_groups(front, ret);
	int rest = parse_groups(str_from(s, (size_t)gap + 2), tail);
	if (head < 0 || rest < 0 || head + rest > ADDR_BYTES - 2)
		return -1;
	memcpy(ret + ADDR_BYTES - rest, tail, (size_t)rest);
	return 0;
}

static int parse(struct str text, struct addr *ret)
{
	static const unsigned char mapped[IPV4_AT] = { [10] = 0xff, [11] = 0xff };

	memcpy(ret->bytes, mapped, sizeof(mapped));
	ret->dotted = parse_dotted(text, ret->bytes + IPV4_AT) == 0;
	return ret->dotted ? 0 : parse_colons(text, ret->bytes);
}

/* The bits of byte i that a prefix of `bits` bits covers. */
static unsigned char mask(unsigned bits, size_t i)
{
	if (bits >= 8 * (i + 1))
		return 0xff;
	return bits <= 8 * i ? 0 : (unsigned char)(0xff00u >> (bits - 8 * i));
}

static int parse_net(struct str text, struct addr *ret_net, unsigned *ret_bits)
{
	ptrdiff_t slash = str_chr(text, '/');
	uint64_t bits = 0;

	if (parse(slash < 0 ? text : str_head(text, (size_t)slash), ret_net) < 0)
		return -1;
	unsigned most = ret_net->dotted ? ADDR_BITS - 8 * IPV4_AT : ADDR_BITS;
	if (slash < 0)
		bits = most;
	else if (parse_u64(str_from(text, (size_t)slash + 1), most, &bits) < 0)
		return -1;
	*ret_bits = (unsigned)bits + ADDR_BITS - most;
	return 0;
}

static bool in_net(const struct addr *a, const struct addr *net, unsigned bits)
{
	for (size_t i = 0; i < ADDR_BYTES; i++)
		if ((a->bytes[i] ^ net->bytes[i]) & mask(bits, i))
			return false;
	return true;
}

static bool ends_at_prefix(const struct addr *net, unsigned bits)
{
	for (size_t i = 0; i < ADDR_BYTES; i++)
		if (net->bytes[i] & (unsigned char)~mask(bits, i))
			return false;
	return true;
}

/* The next entry of the list, or false at its end. */
static bool next(struct str *list, struct str *ret_entry)
{
	size_t n = 0;

	while (list->n && strchr(", \t", list->p[0]))
		*list = str_from(*list, 1);
	while (n < list->n && !strchr(", \t", list->p[n]))
		n++;
	*ret_entry = str_head(*list, n);
	*list = str_from(*list, n);
	return n > 0;
}

bool addr_is_good(struct str text)
{
	struct addr a;

	return parse(text, &a) == 0;
}

int addr_list_check(struct str list, struct str *ret_bad)
{
	struct addr net;
	unsigned bits = 0;
	struct str entry;

	while (next(&list, &entry)) {
		if (str_eqz(entry, "unix"))
			continue;
		if (parse_net(entry, &net, &bits) == 0 && ends_at_prefix(&net, bits))
			continue;
		*ret_bad = entry;
		return -1;
	}
	return 0;
}

bool addr_list_has(struct str list, struct str address)
{
	bool local = address.n == 0 || str_eqz(address, "unix:");
	struct addr a;
	struct addr net;
	unsigned bits = 0;
	struct str entry;

	if (!local && parse(address, &a) < 0)
		return false;
	while (next(&list, &entry)) {
		if (str_eqz(entry, "unix")) {
			if (local)
				return true;
		} else if (!local && parse_net(entry, &net, &bits) == 0 && in_net(&a, &net, bits)) {
			return true;
		}
	}
	return false;
}
