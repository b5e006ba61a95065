/* module/semver.h: semantic versions, by the rules of golang.org/x/mod/semver.
 * Numbers may have any length and are never machine integers.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MODULE_SEMVER_H
#define MODULE_SEMVER_H

#include "base/buf.h"

bool semver_valid(struct str v);

/* semver.Compare: invalid before valid, build metadata ignored. */
int semver_cmp(struct str a, struct str b);

/* semver.Sort's order: semver_cmp, ties bytewise. */
int semver_order(struct str a, struct str b);

/* semver.Canonical, appended ("v1" gives "v1.0.0", build dropped; nothing for
 * an invalid version); and module.CanonicalVersion (keeps +incompatible). */
void semver_canonical(struct str v, struct buf *out);
void semver_module_canonical(struct str v, struct buf *out);

/* Equal to its own module.CanonicalVersion. */
bool semver_is_canonical(struct str v);

/* Views into v: "v1", "v1.2", "-pre" or "", "+build" or ""; empty if invalid.
 * Unlike semver.MajorMinor, "v1" gives "v1": there is no "v1.0" to point at. */
struct str semver_major(struct str v);
struct str semver_major_minor(struct str v);
struct str semver_prerelease(struct str v);
struct str semver_build(struct str v);

#endif
