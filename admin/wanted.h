/* admin/wanted.h: what a project needs: the list that `stoactl warm` works off.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ADMIN_WANTED_H
#define ADMIN_WANTED_H

#include "module/key.h"

struct err;

struct want {
	enum kind kind;		/* INFO, MOD, ZIP; QUERY and LATEST have to be resolved */
	char *path;
	char *version;
};

struct wanted {
	struct want *items;
	size_t n;
	size_t size;
	bool zips;		/* with each .info comes its .zip */
};

#define WANTED() ((struct wanted){ NULL, 0, 0, false })

void wanted_release(struct wanted *w);

/* A version's .info (and so its .mod), and its .zip where zips are wanted.
 * `version` may be a branch, a tag, a commit or "latest". */
void wanted_version(struct wanted *w, struct str path, struct str version);

/* "MODULE@VERSION". -1 with FAULT_BAD_REQUEST. */
int wanted_operand(struct wanted *w, const char *operand, struct err *err) WARN_UNUSED;

/* A go.mod: what it requires and does not exclude; what it replaces by a module is
 * that one, and what by a folder is left out. A go.sum: each line's file. Told apart by the
 * name's ending. */
int wanted_file(struct wanted *w, const char *file, struct err *err) WARN_UNUSED;

/* The same from a text, for tests. */
int wanted_gosum(struct wanted *w, struct str text, struct err *err) WARN_UNUSED;
int wanted_gomod(struct wanted *w, struct str text, struct err *err) WARN_UNUSED;

#endif
