/* config/suggest.c: "did you mean ...?" for a word that nobody knows.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "config/suggest.h"

#include "base/banned.h"

/* Longer than every name of ours with the distance that still counts. */
#define WORD_MAX 63

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static size_t least(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;

	return m < c ? m : c;
}

static bool same(char a, char b)
{
	return lower(a) == lower(b);
}

/* Letters added, left out, changed, or swapped with their neighbour. Row i of
 * the table is rows[i % 3]; it needs the two before it. */
static size_t distance(struct str a, struct str b)
{
	size_t rows[3][WORD_MAX + 1];

	for (size_t j = 0; j <= b.n; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= a.n; i++) {
		size_t *row = rows[i % 3];
		const size_t *above = rows[(i + 2) % 3];
		const size_t *two_above = rows[(i + 1) % 3];

		row[0] = i;
		for (size_t j = 1; j <= b.n; j++) {
			size_t change = above[j - 1] + !same(a.p[i - 1], b.p[j - 1]);

			row[j] = least(change, row[j - 1] + 1, above[j] + 1);
			if (i > 1 && j > 1 && same(a.p[i - 1], b.p[j - 2]) &&
			    same(a.p[i - 2], b.p[j - 1]))
				row[j] = least(row[j], two_above[j - 2] + 1, row[j]);
		}
	}
	return rows[a.n % 3][b.n];
}

void suggest_offer(struct suggest *s, const char *name)
{
	struct str n = str_of(name);
	size_t most = s->word.n / 3 < 3 ? s->word.n / 3 : 3;

	if (s->word.n > WORD_MAX || n.n > WORD_MAX)
		return;
	size_t d = distance(s->word, n);
	if (d > most || (s->best && d >= s->distance))
		return;
	s->best = name;
	s->distance = d;
}
