/* fetch/likely.c: which versions the module that a client builds requires.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <stdlib.h>

#include "base/mem.h"
#include "fetch/likely.h"
#include "module/semver.h"

#include "base/banned.h"

struct guess {
	char *path;
	char *version;
	bool given;
};

/* The first whose path is not below this one. */
static size_t find(const struct likely *l, struct str path)
{
	size_t low = 0;
	size_t high = l->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (str_cmp(str_of(l->guesses[mid].path), path) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static bool is_at(const struct likely *l, size_t i, struct str path)
{
	return i < l->n && str_eqz(path, l->guesses[i].path);
}

static void insert(struct likely *l, size_t at, struct str path, struct str version)
{
	if (l->n == LIKELY_MAX)
		return;
	if (l->n == l->max) {
		l->max = l->max ? 2 * l->max : 64;
		l->guesses = xreallocarray(l->guesses, l->max, sizeof(*l->guesses));
	}
	memmove(l->guesses + at + 1, l->guesses + at, (l->n - at) * sizeof(*l->guesses));
	l->guesses[at] = (struct guess){ xmemdup0(path.p, path.n), xmemdup0(version.p, version.n),
					 false };
	l->n++;
}

void likely_note(struct likely *l, struct str path, struct str version)
{
	size_t i = find(l, path);

	if (!is_at(l, i, path)) {
		insert(l, i, path, version);
		return;
	}
	struct guess *g = &l->guesses[i];
	if (semver_cmp(version, str_of(g->version)) <= 0)
		return;
	free(g->version);
	g->version = xmemdup0(version.p, version.n);
	g->given = false;
}

void likely_next(struct likely *l, struct str path, likely_fn *fn, void *ctx)
{
	size_t i = find(l, path);

	if (is_at(l, i, path))
		i++;
	for (size_t end = i + LIKELY_WINDOW; i < l->n && i < end; i++) {
		struct guess *g = &l->guesses[i];
		if (!g->given)
			g->given = fn(ctx, str_of(g->path), str_of(g->version));
	}
}

void likely_release(struct likely *l)
{
	for (size_t i = 0; i < l->n; i++) {
		free(l->guesses[i].path);
		free(l->guesses[i].version);
	}
	free(l->guesses);
	*l = LIKELY();
}
