/* fetch/merge.h: version lists.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FETCH_MERGE_H
#define FETCH_MERGE_H

#include "base/buf.h"

/* A set of versions that a list of this module may name: valid, canonical, of
 * the path's major, no pseudo-versions. */
struct versions {
	char **v;
	size_t n;
	size_t room;
	struct str major;	/* of the path: "/v2"; a view into it */
	bool pseudo_seen;	/* a pseudo-version was offered */
};

/* The path must live as long as the set. */
void versions_init(struct versions *vs, struct str path);
void versions_release(struct versions *vs);

/* Takes v if it may be in a list. */
void versions_offer(struct versions *vs, struct str v);

/* Takes the first field of each line, as the go command reads @v/list. */
void versions_offer_list(struct versions *vs, struct str text);

/* Appends them, each once, in semver order, one a line. */
void versions_text(struct versions *vs, struct buf *out);

#endif
