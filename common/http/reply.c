/* http/reply.c: one reply, in the form that CGI and FastCGI share.
 *
 * The entity tag is the file's time in nanoseconds and its size: files are
 * given their names whole and are never written again, so two contents of one
 * name differ in it, and no content has to be read to make it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "base/err.h"
#include "base/io.h"
#include "base/parse.h"
#include "http/cond.h"
#include "http/reply.h"
#include "http/request.h"

#include "base/banned.h"

/* Of a module's name in an error, however long the reason is. */
#define LEAST_SHOWN 100

void reply_reset(struct reply *rp)
{
	fd_close(&rp->fd);
	buf_reset(&rp->head);
	buf_reset(&rp->body);
	rp->status = 0;
	rp->head_only = false;
	rp->off = 0;
	rp->len = 0;
}

void reply_release(struct reply *rp)
{
	fd_close(&rp->fd);
	buf_release(&rp->head);
	buf_release(&rp->body);
}

static void begin(struct reply *rp, const struct request *rq, int status, const char *reason)
{
	reply_reset(rp);
	rp->status = status;
	rp->head_only = rq->method == METHOD_HEAD;
	buf_puts(&rp->head, "Status: ");
	buf_u64(&rp->head, (uint64_t)status);
	buf_putc(&rp->head, ' ');
	buf_puts(&rp->head, reason);
	buf_puts(&rp->head, "\r\n");
}

static void header(struct reply *rp, const char *name, struct str value)
{
	buf_puts(&rp->head, name);
	buf_puts(&rp->head, ": ");
	buf_str(&rp->head, value);
	buf_puts(&rp->head, "\r\n");
}

static void header_length(struct reply *rp, off_t n)
{
	buf_puts(&rp->head, "Content-Length: ");
	buf_u64(&rp->head, (uint64_t)n);
	buf_puts(&rp->head, "\r\n");
}

void reply_text(struct reply *rp, const struct request *rq, const char *type, struct str text)
{
	begin(rp, rq, 200, "OK");
	header(rp, "Content-Type", str_of(type));
	header(rp, "Cache-Control", STR("no-cache"));
	header_length(rp, (off_t)text.n);
	buf_str(&rp->body, text);
}

static void validators(struct reply *rp, const struct reply_file *f, struct str etag)
{
	header(rp, "ETag", etag);
	buf_puts(&rp->head, "Last-Modified: ");
	format_http_date(&rp->head, f->mtime.tv_sec);
	buf_puts(&rp->head, "\r\n");
	header(rp, "Cache-Control", f->cache_control);
}

static void make_etag(struct buf *tag, const struct reply_file *f)
{
	buf_putc(tag, '"');
	buf_hex(tag, (uint64_t)f->mtime.tv_sec, 1);
	buf_hex(tag, (uint64_t)f->mtime.tv_nsec, 9);
	buf_putc(tag, '-');
	buf_hex(tag, (uint64_t)f->size, 1);
	buf_putc(tag, '"');
}

static void not_modified(struct reply *rp, const struct request *rq, const struct reply_file *f,
			 struct str etag)
{
	int fd = f->fd;

	begin(rp, rq, 304, "Not Modified");
	validators(rp, f, etag);
	fd_close(&fd);
}

static void unsatisfiable(struct reply *rp, const struct request *rq, const struct reply_file *f)
{
	static const char text[] = "range not satisfiable\n";
	int fd = f->fd;

	begin(rp, rq, 416, "Range Not Satisfiable");
	buf_printf(&rp->head, "Content-Range: bytes */%lld\r\n", (long long)f->size);
	header(rp, "Content-Type", STR("text/plain; charset=utf-8"));
	header_length(rp, (off_t)sizeof(text) - 1);
	buf_puts(&rp->body, text);
	fd_close(&fd);
}

void reply_file(struct reply *rp, const struct request *rq, const struct reply_file *f)
{
	CLEANUP(buf_release) struct buf tag = BUF(64);
	enum range range = RANGE_WHOLE;
	off_t off = 0;
	off_t len = f->size;

	make_etag(&tag, f);
	struct str etag = buf_view(&tag);
	if (cond_not_modified(rq, etag, f->mtime.tv_sec)) {
		not_modified(rp, rq, f, etag);
		return;
	}
	/* Range is defined for GET only (RFC 9110 14.2). */
	if (rq->range.n && rq->method == METHOD_GET &&
	    cond_range_applies(rq, etag, f->mtime.tv_sec))
		range = range_parse(rq->range, f->size, &off, &len);
	if (range == RANGE_UNSATISFIABLE) {
		unsatisfiable(rp, rq, f);
		return;
	}
	begin(rp, rq, range == RANGE_PART ? 206 : 200,
	      range == RANGE_PART ? "Partial Content" : "OK");
	header(rp, "Content-Type", str_of(f->type));
	header_length(rp, len);
	if (range == RANGE_PART)
		buf_printf(&rp->head, "Content-Range: bytes %lld-%lld/%lld\r\n", (long long)off,
			   (long long)(off + len - 1), (long long)f->size);
	header(rp, "Accept-Ranges", STR("bytes"));
	validators(rp, f, etag);
	rp->fd = f->fd;
	rp->off = off;
	rp->len = len;
}

void reply_hand_off(struct reply *rp, const struct request *rq, const struct reply_file *f,
		    const char *name, struct str value)
{
	int fd = f->fd;

	begin(rp, rq, 200, "OK");
	header(rp, "Content-Type", str_of(f->type));
	header(rp, "Cache-Control", f->cache_control);
	header(rp, name, value);
	fd_close(&fd);
}

/* The go command shows a text only when all of it is printable, and stops at
 * an empty line (cmd/go/internal/web). */
static void add_printable(struct buf *b, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (c == '\n') {
			if (b->n && b->p[b->n - 1] != '\n')
				buf_putc(b, '\n');
		} else {
			buf_putc(b, c < ' ' || c >= 0x7f ? '?' : (char)c);
		}
	}
}

/* The label, what it is about and why. The go command shows no line that takes it
 * past 648 bytes, so a long module's name is cut, and the reason only when it fills
 * that alone. */
static void error_text(struct buf *b, const struct fault_row *row, struct str what, struct str why)
{
	for (const char *p = row->label; *p; p++)
		buf_putc(b, *p == '_' ? ' ' : *p);
	buf_puts(b, ": ");
	size_t room = MAX_ERRTEXT - b->n;
	if (what.n) {
		size_t left = room > why.n + 2 + LEAST_SHOWN ? room - why.n - 2 : LEAST_SHOWN;
		struct str shown = str_head(what, left);
		add_printable(b, shown);
		if (shown.n < what.n)
			memcpy(b->p + b->n - 3, "...", 3);
		buf_puts(b, ": ");
		room -= shown.n + 2;
	}
	add_printable(b, str_head(why, room));
	buf_putc(b, '\n');
}

void reply_error(struct reply *rp, const struct request *rq, struct str what,
		 const struct err *why)
{
	const struct fault_row *row = fault_row(why->fault);
	int retry = why->retry_after > 0 ? why->retry_after : row->retry_after;

	begin(rp, rq, row->status, row->reason);
	error_text(&rp->body, row, what, buf_view(&why->text));
	header(rp, "Content-Type", STR("text/plain; charset=utf-8"));
	header(rp, "X-Content-Type-Options", STR("nosniff"));
	header(rp, "Cache-Control", STR("no-cache"));
	if (why->fault == FAULT_METHOD)
		header(rp, "Allow", STR("GET, HEAD"));
	if (retry)
		buf_printf(&rp->head, "Retry-After: %d\r\n", retry);
	header_length(rp, (off_t)rp->body.n);
}

int sink_copy(const struct sink *sink, int fd, off_t off, off_t len, void *block, size_t size)
{
	while (len > 0) {
		size_t want = len < (off_t)size ? (size_t)len : size;
		ssize_t got = io_pread(fd, block, want, off);
		if (got <= 0)
			return -1; /* shorter than it was: the peer sees a cut body */
		if (sink->write(sink->ctx, block, (size_t)got) < 0)
			return -1;
		off += got;
		len -= got;
	}
	return 0;
}

int reply_send(const struct reply *rp, const struct sink *sink)
{
	if (sink->write(sink->ctx, rp->head.p, rp->head.n) < 0 ||
	    sink->write(sink->ctx, "\r\n", 2) < 0)
		return -1;
	if (rp->head_only)
		return 0;
	if (rp->fd >= 0)
		return sink->send(sink->ctx, rp->fd, rp->off, rp->len);
	return rp->body.n ? sink->write(sink->ctx, rp->body.p, rp->body.n) : 0;
}
