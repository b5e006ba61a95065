/* tests/bench/load.c: asks two web servers in turns, and counts the answers.
 *
 *	load SLICES CONNECTIONS PORT PATHS PORT PATHS
 *
 * A slice is 50 ms of as many GETs as CONNECTIONS kept connections to one server
 * bring, and what then is still on its way. Slices of the two alternate, so that
 * whatever else the machine does meets both alike: on a busy machine the rates of
 * whole seconds vary by a third, the ratio of two neighbouring slices does not.
 * PATHS is a file with a path in each line; one is taken at random each time.
 *
 * Prints a line for each two slices: answers and seconds of the one, answers and
 * seconds of the other; and last what 99 % of the answers of each took at most,
 * in seconds. Any answer but a whole 200 ends it with a message.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SLICE_SECONDS 0.05
#define STALL_MS 10000
#define MAX_SLICES 100000
#define MAX_CONNECTIONS 1024
#define MAX_PATHS 200000
#define MAX_LINE 1024
#define HEAD_SIZE 4096
#define BLOCK_SIZE (256 << 10)
#define MAX_TIMES (4 << 20)

struct side {
	int port;
	char **requests;
	size_t n_requests;
	struct connection *connections;
	int epoll;
	long answers;
	int busy;		/* connections that wait for an answer */
	float *times;		/* of all answers */
	size_t n_times;
};

struct connection {
	int fd;
	struct side *side;
	char head[HEAD_SIZE + 1];
	size_t n_head;
	bool in_body;
	double asked;
	bool last;		/* the server will close it after this answer */
	long long left;		/* of the body, once its head is there */
};

static int n_connections;

static void die(const char *what)
{
	fprintf(stderr, "load: %s\n", what);
	exit(1);
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* xorshift: the same order in every run. */
static size_t pick(size_t n)
{
	static uint64_t x = 88172645463325252u;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return (size_t)(x % n);
}

static void read_paths(struct side *s, const char *name)
{
	char line[MAX_LINE];
	char request[MAX_LINE + 64];
	FILE *f = fopen(name, "r");

	s->requests = calloc(MAX_PATHS, sizeof(*s->requests));
	if (!f || !s->requests)
		die("a file of paths cannot be read");
	while (s->n_requests < MAX_PATHS && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", line);
		s->requests[s->n_requests++] = strdup(request);
	}
	fclose(f);
	if (s->n_requests == 0)
		die("a file of paths is empty");
}

static void dial(struct connection *c)
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_port = htons((uint16_t)c->side->port) };
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = c };
	int one = 1;

	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&sa, sizeof(sa)) < 0)
		die("cannot connect");
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (epoll_ctl(c->side->epoll, EPOLL_CTL_ADD, c->fd, &ev) < 0)
		die("epoll_ctl");
}

static void ask(struct connection *c)
{
	const char *request = c->side->requests[pick(c->side->n_requests)];
	size_t n = strlen(request);

	c->n_head = 0;
	c->in_body = false;
	c->asked = seconds();
	if (write(c->fd, request, n) != (ssize_t)n)
		die("a request could not be sent");
	c->side->busy++;
}

static const char *field(const char *head, const char *name)
{
	size_t n = strlen(name);

	for (const char *p = strstr(head, "\r\n"); p; p = strstr(p + 2, "\r\n"))
		if (strncasecmp(p + 2, name, n) == 0)
			return p + 2 + n;
	return NULL;
}

/* Takes what belongs to the head; the number of bytes of the body in it. */
static size_t take_head(struct connection *c, const char *p, size_t n)
{
	size_t room = HEAD_SIZE - c->n_head;
	size_t take = n < room ? n : room;

	memcpy(c->head + c->n_head, p, take);
	c->n_head += take;
	c->head[c->n_head] = '\0';
	char *end = strstr(c->head, "\r\n\r\n");
	if (!end) {
		if (c->n_head == HEAD_SIZE)
			die("an answer's head is too long");
		return 0;
	}
	size_t body = (size_t)(c->head + c->n_head - (end + 4)) + (n - take);
	end[2] = '\0';
	const char *length = field(c->head, "content-length:");
	const char *connection = field(c->head, "connection:");
	if (strncmp(c->head, "HTTP/1.1 200", 12) != 0 || !length) {
		fprintf(stderr, "%s", c->head);
		die("an answer is no 200 with a length");
	}
	c->left = strtoll(length, NULL, 10);
	c->last = connection && strncasecmp(connection, " close", 6) == 0;
	c->in_body = true;
	return body;
}

/* True when the answer is whole. */
static bool take(struct connection *c)
{
	static char block[BLOCK_SIZE];
	ssize_t got = recv(c->fd, block, sizeof(block), MSG_DONTWAIT);

	if (got < 0 && errno == EAGAIN)
		return false;
	if (got <= 0)
		die("a connection was closed in an answer");
	size_t body = c->in_body ? (size_t)got : take_head(c, block, (size_t)got);
	c->left -= (long long)body;
	if (!c->in_body || c->left > 0)
		return false;
	if (c->left < 0)
		die("an answer is longer than it says");
	c->side->answers++;
	if (c->side->n_times < MAX_TIMES)
		c->side->times[c->side->n_times++] = (float)(seconds() - c->asked);
	c->side->busy--;
	if (c->last) {
		close(c->fd);
		dial(c);
	}
	return true;
}

static double slice(struct side *s)
{
	struct epoll_event events[64];
	double start = seconds();
	bool on = true;

	s->answers = 0;
	for (int i = 0; i < n_connections; i++)
		ask(&s->connections[i]);
	while (s->busy > 0) {
		int n = epoll_wait(s->epoll, events, 64, STALL_MS);
		if (n <= 0)
			die("no answer for 10 s");
		on = on && seconds() - start < SLICE_SECONDS;
		for (int i = 0; i < n; i++)
			if (take(events[i].data.ptr) && on)
				ask(events[i].data.ptr);
	}
	return seconds() - start;
}

static void open_side(struct side *s, const char *port, const char *paths)
{
	s->port = (int)strtol(port, NULL, 10);
	read_paths(s, paths);
	s->epoll = epoll_create1(EPOLL_CLOEXEC);
	s->connections = calloc((size_t)n_connections, sizeof(*s->connections));
	s->times = calloc(MAX_TIMES, sizeof(*s->times));
	if (s->epoll < 0 || !s->connections || !s->times)
		die("no memory");
	for (int i = 0; i < n_connections; i++) {
		s->connections[i].side = s;
		dial(&s->connections[i]);
	}
}

static int by_size(const void *a, const void *b)
{
	float x = *(const float *)a;
	float y = *(const float *)b;

	return (x > y) - (x < y);
}

static double slowest_but_one_percent(struct side *s)
{
	qsort(s->times, s->n_times, sizeof(*s->times), by_size);
	return s->n_times ? (double)s->times[(s->n_times - 1) * 99 / 100] : 0;
}

int main(int argc, char **argv)
{
	static struct side sides[2];
	long slices = argc == 7 ? strtol(argv[1], NULL, 10) : 0;

	n_connections = argc == 7 ? (int)strtol(argv[2], NULL, 10) : 0;
	if (slices < 1 || slices > MAX_SLICES || n_connections < 1 || n_connections > MAX_CONNECTIONS) {
		fputs("usage: load SLICES CONNECTIONS PORT PATHS PORT PATHS\n", stderr);
		return 2;
	}
	open_side(&sides[0], argv[3], argv[4]);
	open_side(&sides[1], argv[5], argv[6]);
	for (long i = 0; i < slices; i++) {
		double took[2];
		int first = (int)(i % 2);
		took[first] = slice(&sides[first]);
		took[!first] = slice(&sides[!first]);
		printf("%ld %.6f %ld %.6f\n", sides[0].answers, took[0], sides[1].answers, took[1]);
	}
	printf("%.6f %.6f\n", slowest_but_one_percent(&sides[0]), slowest_but_one_percent(&sides[1]));
	return 0;
}
