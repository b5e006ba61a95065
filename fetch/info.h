/* fetch/info.h: .info files, @latest and the answers to queries: JSON.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FETCH_INFO_H
#define FETCH_INFO_H

#include <time.h>

#include "base/buf.h"
#include "base/limits.h"

struct err;

struct info {
	struct buf version;
	bool has_time;
	time_t time;
};

#define INFO() ((struct info){ BUF(MAX_URI), false, 0 })

void info_release(struct info *i);

/* Reads what the go command reads of it: Version, and Time in RFC 3339 when it
 * is there; names in any case, others ignored. -1 (FAULT_UPSTREAM, "body: ...")
 * for what is not such an object. */
int info_parse(struct str json, struct info *ret, struct err *err) WARN_UNUSED;

/* The answer is about the version that was asked for. */
int info_expect(const struct info *i, struct str version, struct err *err) WARN_UNUSED;

/* The answer to a query names a version that can be of the module: canonical,
 * with a major that fits the path. */
int info_expect_canonical(const struct info *i, struct str path, struct err *err) WARN_UNUSED;

#endif
