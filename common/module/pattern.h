/* module/pattern.h: lists of module path patterns, as in GOPRIVATE.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MODULE_PATTERN_H
#define MODULE_PATTERN_H

#include "base/str.h"

/* module.MatchPrefixPatterns(globs, target): comma-separated globs, each
 * matched by path.Match against as many leading elements of the target. */
bool pattern_match(struct str globs, struct str target);

/* path.Match. -1 for a malformed pattern, else 0 or 1. */
int pattern_glob(struct str pattern, struct str name);

#endif
