/* fetch/hands.c: the same work on each of many things, by several threads.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <pthread.h>
#include <unistd.h>

#include "base/err.h"
#include "fetch/hands.h"

#include "base/banned.h"

/* What a hand calls is not deep; sanitizers need more. */
#ifdef STOA_SANITIZERS
#define STACK_SIZE (4u << 20)
#else
#define STACK_SIZE (256u << 10)
#endif

struct things {
	pthread_mutex_t lock;
	hands_fn *fn;
	void *ctx;
	size_t n;
	size_t next;		/* the first that nobody has begun */
	size_t failed;		/* the lowest that failed; n: none */
	struct err err;		/* why */
};

struct hand {
	struct things *things;
	size_t number;
};

/* What is begun is ended, so all below the lowest failure are done. */
static void *work(void *arg)
{
	const struct hand *h = arg;
	struct things *c = h->things;

	pthread_mutex_lock(&c->lock);
	while (c->next < c->n && c->failed == c->n) {
		CLEANUP(err_release) struct err err = ERR();
		size_t i = c->next++;
		pthread_mutex_unlock(&c->lock);
		int rc = c->fn(c->ctx, h->number, i, &err);
		pthread_mutex_lock(&c->lock);
		if (rc != 0 && i < c->failed) {
			c->failed = i;
			err_move(&c->err, &err);
		}
	}
	pthread_mutex_unlock(&c->lock);
	return NULL;
}

static size_t hands_for(size_t n)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	size_t most = processors > 0 ? (size_t)processors : 1;

	if (most > HANDS_MAX)
		most = HANDS_MAX;
	return most < n ? most : n;
}

int hands_run(size_t n, hands_fn *fn, void *ctx, struct err *err)
{
	struct things c = { .fn = fn, .ctx = ctx, .n = n, .failed = n, .err = ERR() };
	struct hand hands[HANDS_MAX];
	pthread_t ids[HANDS_MAX];
	pthread_attr_t attr;
	size_t most = hands_for(n);
	size_t started = 1;

	pthread_mutex_init(&c.lock, NULL);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	for (size_t i = 0; i < HANDS_MAX; i++)
		hands[i] = (struct hand){ &c, i };
	while (started < most &&
	       pthread_create(&ids[started], &attr, work, &hands[started]) == 0)
		started++;
	work(&hands[0]);
	for (size_t i = 1; i < started; i++)
		pthread_join(ids[i], NULL);
	pthread_attr_destroy(&attr);
	pthread_mutex_destroy(&c.lock);
	if (c.failed == n)
		return 0;
	return err_move(err, &c.err);
}
