/* module/utf8.h: strict UTF-8, which code points are letters, and folding of case.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MODULE_UTF8_H
#define MODULE_UTF8_H

#include "base/str.h"

/* Decodes the code point at the start of s: its width in bytes and *ret_r, or
 * 0 when s is empty or does not start with valid UTF-8 (overlong forms,
 * surrogates and anything above U+10FFFF are not valid). */
size_t utf8_next(struct str s, uint32_t *ret_r);

bool utf8_valid(struct str s);

/* unicode.IsLetter of the Go release that letters.h was made with. */
bool utf8_is_letter(uint32_t r);

/* The one that stands for all that differ from r in case only, as x/mod/zip
 * compares names: the least of unicode.SimpleFold's, but a lower-case one in
 * ASCII. The Kelvin sign gives k, the long s gives s. */
uint32_t utf8_fold(uint32_t r);

#endif
