/* fetch/plan.c: which sources are asked for a file, in which order.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/child.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "config/config.h"
#include "fetch/plan.h"

#include "base/banned.h"

#define GO_DEADLINE_MS 10000
#define GO_GRACE_MS 1000

/* How long its answer holds, in a helper that stays. */
#define GO_ANSWER_MS 5000

static const char *find_go(void)
{
	static const char *const places[] = { "/usr/local/go/bin/go", "/usr/local/bin/go",
					      "/usr/bin/go" };

	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		if (access(places[i], X_OK) == 0)
			return places[i];
	return NULL;
}

/* The environment, and GOTOOLCHAIN=local, so that a go.mod in the working
 * folder cannot make the go command fetch and run another one. */
static const char **go_env(const char *const *env)
{
	size_t n = 0;

	while (env[n])
		n++;
	const char **with = xmallocarray(n + 2, sizeof(*with));
	for (size_t i = 0; i < n; i++)
		with[i] = env[i];
	with[n] = "GOTOOLCHAIN=local";
	with[n + 1] = NULL;
	return with;
}

/* Appends what `go env GOPROXY` says; nothing when it cannot say. */
static int ask_go(const char *const *env, struct buf *out, struct err *err)
{
	CLEANUP(mem_free) const char **with = go_env(env);
	const char *const argv[] = { "go", "env", "GOPROXY", NULL };
	const char *go = find_go();

	if (!go)
		return 0;
	struct child_spec spec = {
		.program = go,
		.argv = argv,
		.env = with,
		.deadline_ms = clock_ms() + GO_DEADLINE_MS,
		.grace_ms = GO_GRACE_MS,
		.quiet = true,
	};
	struct child_result result = { .out = BUF(MAX_CHILD_OUTPUT) };
	int rc = child_run(&spec, &result, err);
	if (rc == 0 && result.exit_code == 0)
		buf_str(out, str_trim(buf_view(&result.out)));
	buf_release(&result.out);
	return rc;
}

/* What go said last. The jobs of one process would each start it, for 7 ms
 * of a processor (Go 1.26). */
static struct {
	pthread_mutex_t lock;
	char *said;
	int64_t until_ms;
} answer = { .lock = PTHREAD_MUTEX_INITIALIZER };

static int ask_go_seldom(const char *const *env, struct buf *out, struct err *err)
{
	int rc = 0;

	pthread_mutex_lock(&answer.lock);
	if (!answer.said || clock_left(answer.until_ms) == 0) {
		rc = ask_go(env, out, err);
		free(answer.said);
		answer.said = rc == 0 ? xstrdup(out->n ? out->p : "") : NULL;
		answer.until_ms = clock_ms() + GO_ANSWER_MS;
	} else {
		buf_puts(out, answer.said);
	}
	pthread_mutex_unlock(&answer.lock);
	return rc;
}

int plan_open(struct plan *p, const struct settings *s, const char *const *env, struct err *err)
{
	CLEANUP(buf_release) struct buf said = BUF(MAX_CHILD_OUTPUT);

	plan_release(p);
	if (s->upstream) {
		p->list = s->upstream;
		return 0;
	}
	if (ask_go_seldom(env, &said, err) < 0)
		return -1;
	struct str list = said.n ? buf_view(&said) : STR("direct");
	if (goproxy_parse(list, &p->own, err) < 0)
		return err_wrap(err, "go env GOPROXY");
	p->list = &p->own;
	return 0;
}

void plan_release(struct plan *p)
{
	goproxy_release(&p->own);
	*p = PLAN();
}

const struct goproxy_entry *walk_next(struct walk *w)
{
	if (w->end != WALK_GOING)
		return NULL;
	if (w->at == w->list->n) {
		w->end = WALK_EXHAUSTED;
		return NULL;
	}
	const struct goproxy_entry *e = &w->list->entries[w->at++];
	switch (e->kind) {
	case GOPROXY_URL:
		return e;
	case GOPROXY_DIRECT:
		w->end = WALK_DIRECT;
		return NULL;
	case GOPROXY_OFF:
		w->end = WALK_OFF;
		return NULL;
	}
	return NULL;
}

/* Wrong bytes outrank everything but our own failures, then come other failures,
 * then absences. */
static int rank_of(enum fault f)
{
	if (f == FAULT_LOCAL || f == FAULT_BUG)
		return 4;
	if (f == FAULT_INTEGRITY)
		return 3;
	if (f == FAULT_NONE)
		return 0;
	return fault_is_absence(f) ? 1 : 2;
}

/* Later errors replace earlier ones of the same rank, as in the go command. */
static void keep_worst(struct walk *w, struct err *why)
{
	if (rank_of(why->fault) >= rank_of(w->worst.fault))
		err_move(&w->worst, why);
	else
		err_release(why);
}

void walk_failed(struct walk *w, struct err *why)
{
	bool absence = fault_is_absence(why->fault);
	bool ours = why->fault == FAULT_LOCAL || why->fault == FAULT_BUG;
	/* what is right is known, so another source may be asked for it */
	bool wrong = why->fault == FAULT_INTEGRITY;

	if (ours || (!absence && !wrong && !w->list->entries[w->at - 1].after_any))
		w->end = WALK_STOPPED;
	keep_worst(w, why);
}

void walk_noted(struct walk *w, struct err *why)
{
	keep_worst(w, why);
}

void walk_direct_failed(struct walk *w, struct err *why)
{
	struct buf *t = &w->worst.text;

	/* that there is nothing does not make wrong bytes good */
	if (w->worst.fault == FAULT_INTEGRITY && fault_is_absence(why->fault)) {
		err_release(why);
		return;
	}
	if (why->fault != FAULT_LOCAL || !fault_is_absence(w->worst.fault)) {
		err_move(&w->worst, why);
		return;
	}
	buf_puts(t, "; direct: ");
	buf_str(t, str_head(buf_view(&why->text), t->max - t->n));
	err_release(why);
}

int walk_verdict(struct walk *w, struct err *err)
{
	bool asked = w->worst.fault != FAULT_NONE;

	if (!asked && w->end == WALK_OFF)
		return err_set(err, FAULT_DENIED, "module lookup is disabled by upstream = off");
	if (!asked)
		return err_set(err, FAULT_LOCAL, "no upstream proxy is set; set upstream");
	return err_move(err, &w->worst);
}

void walk_release(struct walk *w)
{
	err_release(&w->worst);
}
