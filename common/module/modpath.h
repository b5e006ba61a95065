/* module/modpath.h: module paths, by the rules of golang.org/x/mod/module.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MODULE_MODPATH_H
#define MODULE_MODPATH_H

#include "base/buf.h"

struct err;

/* module.CheckPath, for module paths. 0, or -1 with FAULT_NOT_FOUND and the rule. */
int modpath_check(struct str path, struct err *err) WARN_UNUSED;

/* module.SplitPathVersion: prefix and path major ("/v2", ".v3", ".v3-unstable",
 * ""), views into path. false when the path's ending is not a legal one. */
bool modpath_split(struct str path, struct str *ret_prefix, struct str *ret_major);

/* module.MatchPathMajor: the version's major fits the path's, as modpath_split
 * gives it. */
bool modpath_major_fits(struct str version, struct str path_major);

/* module.Check, and canonical besides: path legal, version equal to its
 * module.CanonicalVersion, majors fit. */
int modpath_check_version(struct str path, struct str version, struct err *err) WARN_UNUSED;

/* The same for a path that is known to be legal. */
int modpath_version_fits(struct str path, struct str version, struct err *err) WARN_UNUSED;

/* module.CheckFilePath's rule for one element (file names in zips, versions). */
int modpath_check_file_elem(struct str elem, struct err *err) WARN_UNUSED;

/* module.CheckFilePath: a name inside a zip. */
int modpath_check_file(struct str path, struct err *err) WARN_UNUSED;

/* module.EscapePath and EscapeVersion: append the escaped form. Here and below:
 * on failure nothing is appended; FAULT_NOT_FOUND and the rule, or what buf_ok
 * says when out's maximum is too small. */
int modpath_escape(struct str path, struct buf *out, struct err *err) WARN_UNUSED;
int modpath_escape_version(struct str version, struct buf *out, struct err *err) WARN_UNUSED;

/* module.UnescapePath and UnescapeVersion: append the plain form. */
int modpath_unescape(struct str epath, struct buf *out, struct err *err) WARN_UNUSED;
int modpath_unescape_version(struct str eversion, struct buf *out, struct err *err) WARN_UNUSED;

/* For error texts: appends s in double quotes, cut when long, with everything
 * but letters, digits and ASCII punctuation as \xNN. */
void modpath_quote(struct str s, struct buf *out);

/* Puts `what "s": ` before err's text, s quoted as above. Always returns -1. */
int modpath_wrap(struct err *err, const char *what, struct str s);

#endif
