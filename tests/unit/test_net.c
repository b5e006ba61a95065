/* tests/unit/test_net.c
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/stop.h"
#include "config/config.h"
#include "fetch/body.h"
#include "fetch/net.h"
#include "tests/unit/unit.h"
#include "tests/unit/web.h"

#include "base/banned.h"

/* One request of a process of its own. */
struct asked {
	struct web web;
	struct config *config;
	struct net net;
	struct body body;
	struct net_request r;
	struct buf url;
};

/* How long a body may be; each test has a process of its own. */
static int64_t body_max = 100;

static void begin(struct asked *a, const struct web_reply *replies, const char *before,
		  const char *path)
{
	static char *const env[] = { NULL };
	CLEANUP(err_release) struct err err = ERR();

	web_start(&a->web, replies);
	ck_assert_int_eq(config_load_text("test", "idle_timeout = 1s\nconnect_timeout = 5s\n", env,
					  false, &a->config, &err), 0);
	a->net = NET(config_global(a->config));
	body_init(&a->body, NULL, body_max);
	a->url = BUF(1000);
	buf_printf(&a->url, "http://%s127.0.0.1:%d%s", before, a->web.port, path);
	a->r = NET_REQUEST();
	a->r.url = a->url.p;
	a->r.body = &a->body;
	a->r.deadline_ms = clock_ms() + 10000;
	a->r.compressed = true;
}

static void ask(struct asked *a, const struct web_reply *replies, const char *before,
		const char *path)
{
	begin(a, replies, before, path);
	net_start(&a->net, &a->r);
	net_wait(&a->net, &a->r);
	ck_assert(a->r.done);
	net_release(&a->net);
	web_stop(&a->web);
}

static void asked_release(struct asked *a)
{
	net_request_release(&a->r);
	body_release(&a->body);
	buf_release(&a->url);
	buf_release(&a->web.seen);
	config_free(a->config);
}

static const struct {
	const char *bytes;
	enum fault fault;
	const char *text;	/* begins with this */
} answers[] = {
	{ WEB_OK("hello"), FAULT_NONE, "hello" },
	{ WEB_OK(""), FAULT_NONE, "" },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
	  FAULT_NONE, "hello" },
	{ "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
	  FAULT_NONE, "ok" },
	{ "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello", FAULT_UPSTREAM, "body: " },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe", FAULT_UPSTREAM,
	  "body: " },
	{ "HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\nhello", FAULT_UPSTREAM,
	  "body: larger than 100 bytes" },
	{ "HTTP/1.1 200 OK\r\n\r\n"
	  "12345678901234567890123456789012345678901234567890"
	  "123456789012345678901234567890123456789012345678901", FAULT_UPSTREAM,
	  "body: larger than 100 bytes" },
	{ "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nhello", FAULT_UPSTREAM, "body: " },
	{ WEB_STATUS("404 Whatever"), FAULT_NOT_FOUND, "http: 404 Not Found" },
	{ "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 100\r\n\r\ncut",
	  FAULT_NOT_FOUND, "http: 404 Not Found: cut" },
	{ WEB_STATUS("410 Gone"), FAULT_GONE, "http: 410 Gone" },
	{ WEB_STATUS("204 No Content"), FAULT_UPSTREAM, "http: 204 No Content" },
	{ WEB_STATUS("302 Found"), FAULT_UPSTREAM, "http: 302 Found" },
	{ WEB_STATUS("503 No"), FAULT_UPSTREAM, "http: 503 Service Unavailable" },
	{ "SSH-2.0-OpenSSH\r\n", FAULT_UPSTREAM, "http: " },
	{ "", FAULT_TIMEOUT, "http: " },
};

START_TEST(outcome_follows_the_answer)
{
	const struct web_reply replies[] = { { "/x", answers[_i].bytes, 0 }, { NULL, NULL, 0 } };
	CLEANUP(asked_release) struct asked a;

	ask(&a, replies, "", "/x");
	ck_assert_msg(a.r.err.fault == answers[_i].fault, "%s: %s",
		      fault_row(a.r.err.fault)->label, a.r.err.text.p);
	struct str got = a.r.err.fault ? buf_view(&a.r.err.text) : buf_view(&a.body.text);
	ck_assert_msg(str_starts(got, str_of(answers[_i].text)), "%s", got.p);
}
END_TEST

static const struct {
	const char *bytes;
	const char *text;
} silences[] = {
	{ "", "http: nothing came for 1 s" },
	{ "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello", "body: nothing came for 1 s" },
	{ "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n", "body: nothing came for 1 s" },
};

/* idle_timeout is 1 s here. */
START_TEST(silence_ends_it_in_time)
{
	const struct web_reply replies[] = {
		{ "/x", silences[_i].bytes, WEB_HELD_OPEN }, { NULL, NULL, 0 },
	};
	CLEANUP(asked_release) struct asked a;
	int64_t since = clock_ms();

	ask(&a, replies, "", "/x");
	ck_assert_int_eq(a.r.err.fault, FAULT_TIMEOUT);
	unit_eq(buf_view(&a.r.err.text), str_of(silences[_i].text));
	ck_assert_int_ge(clock_ms() - since, 1000);
	ck_assert_int_lt(clock_ms() - since, 4000);
}
END_TEST

START_TEST(a_dead_connection_is_tried_once_more)
{
	const struct web_reply replies[] = {
		{ "/x", NULL, 1 }, { "/x", WEB_OK("hello"), 0 }, { NULL, NULL, 0 },
	};
	CLEANUP(asked_release) struct asked a;

	ask(&a, replies, "", "/x");
	ck_assert_int_eq(a.r.err.fault, FAULT_NONE);
	unit_eq(buf_view(&a.body.text), STR("hello"));
	unit_eq(buf_view(&a.web.seen), STR("/x -\n/x -\n"));
}
END_TEST

/* What an answer before this one left over on a kept connection. */
START_TEST(stray_bytes_are_not_taken_for_an_answer)
{
	const struct web_reply replies[] = {
		{ "/x", "left over\n", 1 },
		{ "/x", WEB_OK("fine"), 0 },
		{ NULL, NULL, 0 },
	};
	CLEANUP(asked_release) struct asked a;

	ask(&a, replies, "", "/x");
	ck_assert_msg(a.r.err.fault == FAULT_NONE, "%s", a.r.err.text.p);
	unit_eq(buf_view(&a.body.text), STR("fine"));
}
END_TEST

START_TEST(but_not_more_than_once)
{
	const struct web_reply replies[] = { { "/x", NULL, 0 }, { NULL, NULL, 0 } };
	CLEANUP(asked_release) struct asked a;

	ask(&a, replies, "", "/x");
	ck_assert_int_eq(a.r.err.fault, FAULT_UPSTREAM);
	unit_eq(buf_view(&a.web.seen), STR("/x -\n/x -\n"));
}
END_TEST

#define REDIRECT(to) \
	"HTTP/1.1 302 Found\r\nLocation: " to "\r\nContent-Length: 3\r\n" \
	"Connection: close\r\n\r\nold"

START_TEST(redirects_are_followed_without_their_bodies)
{
	const struct web_reply replies[] = {
		{ "/x", REDIRECT("/dir/y"), 0 },
		{ "/dir/y", REDIRECT("z?q=1"), 0 },
		{ "/dir/z?q=1", WEB_OK("hello"), 0 },
		{ NULL, NULL, 0 },
	};
	CLEANUP(asked_release) struct asked a;

	ask(&a, replies, "us%40er:pw@", "/x");
	ck_assert_int_eq(a.r.err.fault, FAULT_NONE);
	unit_eq(buf_view(&a.body.text), STR("hello"));
	/* us@er:pw, to the same origin each time */
	unit_eq(buf_view(&a.web.seen), STR("/x Basic dXNAZXI6cHc=\n"
					   "/dir/y Basic dXNAZXI6cHc=\n"
					   "/dir/z?q=1 Basic dXNAZXI6cHc=\n"));
}
END_TEST

/* Some servers explain a redirect in a page of many kilobytes. */
START_TEST(a_redirect_may_have_a_long_body)
{
	CLEANUP(buf_release) struct buf redirect = BUF(300000);
	CLEANUP(asked_release) struct asked a;

	buf_puts(&redirect, "HTTP/1.1 302 Found\r\nLocation: /y\r\nContent-Length: 200000\r\n"
			    "Connection: close\r\n\r\n");
	for (int i = 0; i < 200000; i++)
		buf_putc(&redirect, 'x');
	const struct web_reply replies[] = {
		{ "/x", redirect.p, 0 }, { "/y", WEB_OK("hello"), 0 }, { NULL, NULL, 0 },
	};
	body_max = 1 << 20;
	ask(&a, replies, "", "/x");
	ck_assert_msg(a.r.err.fault == FAULT_NONE, "%s", a.r.err.text.p);
	unit_eq(buf_view(&a.body.text), STR("hello"));
}
END_TEST

START_TEST(a_circle_of_redirects_ends)
{
	const struct web_reply replies[] = { { "/x", REDIRECT("/x"), 0 }, { NULL, NULL, 0 } };
	CLEANUP(asked_release) struct asked a;

	ask(&a, replies, "", "/x");
	ck_assert_int_eq(a.r.err.fault, FAULT_UPSTREAM);
	unit_eq(buf_view(&a.r.err.text), STR("http: more than 10 redirects"));
}
END_TEST

START_TEST(another_origin_gets_no_credentials)
{
	static struct web other;
	const struct web_reply there[] = { { "/y", WEB_OK("hello"), 0 }, { NULL, NULL, 0 } };
	CLEANUP(buf_release) struct buf redirect = BUF(1000);
	CLEANUP(asked_release) struct asked a;

	web_start(&other, there);
	buf_printf(&redirect, REDIRECT("http://other:secret@127.0.0.1:%d/y"), other.port);
	const struct web_reply replies[] = { { "/x", redirect.p, 0 }, { NULL, NULL, 0 } };
	ask(&a, replies, "user:pw@", "/x");
	web_stop(&other);
	ck_assert_int_eq(a.r.err.fault, FAULT_NONE);
	unit_eq(buf_view(&other.seen), STR("/y -\n"));
	buf_release(&other.seen);
}
END_TEST

/* With and without a thread of the net's own. */
START_TEST(a_request_that_nobody_wants_ends_at_once)
{
	const struct web_reply replies[] = { { "/x", "", 0 }, { NULL, NULL, 0 } };
	CLEANUP(err_release) struct err err = ERR();
	CLEANUP(asked_release) struct asked a;
	int64_t since = clock_ms();

	begin(&a, replies, "", "/x");
	if (_i)
		ck_assert_int_eq(net_run(&a.net, &err), 0);
	net_start(&a.net, &a.r);
	net_cancel(&a.net, &a.r);
	net_wait(&a.net, &a.r);
	ck_assert(a.r.done);
	ck_assert_int_eq(a.r.err.fault, FAULT_BUSY);
	ck_assert_int_lt(clock_ms() - since, 900); /* its idle_timeout is 1 s */
	net_release(&a.net);
	web_stop(&a.web);
}
END_TEST

static int local_listener(int *ret_port)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t n = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	ck_assert_int_eq(listen(fd, 1), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&at, &n), 0);
	*ret_port = ntohs(at.sin_port);
	return fd;
}

/* The request's owner frees what the bytes went to as soon as it has the word. */
START_TEST(after_a_stop_no_byte_arrives_any_more)
{
	static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello";
	static char *const env[] = { NULL };
	CLEANUP(err_release) struct err err = ERR();
	CLEANUP(asked_release) struct asked a = { .url = BUF(1000), .r = NET_REQUEST() };
	char head[4096];
	int port = 0;
	CLEANUP(fd_close) int listener = local_listener(&port);

	ck_assert_int_eq(config_load_text("test", "", env, false, &a.config, &err), 0);
	a.net = NET(config_global(a.config));
	body_init(&a.body, NULL, 100);
	buf_printf(&a.url, "http://127.0.0.1:%d/x", port);
	a.r.url = a.url.p;
	a.r.body = &a.body;
	a.r.deadline_ms = clock_ms() + 10000;
	ck_assert_int_eq(net_run(&a.net, &err), 0);
	net_start(&a.net, &a.r);
	CLEANUP(fd_close) int fd = accept(listener, NULL, NULL);
	ck_assert_int_gt(read(fd, head, sizeof(head)), 0);
	ck_assert_int_eq(io_write_all(fd, answer, sizeof(answer) - 1), 0);
	clock_pause(300); /* they have come, and the thread waits for more */
	stop_request();
	ck_assert_int_eq(io_write_all(fd, "more", 4), 0);
	net_wait(&a.net, &a.r);
	ck_assert_int_eq(a.r.err.fault, FAULT_BUSY);
	unit_eq(buf_view(&a.body.text), STR("hello"));
	clock_pause(100);
	unit_eq(buf_view(&a.body.text), STR("hello"));
	net_release(&a.net);
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		UNIT_EACH(outcome_follows_the_answer, answers),
		UNIT_EACH(silence_ends_it_in_time, silences),
		UNIT(a_dead_connection_is_tried_once_more),
		UNIT(stray_bytes_are_not_taken_for_an_answer),
		UNIT(but_not_more_than_once),
		UNIT(redirects_are_followed_without_their_bodies),
		UNIT(a_redirect_may_have_a_long_body),
		UNIT(a_circle_of_redirects_ends),
		UNIT(another_origin_gets_no_credentials),
		{ a_request_that_nobody_wants_ends_at_once, 2 },
		UNIT(after_a_stop_no_byte_arrives_any_more),
	};
	return unit_run("net", tests, ARRAY_SIZE(tests));
}
