/* tests/unit/test_reply.c
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/err.h"
#include "http/reply.h"
#include "http/request.h"
#include "tests/unit/unit.h"

#include "base/banned.h"

static int to_buf(void *ctx, const void *p, size_t n)
{
	buf_add(ctx, p, n);
	return 0;
}

static int send_to_buf(void *ctx, int fd, off_t off, off_t len)
{
	struct sink sink = { to_buf, NULL, ctx };
	char block[3]; /* small, so that a body takes several */

	return sink_copy(&sink, fd, off, len, block, sizeof(block));
}

static void sent(const struct reply *rp, struct buf *out)
{
	struct sink sink = { to_buf, send_to_buf, out };

	ck_assert_int_eq(reply_send(rp, &sink), 0);
}

#define expect_in(b, text) \
	ck_assert_msg(str_find(buf_view(b), STR(text)) >= 0, "no \"%s\" in:\n%s", text, (b)->p)
#define expect_not_in(b, text) \
	ck_assert_msg(str_find(buf_view(b), STR(text)) < 0, "\"%s\" in:\n%s", text, (b)->p)

/* Sends the ten bytes 0123456789 with the request's headers. */
static void send_file(struct request *rq, struct buf *out)
{
	CLEANUP(reply_release) struct reply rp = REPLY();
	int dir = unit_folder();

	unit_write(dir, "f", "0123456789");
	struct reply_file f = { .fd = openat(dir, "f", O_RDONLY | O_CLOEXEC), .size = 10,
				.mtime = { .tv_sec = 784111777, .tv_nsec = 5 },
				.type = "application/zip",
				.cache_control = STR("public, max-age=31536000, immutable") };
	reply_file(&rp, rq, &f);
	sent(&rp, out);
}

#define FILE_ETAG "\"2ebc98a1000000005-a\""

START_TEST(file_is_sent_whole)
{
	CLEANUP(buf_release) struct buf out = BUF(4096);
	struct request rq = REQUEST();

	rq.method = METHOD_GET;
	send_file(&rq, &out);
	expect_in(&out, "Status: 200 OK\r\n");
	expect_in(&out, "Content-Type: application/zip\r\n");
	expect_in(&out, "Content-Length: 10\r\n");
	expect_in(&out, "Accept-Ranges: bytes\r\n");
	expect_in(&out, "ETag: " FILE_ETAG "\r\n");
	expect_in(&out, "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
	expect_in(&out, "Cache-Control: public, max-age=31536000, immutable\r\n");
	expect_in(&out, "\r\n\r\n0123456789");
}
END_TEST

START_TEST(head_has_the_length_and_no_body)
{
	CLEANUP(buf_release) struct buf out = BUF(4096);
	struct request rq = REQUEST();

	rq.method = METHOD_HEAD;
	rq.range = STR("bytes=1-2"); /* defined for GET only */
	send_file(&rq, &out);
	expect_in(&out, "Status: 200 OK\r\n");
	expect_in(&out, "Content-Length: 10\r\n");
	ck_assert(str_ends(buf_view(&out), STR("\r\n\r\n")));
}
END_TEST

START_TEST(range_is_sent_as_206)
{
	CLEANUP(buf_release) struct buf out = BUF(4096);
	struct request rq = REQUEST();

	rq.method = METHOD_GET;
	rq.range = STR("bytes=2-5");
	send_file(&rq, &out);
	expect_in(&out, "Status: 206 Partial Content\r\n");
	expect_in(&out, "Content-Range: bytes 2-5/10\r\n");
	expect_in(&out, "Content-Length: 4\r\n");
	ck_assert(str_ends(buf_view(&out), STR("\r\n\r\n2345")));
}
END_TEST

START_TEST(range_outside_the_file_is_416)
{
	CLEANUP(buf_release) struct buf out = BUF(4096);
	struct request rq = REQUEST();

	rq.method = METHOD_GET;
	rq.range = STR("bytes=10-");
	send_file(&rq, &out);
	expect_in(&out, "Status: 416 ");
	expect_in(&out, "Content-Range: bytes */10\r\n");
	expect_not_in(&out, "0123456789");
}
END_TEST

START_TEST(unchanged_file_is_304_without_a_body)
{
	CLEANUP(buf_release) struct buf out = BUF(4096);
	struct request rq = REQUEST();

	rq.method = METHOD_GET;
	rq.if_none_match = STR(FILE_ETAG);
	rq.range = STR("bytes=0-1"); /* the condition comes first */
	send_file(&rq, &out);
	expect_in(&out, "Status: 304 Not Modified\r\n");
	expect_in(&out, "ETag: " FILE_ETAG "\r\n");
	expect_not_in(&out, "Content-Length");
	ck_assert(str_ends(buf_view(&out), STR("\r\n\r\n")));
}
END_TEST

START_TEST(file_that_shrank_is_an_error_for_the_transport)
{
	CLEANUP(buf_release) struct buf out = BUF(4096);
	CLEANUP(reply_release) struct reply rp = REPLY();
	struct request rq = REQUEST();
	int dir = unit_folder();
	struct sink sink = { to_buf, send_to_buf, &out };

	unit_write(dir, "f", "01234");
	rq.method = METHOD_GET;
	struct reply_file f = { .fd = openat(dir, "f", O_RDONLY | O_CLOEXEC), .size = 10,
				.type = "application/zip", .cache_control = STR("no-cache") };
	reply_file(&rp, &rq, &f);
	ck_assert_int_lt(reply_send(&rp, &sink), 0);
}
END_TEST

START_TEST(error_says_fault_what_and_why)
{
	CLEANUP(buf_release) struct buf out = BUF(4096);
	CLEANUP(reply_release) struct reply rp = REPLY();
	CLEANUP(err_release) struct err err = ERR();
	struct request rq = REQUEST();

	rq.method = METHOD_GET;
	err_set(&err, FAULT_NOT_FOUND, "https://up.example: http: 404 Not Found\n\nbell \a");
	reply_error(&rp, &rq, STR("example.com/m@v1.0.0"), &err);
	sent(&rp, &out);
	expect_in(&out, "Status: 404 Not Found\r\n");
	expect_in(&out, "Content-Type: text/plain; charset=utf-8\r\n");
	ck_assert(str_ends(buf_view(&out), STR("\r\n\r\nnot found: example.com/m@v1.0.0: "
					       "https://up.example: http: 404 Not Found\n"
					       "bell ?\n")));
}
END_TEST

static const struct {
	enum fault fault;
	int asked;
	const char *header;
} retries[] = {
	{ FAULT_BUSY, 0, "Retry-After: 2\r\n" },
	{ FAULT_RATE_LIMITED, 7, "Retry-After: 7\r\n" },
	{ FAULT_UPSTREAM, 9, "Retry-After: 9\r\n" },
	{ FAULT_METHOD, 0, "Allow: GET, HEAD\r\n" },
};

static const struct {
	size_t what;
	size_t why;
	size_t what_shown;
	size_t why_shown;
} lengths[] = {
	{ 10, 600, 10, 600 },
	{ 300, 300, 300, 300 },
	{ 600, 300, 327, 300 },	/* a long module's name is cut before the reason */
	{ 300, 500, 127, 500 },
	{ 600, 640, 100, 527 },
	{ 0, 640, 0, 629 },
};

/* The go command shows nothing of a line that passes 648 bytes. */
START_TEST(error_is_short_enough_to_be_shown)
{
	CLEANUP(buf_release) struct buf what = BUF(1000);
	CLEANUP(err_release) struct err err = ERR();
	CLEANUP(buf_release) struct buf why = BUF(1000);
	CLEANUP(reply_release) struct reply rp = REPLY();
	struct request rq = REQUEST();
	size_t n_what = 0;
	size_t n_why = 0;

	for (size_t i = 0; i < lengths[_i].what; i++)
		buf_putc(&what, 'W');
	for (size_t i = 0; i < lengths[_i].why; i++)
		buf_putc(&why, 'y');
	err_set(&err, FAULT_NOT_FOUND, "%s", why.p);
	reply_error(&rp, &rq, buf_view(&what), &err);
	ck_assert_int_le(rp.body.n, 648);
	for (size_t i = 0; i < rp.body.n; i++) {
		n_what += rp.body.p[i] == 'W';
		n_why += rp.body.p[i] == 'y';
	}
	size_t dots = lengths[_i].what_shown < lengths[_i].what ? 3 : 0;
	ck_assert_int_eq(n_what, lengths[_i].what_shown - dots);
	ck_assert_int_eq(n_why, lengths[_i].why_shown);
}
END_TEST

START_TEST(error_has_the_header_of_its_fault)
{
	CLEANUP(buf_release) struct buf out = BUF(4096);
	CLEANUP(reply_release) struct reply rp = REPLY();
	CLEANUP(err_release) struct err err = ERR();
	struct request rq = REQUEST();

	rq.method = METHOD_GET;
	err_set(&err, retries[_i].fault, "x");
	err.retry_after = retries[_i].asked;
	reply_error(&rp, &rq, STR(""), &err);
	sent(&rp, &out);
	ck_assert_msg(str_find(buf_view(&out), str_of(retries[_i].header)) >= 0, "%s", out.p);
}
END_TEST

START_TEST(every_fault_has_a_status_of_an_error)
{
	CLEANUP(reply_release) struct reply rp = REPLY();
	CLEANUP(err_release) struct err err = ERR();
	struct request rq = REQUEST();

	err_set(&err, (enum fault)(_i + 1), "x");
	reply_error(&rp, &rq, STR(""), &err);
	ck_assert_int_ge(rp.status, 400);
	ck_assert_int_lt(rp.status, 600);
}
END_TEST

START_TEST(hand_off_names_the_file_and_has_no_body)
{
	CLEANUP(buf_release) struct buf out = BUF(4096);
	CLEANUP(reply_release) struct reply rp = REPLY();
	struct request rq = REQUEST();
	int dir = unit_folder();

	unit_write(dir, "f", "0123456789");
	rq.method = METHOD_GET;
	struct reply_file f = { .fd = openat(dir, "f", O_RDONLY | O_CLOEXEC), .size = 10,
				.type = "application/zip", .cache_control = STR("no-cache") };
	reply_hand_off(&rp, &rq, &f, "X-Sendfile", STR("/cache/mod/f"));
	sent(&rp, &out);
	expect_in(&out, "Content-Type: application/zip\r\n");
	expect_in(&out, "X-Sendfile: /cache/mod/f\r\n");
	expect_not_in(&out, "Content-Length");
	ck_assert(str_ends(buf_view(&out), STR("\r\n\r\n")));
}
END_TEST

int main(void)
{
	struct unit_test tests[] = {
		UNIT(file_is_sent_whole),
		UNIT(head_has_the_length_and_no_body),
		UNIT(range_is_sent_as_206),
		UNIT(range_outside_the_file_is_416),
		UNIT(unchanged_file_is_304_without_a_body),
		UNIT(file_that_shrank_is_an_error_for_the_transport),
		UNIT(error_says_fault_what_and_why),
		UNIT_EACH(error_is_short_enough_to_be_shown, lengths),
		UNIT_EACH(error_has_the_header_of_its_fault, retries),
		{ every_fault_has_a_status_of_an_error, FAULT_COUNT - 1 },
		UNIT(hand_off_names_the_file_and_has_no_body),
	};

	return unit_run("reply", tests, ARRAY_SIZE(tests));
}
