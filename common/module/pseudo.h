/* module/pseudo.h: pseudo-versions, by the rules of x/mod/module.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MODULE_PSEUDO_H
#define MODULE_PSEUDO_H

#include <time.h>

#include "base/buf.h"

struct err;

bool pseudo_is(struct str version);

/* module.PseudoVersion: appends the pseudo-version. major "" counts as v0;
 * older is the canonical base or "". */
void pseudo_make(struct str major, struct str older, time_t when, struct str rev,
		 struct buf *out);

/* The 14-digit time and the revision: views into version. -1 if no pseudo-version. */
int pseudo_parts(struct str version, struct str *ret_time, struct str *ret_rev) WARN_UNUSED;

/* module.PseudoVersionTime: -1 also when the digits are no date. */
int pseudo_time(struct str version, time_t *ret_t) WARN_UNUSED;

/* module.PseudoVersionBase, appended; "" for form 1. */
int pseudo_base(struct str version, struct buf *out, struct err *err) WARN_UNUSED;

#endif
