/* http/request.h: one request, from CGI variables.
 *
 * Only REQUEST_URI says what was asked: it is the one variable that holds the
 * client's own bytes behind every web server (PATH_INFO and SCRIPT_NAME are
 * decoded, merged or split differently by each). It is decoded once.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HTTP_REQUEST_H
#define HTTP_REQUEST_H

#include "base/buf.h"
#include "base/limits.h"

struct err;

enum method { METHOD_GET, METHOD_HEAD, METHOD_OTHER };

struct request {
	enum method method;
	struct buf path;		/* decoded, below the mount prefix, begins with '/' */
	struct str if_none_match;	/* borrowed from the variables; empty: absent */
	struct str if_modified_since;
	struct str range;
	struct str if_range;
	struct str remote_addr;
};

#define REQUEST() ((struct request){ .method = METHOD_OTHER, .path = BUF(MAX_URI) })

/* The value of a CGI variable, or NULL. */
typedef const char *request_var_fn(void *ctx, const char *name);

/* Fills rq, reusing its buffer. `prefix` is the setting: "auto", "" or "/" for
 * none, or the mount point. -1 with FAULT_BAD_REQUEST for a URI that is not
 * clean: bad or double-meaning escapes (%2F, %00), empty, "." and ".."
 * segments, control bytes, no leading slash, too long; with FAULT_NOT_FOUND
 * for one that is not below the prefix. */
int request_parse(struct request *rq, request_var_fn *var, void *ctx, const char *prefix,
		  struct err *err) WARN_UNUSED;

/* The URI's part of that, for tests: appends the decoded path. */
int request_path(struct str uri, struct buf *path, struct err *err) WARN_UNUSED;

void request_release(struct request *rq);

#endif
