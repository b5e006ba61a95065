/* admin/progress.c: how far a long command is.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "admin/progress.h"
#include "base/clock.h"

#include "base/banned.h"

/* A bar moves smoothly; a log should not be filled. */
#define BAR_MS 100
#define LINE_MS 5000

#define BAR_WIDTH 30

void progress_init(struct progress *p, const char *what, int64_t total, bool quiet)
{
	*p = (struct progress){
		.what = what,
		.total = total,
		.bar = isatty(STDERR_FILENO),
		.quiet = quiet,
		.since_ms = clock_ms(),
		.shown_ms = clock_ms(),
	};
	pthread_mutex_init(&p->lock, NULL);
}

static void draw_bar(const struct progress *p)
{
	char bar[BAR_WIDTH + 1];
	int64_t total = p->total ? p->total : 1;
	int64_t full = p->done * BAR_WIDTH / total;

	for (int i = 0; i < BAR_WIDTH; i++)
		bar[i] = i < full ? '#' : '.';
	bar[BAR_WIDTH] = '\0';
	fprintf(stderr, "\r%s [%s] %lld/%lld  %.1f MB  %lld failed ", p->what, bar,
		(long long)p->done, (long long)p->total, (double)p->bytes / 1e6,
		(long long)p->failed);
	fflush(stderr);
}

static void draw_line(const struct progress *p)
{
	fprintf(stderr, "%s: %lld of %lld, %.1f MB, %lld failed\n", p->what, (long long)p->done,
		(long long)p->total, (double)p->bytes / 1e6, (long long)p->failed);
}

/* With the lock held. */
static void show(struct progress *p)
{
	int64_t now = clock_ms();

	if (p->quiet || now - p->shown_ms < (p->bar ? BAR_MS : LINE_MS))
		return;
	p->shown_ms = now;
	if (p->bar)
		draw_bar(p);
	else
		draw_line(p);
}

static void clear_bar(const struct progress *p)
{
	if (p->bar && !p->quiet)
		fprintf(stderr, "\r%*s\r", BAR_WIDTH + 50, "");
}

void progress_expect(struct progress *p, int64_t items)
{
	pthread_mutex_lock(&p->lock);
	p->total += items;
	pthread_mutex_unlock(&p->lock);
}

void progress_add(struct progress *p, int64_t bytes, bool failed)
{
	pthread_mutex_lock(&p->lock);
	p->done++;
	p->bytes += bytes;
	p->failed += failed;
	show(p);
	pthread_mutex_unlock(&p->lock);
}

void progress_say(struct progress *p, const char *fmt, ...)
{
	va_list ap;

	pthread_mutex_lock(&p->lock);
	clear_bar(p);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	pthread_mutex_unlock(&p->lock);
}

void progress_end(struct progress *p)
{
	clear_bar(p);
	fflush(stderr);
	pthread_mutex_destroy(&p->lock);
}
