/* fetch/vcs/names.c: a list of texts.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <stdlib.h>

#include "base/mem.h"
#include "fetch/vcs/names.h"
#include "module/semver.h"

#include "base/banned.h"

void names_add(struct names *l, struct str s)
{
	if (l->n == l->room) {
		l->room = l->room ? 2 * l->room : 16;
		l->v = xreallocarray(l->v, l->room, sizeof(*l->v));
	}
	l->v[l->n++] = xmemdup0(s.p, s.n);
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int by_version(const void *a, const void *b)
{
	return semver_order(str_of(*(char *const *)a), str_of(*(char *const *)b));
}

void names_sort(struct names *l)
{
	if (l->n)
		qsort(l->v, l->n, sizeof(*l->v), by_bytes);
}

void names_sort_versions(struct names *l)
{
	if (l->n)
		qsort(l->v, l->n, sizeof(*l->v), by_version);
}

bool names_have(const struct names *l, struct str s)
{
	for (size_t i = 0; i < l->n; i++)
		if (str_eqz(s, l->v[i]))
			return true;
	return false;
}

void names_copy(const struct names *from, struct names *to)
{
	for (size_t i = 0; i < from->n; i++)
		names_add(to, names_at(from, i));
}

void names_release(struct names *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->v[i]);
	free(l->v);
	*l = NAMES();
}
