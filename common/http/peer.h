/* http/peer.h: whom a request comes from.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HTTP_PEER_H
#define HTTP_PEER_H

#include "base/str.h"

/* The client's address: `remote`, what the web server says (REMOTE_ADDR); but
 * when that is one of the trusted (see base/addr.h), the last address of
 * `forwarded` (X-Forwarded-For) that is not: each trusted peer has appended whom
 * it was connected to, and what stands before the first untrusted one is the
 * client's own invention. An entry that is no address ends the search with
 * the last one that was trusted. Borrowed from the arguments. */
struct str peer_client(struct str remote, struct str forwarded, struct str trusted);

#endif
