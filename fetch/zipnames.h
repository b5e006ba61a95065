/* fetch/zipnames.h: the names in a module zip, by the rules of x/mod/zip.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FETCH_ZIPNAMES_H
#define FETCH_ZIPNAMES_H

#include "base/str.h"

struct err;
struct zipname;

/* The files and folders seen so far; views into the names that were added. */
struct zipnames {
	struct str prefix;	/* "module@version/", borrowed */
	struct zipname *slots;	/* a hash table */
	size_t room;		/* a power of two, or 0 */
	size_t n;
	uint64_t seed;
	bool root;		/* the root itself had an entry */
};

void zipnames_init(struct zipnames *z, struct str prefix);
void zipnames_release(struct zipnames *z);

/* Makes room for so many names at once, rather than step by step. */
void zipnames_expect(struct zipnames *z, size_t n);

/* Looks at an entry's whole name, which must live as long as z, alone and beside
 * those before it. *ret_rel is what follows the prefix. -1 with FAULT_UPSTREAM
 * and the rule that it breaks. */
int zipnames_add(struct zipnames *z, struct str name, struct str *ret_rel, struct err *err)
	WARN_UNUSED;

#endif
