/* config/suggest.h: "did you mean ...?" for a word that nobody knows.
 *
 *	struct suggest s = SUGGEST(word);
 *	for (each known name)
 *		suggest_offer(&s, name);
 *	if (s.best) ...
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONFIG_SUGGEST_H
#define CONFIG_SUGGEST_H

#include "base/str.h"

struct suggest {
	struct str word;
	const char *best;	/* NULL: nothing is near enough */
	size_t distance;	/* of best */
};

#define SUGGEST(word) ((struct suggest){ (word), NULL, 0 })

/* Keeps the name when it is nearer than what came before and differs in at
 * most a third of the word's letters and at most 3 of them. Two neighbours that
 * are swapped differ once, and case is no difference. The name must live as long as s. */
void suggest_offer(struct suggest *s, const char *name);

#endif
