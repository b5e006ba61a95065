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

/* Levenshtein's distance, one row at a time. */
static size_t distance(struct str a, struct str b)
{
	size_t row[WORD_MAX + 1];

	for (size_t j = 0; j <= b.n; j++)
		row[j] = j;
	for (size_t i = 0; i < a.n; i++) {
		size_t diagonal = row[0];

		row[0] = i + 1;
		for (size_t j = 0; j < b.n; j++) {
			size_t change = diagonal + (lower(a.p[i]) != lower(b.p[j]));

			diagonal = row[j + 1];
			row[j + 1] = least(change, row[j] + 1, row[j + 1] + 1);
		}
	}
	return row[b.n];
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
