/* fetch/vcs/rules.h: the setting vcs: which program may be used for which module.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FETCH_VCS_RULES_H
#define FETCH_VCS_RULES_H

#include "base/str.h"

struct err;

/* By the rules of GOVCS: the first of `rules` that matches the path decides, then
 * "private:all,public:git|hg". What is private the patterns say. 0, FAULT_DENIED, or
 * FAULT_LOCAL when the rules are malformed. */
int rules_check(struct str rules, struct str private, struct str vcs, struct str path,
		struct err *err) WARN_UNUSED;

#endif
