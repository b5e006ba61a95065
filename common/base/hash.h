/* base/hash.h: a 64-bit hash of short texts, the same on every machine and in
 * every version, because lock offsets and refusal names are made of it. Not
 * for anything that an attacker must not be able to collide: users compare
 * the text itself as well.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "base/str.h"

/* FNV-1a with the finaliser of MurmurHash3, so that all bits are usable. */
uint64_t hash64(struct str s);

#endif
