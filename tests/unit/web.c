/* tests/unit/web.c: a web server that answers exactly what a test gives it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/io.h"
#include "tests/unit/web.h"

#include "base/banned.h"

/* The value of a header, "-" when it is not there. */
static struct str header(struct str head, struct str name)
{
	ptrdiff_t at = str_find(head, name);

	if (at < 0)
		return STR("-");
	struct str rest = str_from(head, (size_t)at + name.n);
	ptrdiff_t end = str_chr(rest, '\r');
	return str_trim(str_head(rest, end < 0 ? rest.n : (size_t)end));
}

static const struct web_reply *choose(struct web *w, struct str path)
{
	static const struct web_reply unknown = { "", WEB_STATUS("404 Not Found"), 0 };

	for (size_t i = 0; w->replies[i].path; i++) {
		const struct web_reply *r = &w->replies[i];
		if (!str_eqz(path, r->path) || (r->times && w->used[i] >= r->times))
			continue;
		w->used[i]++;
		return r;
	}
	return &unknown;
}

static void wait_for_end(int fd)
{
	char c;

	while (read(fd, &c, 1) > 0)
		;
}

static void serve(struct web *w, int fd)
{
	CLEANUP(buf_release) struct buf head = BUF(16384);
	char block[2048];

	while (str_find(buf_view(&head), STR("\r\n\r\n")) < 0) {
		ssize_t got = read(fd, block, sizeof(block));
		if (got <= 0)
			return;
		buf_add(&head, block, (size_t)got);
	}
	struct str rest = buf_view(&head);
	struct str path;
	str_cut(&rest, ' ', &path);
	str_cut(&rest, ' ', &path);
	struct str auth = header(rest, STR("Authorization:"));
	buf_printf(&w->seen, "%.*s %.*s\n", STR_ARG(path), STR_ARG(auth));
	const struct web_reply *r = choose(w, path);
	if (r->bytes && !r->bytes[0])
		wait_for_end(fd);
	if (r->bytes && io_write_all(fd, r->bytes, strlen(r->bytes)) == 0) {
		if (r->times != WEB_HELD_OPEN)
			shutdown(fd, SHUT_WR);
		wait_for_end(fd);
	}
}

static void *loop(void *ctx)
{
	struct web *w = ctx;

	for (;;) {
		struct pollfd fds[2] = { { .fd = w->stop[0], .events = POLLIN },
					 { .fd = w->listener, .events = POLLIN } };
		if (poll(fds, 2, -1) < 0 || fds[0].revents)
			return NULL;
		int fd = accept(w->listener, NULL, NULL);
		if (fd < 0)
			continue;
		serve(w, fd);
		close(fd);
	}
}

void web_start(struct web *w, const struct web_reply *replies)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t n = sizeof(at);

	*w = (struct web){ .replies = replies, .seen = BUF(65536) };
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	w->listener = socket(AF_INET, SOCK_STREAM, 0);
	ck_assert_int_ge(w->listener, 0);
	ck_assert_int_eq(bind(w->listener, (struct sockaddr *)&at, sizeof(at)), 0);
	ck_assert_int_eq(listen(w->listener, 16), 0);
	ck_assert_int_eq(getsockname(w->listener, (struct sockaddr *)&at, &n), 0);
	w->port = ntohs(at.sin_port);
	ck_assert_int_eq(pipe(w->stop), 0);
	ck_assert_int_eq(pthread_create(&w->thread, NULL, loop, w), 0);
}

void web_stop(struct web *w)
{
	if (w->listener < 0)
		return;
	close(w->stop[1]);
	pthread_join(w->thread, NULL);
	close(w->stop[0]);
	fd_close(&w->listener);
}
