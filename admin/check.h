/* admin/check.h: whether a stored file is still what was published.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ADMIN_CHECK_H
#define ADMIN_CHECK_H

#include "fetch/net.h"

struct cache;
struct config;
struct key;
struct sumdb;

struct checker {
	const struct config *config;
	const struct cache *cache;
	struct net *net;
	struct sumdb *sumdb;	/* what the threads share of it */
	bool ask_sumdb;		/* compare with the checksum database too */
};

enum check_end {
	CHECK_GOOD,
	CHECK_NEW,		/* good by itself, and nothing was known before; now it is */
	CHECK_BAD,		/* err says why */
	CHECK_FAILED,		/* it could not be checked: err says why */
	CHECK_GONE		/* it is not there any more */
};

/* A .zip whose bytes have the digest that was recorded when it was published is
 * not unpacked. *ret_bytes is what was hashed. */
enum check_end check_file(const struct checker *c, const struct key *k, int64_t *ret_bytes,
			  struct err *err);

/* Moves the file into quarantine, with `why`, and fetches it again. -1 with why
 * that did not work; the file may be gone then. */
int check_repair(const struct checker *c, const struct key *k, const struct err *why,
		 struct err *err) WARN_UNUSED;

/* Fetches k, whose file is not there. */
int check_fetch(const struct checker *c, const struct key *k, struct err *err) WARN_UNUSED;

#endif
