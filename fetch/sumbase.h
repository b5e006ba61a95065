/* fetch/sumbase.h: where a checksum database is asked.
 *
 * The first source that says that it passes the database on, or the database
 * itself when none does. The answer is kept in state/sumdb/NAME/base, since the
 * go command asks a proxy once and then only that proxy.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FETCH_SUMBASE_H
#define FETCH_SUMBASE_H

#include "config/goproxy.h"

struct err;
struct job;
struct key;
struct plan;

struct sumbase {
	struct goproxy_entry entry;	/* url: ours */
	size_t skip;			/* so much of a key's URL is in the base */
};

#define SUMBASE() ((struct sumbase){ .skip = 0 })

void sumbase_copy(struct sumbase *to, const struct sumbase *from);

void sumbase_release(struct sumbase *b);

/* The database's own address, or one that the administrator gave. */
void sumbase_set(struct sumbase *b, struct str name, const char *url);

/* What was found before, if the plan's sources still have it. With `direct`,
 * "the database itself" counts too, for an hour. */
bool sumbase_known(struct job *j, const struct plan *plan, const struct key *supported, bool direct,
		   struct sumbase *ret);

/* Asks the sources. 1: found, 0: none has it, *ret is the database itself; both
 * are remembered. -1 when one that may have it cannot be asked. */
int sumbase_find(struct job *j, const struct plan *plan, const struct key *supported,
		 struct sumbase *ret, struct err *err) WARN_UNUSED;

#endif
