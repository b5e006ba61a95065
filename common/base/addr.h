/* base/addr.h: IP addresses, and lists of them.
 *
 * A list has addresses and networks (192.0.2.0/24, 2001:db8::/32), separated by
 * commas or blanks, and may have the word "unix" for a peer without an address.
 * An IPv4 address and the same one as IPv6 writes it (::ffff:192.0.2.1) are one.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BASE_ADDR_H
#define BASE_ADDR_H

#include "base/str.h"

/* Whether the text is one address, without a port or brackets. */
bool addr_is_good(struct str text);

/* 0, or -1 with the first entry that is neither a network nor the word. A network
 * must have no bits behind its prefix: 192.0.2.1/24 is a mistake. */
int addr_list_check(struct str list, struct str *ret_bad) WARN_UNUSED;

/* Whether the list has the address. Texts without an address, as web servers
 * have them for UNIX sockets ("", "unix:"), are what "unix" stands for. An entry
 * that is not good has nothing. */
bool addr_list_has(struct str list, struct str address);

#endif
