/* fetch/merge.c: version lists.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <stdlib.h>

#include "base/mem.h"
#include "fetch/merge.h"
#include "module/modpath.h"
#include "module/pseudo.h"
#include "module/semver.h"

#include "base/banned.h"

void versions_init(struct versions *vs, struct str path)
{
	struct str prefix;

	*vs = (struct versions){ NULL, 0, 0, { "", 0 }, false };
	if (!modpath_split(path, &prefix, &vs->major))
		vs->major = STR("");
}

void versions_release(struct versions *vs)
{
	for (size_t i = 0; i < vs->n; i++)
		free(vs->v[i]);
	free(vs->v);
	*vs = (struct versions){ NULL, 0, 0, { "", 0 }, false };
}

void versions_offer(struct versions *vs, struct str v)
{
	if (pseudo_is(v)) {
		vs->pseudo_seen = true;
		return;
	}
	if (!semver_is_canonical(v) || !modpath_major_fits(v, vs->major))
		return;
	if (vs->n == vs->room) {
		vs->room = vs->room ? vs->room * 2 : 64;
		vs->v = xreallocarray(vs->v, vs->room, sizeof(*vs->v));
	}
	vs->v[vs->n++] = xmemdup0(v.p, v.n);
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}

static struct str first_field(struct str line)
{
	size_t n = 0;

	while (line.n && is_space(line.p[0]))
		line = str_from(line, 1);
	while (n < line.n && !is_space(line.p[n]))
		n++;
	return str_head(line, n);
}

void versions_offer_list(struct versions *vs, struct str text)
{
	struct str line;

	while (str_cut(&text, '\n', &line)) {
		struct str v = first_field(line);
		if (v.n)
			versions_offer(vs, v);
	}
}

static int by_order(const void *a, const void *b)
{
	return semver_order(str_of(*(char *const *)a), str_of(*(char *const *)b));
}

void versions_text(struct versions *vs, struct buf *out)
{
	if (vs->n)
		qsort(vs->v, vs->n, sizeof(*vs->v), by_order);
	for (size_t i = 0; i < vs->n; i++) {
		if (i && strcmp(vs->v[i], vs->v[i - 1]) == 0)
			continue;
		buf_puts(out, vs->v[i]);
		buf_putc(out, '\n');
	}
}
