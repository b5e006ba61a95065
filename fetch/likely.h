/* fetch/likely.h: which versions the module that a client builds requires.
 *
 * A module with a pruned graph (go line 1.17 or later) names every module that
 * its packages need. The client's own, which nobody sees, names most of these
 * too, at no lower versions: so the highest that the lists name is the one that
 * the client will ask for, if it asks for any. The go command asks in the order
 * of the module paths (modload's roots are sorted), so only those that come next
 * are worth fetching; and those further on may yet turn out to be higher.
 *
 * Computed for the project of tests/data/live (234 requirements, of which 58 are
 * pruned) and a client that asks for two files at once: of 196 files that it had
 * to wait for 130 are left, for 109 files that it does not ask for.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FETCH_LIKELY_H
#define FETCH_LIKELY_H

#include "base/str.h"

/* How many are given at once. With 16 the client catches up, with 64 nothing is
 * gained. */
#define LIKELY_WINDOW 32

/* Known at most; those that come later are not noted. */
#define LIKELY_MAX 4096

struct likely {
	struct guess *guesses;	/* by path */
	size_t n;
	size_t max;
};

#define LIKELY() ((struct likely){ NULL, 0, 0 })

/* A list names it. */
void likely_note(struct likely *l, struct str path, struct str version);

/* false: it could not be taken now, and is to be given again. */
typedef bool likely_fn(void *ctx, struct str path, struct str version);

/* The client has asked for `path`: gives the LIKELY_WINDOW modules behind it, each
 * at the highest version noted, but nothing that was taken already. */
void likely_next(struct likely *l, struct str path, likely_fn *fn, void *ctx);

/* Forgets all; it can be used again. */
void likely_release(struct likely *l);

#endif
