/* admin/crew.c: one function for many items, on all processors.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "admin/crew.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/stop.h"

#include "base/banned.h"

/* So far before its turn a large item is worked on at most: what was done early is
 * done again when a run goes on where another was broken off. */
#define EARLY 4096

/* How often a mark is made, in milliseconds. */
#define MARK_EVERY 2000

/* inflate, OpenSSL and a few paths */
#define STACK_SIZE (512u << 10)

struct worker {
	struct crew *crew;
	size_t number;
};

size_t crew_processors(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n < 1 ? 1 : n > CREW_MOST ? CREW_MOST : (size_t)n;
}

static size_t done_before(const struct crew *c)
{
	size_t least = c->next;

	for (size_t i = 0; i < c->threads; i++)
		if (c->at[i] < least)
			least = c->at[i];
	return least;
}

/* Past what was taken early. With the lock held. */
static void pass(struct crew *c)
{
	while (c->large_passed < c->large_taken && c->large[c->large_passed] == c->next) {
		c->large_passed++;
		c->next++;
	}
}

/* The next large item, or simply the next. With the lock held. */
static size_t choose(struct crew *c)
{
	size_t item = c->large_taken < c->n_large ? c->large[c->large_taken] : SIZE_MAX;

	if (item < c->n && item - c->next < EARLY)
		c->large_taken++;
	else
		item = c->next++;
	pass(c);
	return item;
}

static bool take(struct crew *c, size_t number)
{
	pthread_mutex_lock(&c->lock);
	c->at[number] = SIZE_MAX;
	while (c->next == c->n && c->finding)
		pthread_cond_wait(&c->wake, &c->lock);
	bool got = c->next < c->n && !stop_requested();
	if (got)
		c->at[number] = choose(c);
	if (c->mark && clock_ms() - c->marked_ms > MARK_EVERY) {
		c->marked_ms = clock_ms();
		c->mark(c->ctx, done_before(c));
	}
	pthread_mutex_unlock(&c->lock);
	return got;
}

static void *worker_main(void *arg)
{
	struct worker *w = arg;
	struct crew *c = w->crew;

	while (take(c, w->number))
		c->work(c->ctx, c->at[w->number]);
	return NULL;
}

static void on_signal(int sig)
{
	(void)sig;
	stop_request();
}

void crew_more(struct crew *c, size_t n)
{
	pthread_mutex_lock(&c->lock);
	c->n = n;
	pthread_cond_broadcast(&c->wake);
	pthread_mutex_unlock(&c->lock);
}

void crew_large(struct crew *c, size_t item)
{
	pthread_mutex_lock(&c->lock);
	if (c->n_large == c->large_room) {
		c->large_room = c->large_room ? 2 * c->large_room : 64;
		c->large = xreallocarray(c->large, c->large_room, sizeof(*c->large));
	}
	c->large[c->n_large++] = item;
	pthread_mutex_unlock(&c->lock);
}

static void find(struct crew *c)
{
	int rc = c->find(c->ctx, c);

	pthread_mutex_lock(&c->lock);
	c->finding = false;
	if (rc < 0)
		c->n = c->next;
	pthread_cond_broadcast(&c->wake);
	pthread_mutex_unlock(&c->lock);
}

int crew_run(struct crew *c, size_t threads, size_t *ret_done)
{
	struct worker workers[CREW_MOST];
	pthread_t ids[CREW_MOST];
	pthread_attr_t attr;
	size_t started = 0;

	c->threads = threads > CREW_MOST ? CREW_MOST : threads;
	c->next = 0;
	c->n_large = c->large_taken = c->large_passed = 0;
	c->finding = c->find != NULL;
	c->marked_ms = clock_ms();
	for (size_t i = 0; i < c->threads; i++)
		c->at[i] = SIZE_MAX;
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->wake, NULL);
	signal(SIGINT, on_signal);
	signal(SIGTERM, on_signal);
	signal(SIGPIPE, SIG_IGN);
	pthread_attr_init(&attr);
#ifndef STOA_SANITIZERS
	pthread_attr_setstacksize(&attr, STACK_SIZE);
#endif
	for (; started < c->threads; started++) {
		workers[started] = (struct worker){ c, started };
		if (pthread_create(&ids[started], &attr, worker_main, &workers[started]) != 0)
			break;
	}
	pthread_attr_destroy(&attr);
	if (c->find && started)
		find(c);
	for (size_t i = 0; i < started; i++)
		pthread_join(ids[i], NULL);
	pthread_cond_destroy(&c->wake);
	pthread_mutex_destroy(&c->lock);
	free(c->large);
	c->large = NULL;
	c->large_room = 0;
	*ret_done = c->next;
	return started ? 0 : -1;
}
