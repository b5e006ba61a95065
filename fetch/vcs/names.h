/* fetch/vcs/names.h: a list of texts.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FETCH_VCS_NAMES_H
#define FETCH_VCS_NAMES_H

#include "base/str.h"

struct names {
	char **v;
	size_t n;
	size_t room;
};

#define NAMES() ((struct names){ NULL, 0, 0 })

/* Adds a copy. */
void names_add(struct names *l, struct str s);

/* Bytewise, and in the order of semver_order(). */
void names_sort(struct names *l);
void names_sort_versions(struct names *l);

bool names_have(const struct names *l, struct str s);
void names_copy(const struct names *from, struct names *to);
void names_release(struct names *l);

static inline struct str names_at(const struct names *l, size_t i)
{
	return str_of(l->v[i]);
}

#endif
