/* fetch/text.h: outside text, before it is shown to people or kept.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FETCH_TEXT_H
#define FETCH_TEXT_H

#include "base/buf.h"

/* Valid UTF-8 without control characters but the newline. */
bool text_is_plain(struct str s);

/* Appends the first `lines` lines of s that are not blank, without what does
 * not print (controls, invalid bytes, invisible and direction-changing runes),
 * blanks squeezed, lines separated by newlines, at most `most` bytes in all. */
void text_clean(struct str s, size_t lines, size_t most, struct buf *out);

#endif
