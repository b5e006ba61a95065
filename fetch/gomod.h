/* fetch/gomod.h: go.mod files, as far as a proxy must read them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FETCH_GOMOD_H
#define FETCH_GOMOD_H

#include "base/buf.h"

struct err;

/* Reads a go.mod by the lexical rules of x/mod/modfile and finds the module
 * directive, whose path is appended. Everything else is left to the go command,
 * which for a dependency's go.mod ignores what it does not know. The path need
 * not be the one that was asked for: a fork that others replace with declares
 * the original's. -1 (FAULT_UPSTREAM, "body: not a go.mod: line N: ..."). */
int gomod_parse(struct str text, struct buf *ret_path, struct err *err) WARN_UNUSED;

/* Calls fn for each requirement, in the file's order. A file that gomod_parse
 * takes; what is malformed is passed over. */
typedef void gomod_require_fn(void *ctx, struct str path, struct str version);
void gomod_requirements(struct str text, gomod_require_fn *fn, void *ctx);

/* The same for what it excludes. */
void gomod_exclusions(struct str text, gomod_require_fn *fn, void *ctx);

/* "replace PATH [VERSION] => NEW_PATH [NEW_VERSION]": without a version it holds for
 * all; without a new one the new path is a folder. "" for what is not said. */
struct gomod_replace {
	struct str path;
	struct str version;
	struct str new_path;
	struct str new_version;
};
typedef void gomod_replace_fn(void *ctx, const struct gomod_replace *r);
void gomod_replacements(struct str text, gomod_replace_fn *fn, void *ctx);

/* Whether the go line is missing or below 1.17: the go command then loads the
 * go.mod files of everything that it requires, transitively. */
bool gomod_is_unpruned(struct str text);

/* modfile.ModulePath, appended: the module path as a quick look finds it, in files
 * that gomod_parse refuses too; nothing when there is none. */
void gomod_quick_path(struct str text, struct buf *out);

/* Calls fn for each retracted interval. -1 when modfile.ParseLax fails for the
 * file: then nothing of it counts. fn may have been called all the same. */
typedef void gomod_retract_fn(void *ctx, struct str low, struct str high);
int gomod_retractions(struct str text, gomod_retract_fn *fn, void *ctx) WARN_UNUSED;

/* Whether the go line says 1.24 or later; false when ParseLax fails. */
bool gomod_is_since_1_24(struct str text);

#endif
