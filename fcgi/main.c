/* fcgi/main.c: the FastCGI responder's command line.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <getopt.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/io.h"
#include "base/log.h"
#include "fcgi/listen.h"
#include "fcgi/pool.h"
#include "serve/server.h"

#include "base/banned.h"

extern char **environ;

static const char usage[] =
	"Usage: stoa.fcgi [--conf FILE] [--socket PATH]\n"
	"Answers the Go module proxy protocol over FastCGI; see stoa.fcgi(8).\n"
	"\n"
#define FCGI_OPTION(id, name, operand, text) "  --" name " " operand "\n\t" text "\n"
#include "base/options.def"
	"\n"
	"The socket that is passed is that of spawn-fcgi, a web server or systemd.\n";

enum option_id {
	OPTION_NONE,	/* getopt's 0 */
#define FCGI_OPTION(id, name, operand, text) OPTION_##id,
#include "base/options.def"
};

struct options {
	const char *conf;
	const char *socket;
};

/* -1 to go on, else the exit status. */
static int parse_options(int argc, char **argv, struct options *o)
{
	static const struct option longs[] = {
#define FCGI_OPTION(id, name, operand, text) \
		{ name, sizeof(operand) > 1 ? required_argument : no_argument, NULL, OPTION_##id },
#include "base/options.def"
		{ NULL, 0, NULL, 0 },
	};

	for (;;) {
		int opt = getopt_long(argc, argv, "", longs, NULL);
		if (opt == -1)
			break;
		if (opt == OPTION_CONF) {
			o->conf = optarg;
		} else if (opt == OPTION_SOCKET) {
			o->socket = optarg;
		} else if (opt == OPTION_HELP) {
			fputs(usage, stdout);
			return 0;
		} else if (opt == OPTION_VERSION) {
			puts("stoa.fcgi " PACKAGE_VERSION);
			return 0;
		} else {
			fputs(usage, stderr);
			return EX_USAGE;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "stoa.fcgi: unexpected operand \"%s\"\n%s", argv[optind], usage);
		return EX_USAGE;
	}
	return -1;
}

static void block_stoppers(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGQUIT);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
}

int main(int argc, char **argv)
{
	CLEANUP(err_release) struct err err = ERR();
	struct options o = { NULL, NULL };
	struct server sv;

	int rc = parse_options(argc, argv, &o);
	if (rc >= 0)
		return rc;
#ifdef HAVE_MALLOPT
	mallopt(M_ARENA_MAX, 2); /* an arena for each thread would hold memory for nothing */
#endif
	log_init("stoa.fcgi", LOG_LEVEL_INFO);
	trace_init(getenv("STOA_TRACE"));
	io_strike("stoa.fcgi", getenv("STOA_TEST_FAIL"));
	block_stoppers();
	if (server_init(&sv, o.conf, environ, false, &err) < 0) {
		log_text(LOG_LEVEL_ERROR, "%s", err.text.p);
		return EX_CONFIG;
	}
	int fd = listen_socket(o.socket, &err);
	if (fd < 0 || pool_run(&sv, fd, o.socket, &err) < 0) {
		log_text(LOG_LEVEL_ERROR, "%s", err.text.p);
		server_release(&sv);
		return EX_OSERR;
	}
	server_release(&sv);
	return 0;
}
