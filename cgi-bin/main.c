/* cgi-bin/main.c: one request from the environment, then the end.
 *
 * Under CGI the command line is never read: a web server may put a client's
 * query string there (RFC 3875 4.4).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/io.h"
#include "base/log.h"
#include "serve/miss.h"
#include "serve/respond.h"

#include "base/banned.h"

extern char **environ;

static const char usage[] =
	"Usage: stoa.cgi [--help | --version]\n"
	"A web server runs stoa.cgi as a CGI program; see stoa.cgi(8).\n"
	"Settings come from stoa.conf(5) and STOA_* variables.\n";

static int by_hand(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		puts("stoa.cgi " PACKAGE_VERSION);
		return 0;
	}
	if (argc == 2 && strcmp(argv[1], "--help") == 0) {
		fputs(usage, stdout);
		return 0;
	}
	fputs(usage, stderr);
	return EX_USAGE;
}

static const char *cgi_var(void *ctx, const char *name)
{
	(void)ctx;
	return getenv(name);
}

static int cgi_write(void *ctx, const void *p, size_t n)
{
	(void)ctx;
	return io_write_all(STDOUT_FILENO, p, n);
}

static int cgi_send(void *ctx, int fd, off_t off, off_t len)
{
	static char block[65536];
	struct sink sink = { cgi_write, NULL, ctx };

	return sink_copy(&sink, fd, off, len, block, sizeof(block));
}

/* One request makes at most one refresh; it waits until the client has its
 * answer. */
static struct job *later;

static void keep_for_later(struct server *sv, struct job *job)
{
	(void)sv;
	later = job;
}

static int send_reply(const struct worker *w)
{
	struct sink sink = { cgi_write, cgi_send, NULL };

	return reply_send(&w->rp, &sink) < 0 ? EX_IOERR : 0;
}

int main(int argc, char **argv)
{
	struct server sv;
	struct worker w;

	if (!getenv("GATEWAY_INTERFACE"))
		return by_hand(argc, argv);
	signal(SIGPIPE, SIG_IGN);
	log_init("stoa.cgi", LOG_LEVEL_INFO);
	trace_init(getenv("STOA_TRACE"));
	io_strike("stoa.cgi", getenv("STOA_TEST_FAIL"));
	worker_init(&w);
	if (server_init(&sv, NULL, environ, true, &w.err) < 0) {
		log_text(LOG_LEVEL_ERROR, "%s", w.err.text.p);
		respond_error(&w, FAULT_LOCAL,
			      "the server's configuration has an error; see its error log");
		int rc = send_reply(&w);
		worker_release(&w);
		return rc;
	}
	sv.background = keep_for_later;
	respond(&sv, &w, cgi_var, NULL);
	int rc = send_reply(&w);
	if (later) {
		close(STDOUT_FILENO); /* the web server need not wait for what follows */
		miss_refresh_detached(later);
	}
	worker_release(&w);
	server_release(&sv);
	return rc;
}
