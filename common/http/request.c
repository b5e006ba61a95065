/* http/request.c: one request, from CGI variables.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "base/err.h"
#include "base/parse.h"
#include "http/request.h"

#include "base/banned.h"

/* "http://host/path" (RFC 9112 3.2.2) becomes "/path". */
static struct str strip_authority(struct str uri)
{
	ptrdiff_t scheme = str_find(str_head(uri, 8), STR("://"));

	if (uri.n == 0 || uri.p[0] == '/' || scheme < 0)
		return uri;
	struct str rest = str_from(uri, (size_t)scheme + 3);
	ptrdiff_t slash = str_chr(rest, '/');
	return slash < 0 ? STR("/") : str_from(rest, (size_t)slash);
}

/* One byte may stand for itself or, behind a %, for another: a slash or a NUL
 * that comes out of an escape would mean two things to two programs. */
static int decode(struct str uri, struct buf *path, struct err *err)
{
	for (size_t i = 0; i + 2 < uri.n; i++) {
		if (uri.p[i] != '%')
			continue;
		struct str esc = str_head(str_from(uri, i + 1), 2);
		if (str_caseeq(esc, STR("2f")))
			return err_set(err, FAULT_BAD_REQUEST,
				       "the path has an encoded slash (%%2F)");
		if (str_eq(esc, STR("00")))
			return err_set(err, FAULT_BAD_REQUEST,
				       "the path has an encoded NUL (%%00)");
	}
	if (parse_percent(uri, path) < 0)
		return err_set(err, FAULT_BAD_REQUEST, "the path has a bad percent escape");
	if (buf_ok(path, "the path", err) < 0)
		return -1;
	for (size_t i = 0; i < path->n; i++) {
		unsigned char c = (unsigned char)path->p[i];
		if (c < ' ' || c == 0x7f)
			return err_set(err, FAULT_BAD_REQUEST, "the path has a control byte");
	}
	return 0;
}

static int check_segments(struct str path, struct err *err)
{
	struct str rest = str_from(path, 1);
	struct str seg;

	if (rest.n == 0) /* the root itself */
		return 0;
	while (str_cut(&rest, '/', &seg)) {
		if (seg.n == 0 && rest.p)
			return err_set(err, FAULT_BAD_REQUEST, "the path has an empty segment");
		if (str_eq(seg, STR(".")) || str_eq(seg, STR("..")))
			return err_set(err, FAULT_BAD_REQUEST, "the path has a dot segment");
	}
	return 0;
}

int request_path(struct str uri, struct buf *path, struct err *err)
{
	uri = strip_authority(uri);
	ptrdiff_t query = str_chr(uri, '?');
	if (query >= 0)
		uri = str_head(uri, (size_t)query);
	if (uri.n > MAX_URI)
		return err_set(err, FAULT_BAD_REQUEST, "the path is longer than %d bytes", MAX_URI);
	if (uri.n == 0 || uri.p[0] != '/')
		return err_set(err, FAULT_BAD_REQUEST, "the path does not begin with a slash");
	if (decode(uri, path, err) < 0)
		return -1;
	return check_segments(buf_view(path), err);
}

/* Takes the mount point off the front of the path. */
static bool strip_prefix(struct buf *path, struct str prefix)
{
	if (prefix.n == 0 || str_eq(prefix, STR("/")))
		return true;
	if (!str_starts(buf_view(path), prefix) ||
	    (path->n > prefix.n && path->p[prefix.n] != '/'))
		return false;
	if (path->n == prefix.n) {
		buf_reset(path);
		buf_putc(path, '/');
		return true;
	}
	memmove(path->p, path->p + prefix.n, path->n - prefix.n + 1);
	path->n -= prefix.n;
	return true;
}

static int mount(struct request *rq, const char *prefix, const char *script, struct err *err)
{
	if (strcmp(prefix, "auto") == 0) {
		/* A server that rewrites to us names a script that the client did not
		 * ask for; then nothing is taken off. */
		(void)strip_prefix(&rq->path, str_of(script));
	} else if (!strip_prefix(&rq->path, str_of(prefix))) {
		return err_set(err, FAULT_NOT_FOUND, "nothing is served outside %s", prefix);
	}
	if (rq->path.n > 1 && rq->path.p[rq->path.n - 1] == '/')
		return err_set(err, FAULT_BAD_REQUEST, "the path ends with a slash");
	return 0;
}

static enum method parse_method(const char *name)
{
	if (name && strcmp(name, "GET") == 0)
		return METHOD_GET;
	if (name && strcmp(name, "HEAD") == 0)
		return METHOD_HEAD;
	return METHOD_OTHER;
}

int request_parse(struct request *rq, request_var_fn *var, void *ctx, const char *prefix,
		  struct err *err)
{
	rq->method = parse_method(var(ctx, "REQUEST_METHOD"));
	rq->if_none_match = str_of(var(ctx, "HTTP_IF_NONE_MATCH"));
	rq->if_modified_since = str_of(var(ctx, "HTTP_IF_MODIFIED_SINCE"));
	rq->range = str_of(var(ctx, "HTTP_RANGE"));
	rq->if_range = str_of(var(ctx, "HTTP_IF_RANGE"));
	rq->remote_addr = str_of(var(ctx, "REMOTE_ADDR"));
	buf_reset(&rq->path);
	const char *uri = var(ctx, "REQUEST_URI");
	if (!uri)
		return err_set(err, FAULT_BAD_REQUEST, "the web server passed no REQUEST_URI");
	if (rq->method == METHOD_OTHER)
		return err_set(err, FAULT_METHOD, "only GET and HEAD are answered");
	if (request_path(str_of(uri), &rq->path, err) < 0)
		return -1;
	return mount(rq, prefix, var(ctx, "SCRIPT_NAME"), err);
}

void request_release(struct request *rq)
{
	buf_release(&rq->path);
}
