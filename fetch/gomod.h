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

#endif
