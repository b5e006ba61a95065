/* fetch/vcs/code_parts.h: what code.c, versions.c and convert.c share.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FETCH_VCS_CODE_PARTS_H
#define FETCH_VCS_CODE_PARTS_H

#include "fetch/vcs/code.h"

#define INCOMPATIBLE STR("+incompatible")

/* --- names --- */

/* Without +incompatible. */
struct str code_bare(struct str v);

/* module.PathMajorPrefix: "/v2" and ".v2-unstable" give "v2". */
struct str code_major_prefix(struct str major);

/* Appends dir/name. */
void code_in_dir(struct str dir, const char *name, struct buf *out);

/* Appends what the module's tags begin with: "dir/", or "". */
void code_tag_prefix(const struct code *c, struct buf *out);

/* revToRev: appends the tag or commit that a version lies at. */
void code_rev_of(const struct code *c, struct str v, struct buf *out);

/* --- files --- */

/* The file's bytes are appended. 1; 0: it is not there. */
int code_read_file(struct code *c, const struct vcs_rev *rev, struct str path, struct buf *out,
		   struct err *err) WARN_UNUSED;
int code_has_file(struct code *c, const struct vcs_rev *rev, struct str path,
		  struct err *err) WARN_UNUSED;

/* The folder of a version's go.mod, and that file if there is one. */
struct code_place {
	const struct vcs_rev *rev;
	struct buf dir;
	struct buf gomod;
	bool has_gomod;
};

#define CODE_PLACE() ((struct code_place){ NULL, BUF(MAX_URI), BUF(MAX_SMALL_FILE + 1), false })

void code_place_release(struct code_place *p);

/* findDir. -1 with FAULT_NOT_FOUND when the module cannot be there. */
int code_find_dir(struct code *c, struct str version, struct code_place *p,
		  struct err *err) WARN_UNUSED;

/* The go.mod of a module that has none, appended. */
void code_legacy_gomod(const struct code *c, struct buf *out);

/* --- retractions --- */

/* retractedVersions: those that the highest version's go.mod names. A failure
 * means none, unless it is of our own. */
int code_load_retracted(struct code *c, struct err *err) WARN_UNUSED;
bool code_is_retracted(const struct code *c, struct str v);

/* --- conversion --- */

/* From a revision to the version that it is; asked: the version or name that found
 * it, "" for none. */
int code_convert(struct code *c, const struct vcs_rev *rev, struct str asked,
		 struct code_info *ret, struct err *err) WARN_UNUSED;

#endif
