/* tests/bench/empty_fcgi.c: the least that a FastCGI responder with threads does.
 *
 * Answers every request with the bytes of the file that EMPTY_REPLY names, read
 * once at the start, so that a request opens nothing. EMPTY_THREADS threads sit
 * in libfcgi's own accept loop. What stoa.fcgi takes longer is what it costs.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <fcgiapp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define MAX_REPLY (8 << 20)
#define MAX_THREADS 4096
#define STACK_SIZE (192u << 10)	/* as stoa.fcgi's */

static char *reply;
static int reply_size;

static void read_reply(const char *name)
{
	FILE *f = name ? fopen(name, "rb") : NULL;

	reply = malloc(MAX_REPLY);
	if (!f || !reply) {
		fputs("empty.fcgi: EMPTY_REPLY names no file that can be read\n", stderr);
		exit(1);
	}
	reply_size = (int)fread(reply, 1, MAX_REPLY, f);
	fclose(f);
}

static void *serve(void *unused)
{
	FCGX_Request req;

	FCGX_InitRequest(&req, 0, FCGI_FAIL_ACCEPT_ON_INTR);
	while (FCGX_Accept_r(&req) == 0) {
		FCGX_PutStr(reply, reply_size, req.out);
		FCGX_Finish_r(&req);
	}
	return unused;
}

int main(void)
{
	const char *text = getenv("EMPTY_THREADS");
	long n = text ? strtol(text, NULL, 10) : 1;
	pthread_attr_t attr;
	pthread_t id;

	read_reply(getenv("EMPTY_REPLY"));
	signal(SIGPIPE, SIG_IGN);
	if (FCGX_Init() != 0 || n < 1 || n > MAX_THREADS)
		return 1;
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	for (long i = 0; i < n; i++)
		if (pthread_create(&id, &attr, serve, NULL) != 0)
			return 1;
	for (;;)
		pause(); /* until SIGTERM */
}
