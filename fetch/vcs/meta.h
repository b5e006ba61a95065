/* fetch/vcs/meta.h: the go-import tags of a page.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FETCH_VCS_META_H
#define FETCH_VCS_META_H

#include "base/buf.h"

/* The content of one <meta name="go-import">, in its fields: views into it. */
struct meta_import {
	struct str prefix;
	struct str vcs;
	struct str url;
	struct str subdir;	/* "" when there are three fields */
};

#define META_MAX 64	/* of a page; more are not looked at */

struct meta {
	struct meta_import v[META_MAX];
	size_t n;
	struct buf text;	/* what the views point into */
};

#define META(max) ((struct meta){ .n = 0, .text = BUF(max) })

void meta_release(struct meta *m);

/* Reads HTML, leniently: names in any case, quotes or none, anything else skipped;
 * up to <body> or </head>. Entries whose field vcs is "mod" come first, and take the
 * place of others with their prefix. m->text must have room for the page. */
void meta_read(struct str page, struct meta *m);

/* The one entry for the path. 1; 0: none; -1: several. */
int meta_match(const struct meta *m, struct str path, const struct meta_import **ret);

#endif
