/* fetch/plan.h: which sources are asked for a file, in which order, and when
 * the next one is.
 *
 * The rules are the go command's for GOPROXY. The separator behind an entry
 * decides: after a comma the next one is asked only when this one said "no such
 * thing" (404, 410); after a bar, after any failure. One that served wrong bytes
 * is passed over in any case. "off" and "direct" end the list. When nobody
 * answers, an error that is not an absence outranks the absences: we never claim
 * that something does not exist while one of its sources could not be asked.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FETCH_PLAN_H
#define FETCH_PLAN_H

#include "base/err.h"
#include "config/goproxy.h"

struct settings;

struct plan {
	const struct goproxy *list;	/* the settings', or ours below */
	struct goproxy own;
};

#define PLAN() ((struct plan){ NULL, { NULL, 0 } })

/* The setting `upstream`; when it is unset, what `go env GOPROXY` says, where
 * there is a go command; else "direct". `env` is the child's environment. */
int plan_open(struct plan *p, const struct settings *s, const char *const *env,
	      struct err *err) WARN_UNUSED;
void plan_release(struct plan *p);

enum walk_end {
	WALK_GOING,
	WALK_STOPPED,	/* a failure that the separator does not pass */
	WALK_EXHAUSTED,	/* the last entry failed too */
	WALK_OFF,
	WALK_DIRECT,
};

/* One file's way through the list. */
struct walk {
	const struct goproxy *list;
	size_t at;		/* the entry that is asked next */
	enum walk_end end;
	struct err worst;	/* what will be reported */
};

#define WALK(list) ((struct walk){ (list), 0, WALK_GOING, ERR() })

/* The next entry to ask, or NULL at the end. */
const struct goproxy_entry *walk_next(struct walk *w);

/* The entry that walk_next returned last has failed. Takes *why. A failure of
 * our own (disk full) ends the walk. */
void walk_failed(struct walk *w, struct err *why);

/* It has failed and will be asked again: whatever it says then, the walk cannot
 * end as if this had not been. Takes *why. */
void walk_noted(struct walk *w, struct err *why);

/* "direct", which ended the walk, has failed too. Takes *why, which outranks what the
 * others said, unless it is only that this machine cannot do it and they all said that
 * there is no such thing. */
void walk_direct_failed(struct walk *w, struct err *why);

/* After the end: fills err with what is reported. Returns -1. */
int walk_verdict(struct walk *w, struct err *err);

void walk_release(struct walk *w);

#endif
