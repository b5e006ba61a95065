/* config/goproxy.h: lists of upstreams by the go command's rules for GOPROXY.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONFIG_GOPROXY_H
#define CONFIG_GOPROXY_H

#include "base/buf.h"

struct err;

enum goproxy_kind { GOPROXY_URL, GOPROXY_DIRECT, GOPROXY_OFF };

struct goproxy_entry {
	enum goproxy_kind kind;
	char *url;		/* for GOPROXY_URL: with scheme, without trailing slash */
	bool after_any;		/* a bar follows: go on after any failure */
};

struct goproxy {
	struct goproxy_entry *entries;
	size_t n;
};

/* Splits on , and |, trims, skips empty entries, ends at direct or off, puts
 * https:// before an entry that has a dot, colon or slash but no scheme and is
 * no absolute path (which becomes file://). Schemes: https, http, file (no
 * host, query or fragment). -1 (FAULT_LOCAL) for anything else and for a list
 * without entries; *ret is untouched then. */
int goproxy_parse(struct str list, struct goproxy *ret, struct err *err) WARN_UNUSED;

/* Appends the list as it could be written, without names and passwords. */
void goproxy_format(const struct goproxy *g, struct buf *out);

void goproxy_release(struct goproxy *g);

#endif
