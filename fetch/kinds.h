/* fetch/kinds.h: what each kind of key takes: ask, verify, publish.
 *
 * Each returns 0 when k was published, or -1 and the reason; recording that is
 * job_run's. Only job.c calls these.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FETCH_KINDS_H
#define FETCH_KINDS_H

#include "base/str.h"

struct err;
struct job;
struct key;

/* The .info, and the .mod along with it, since a client asks for it next. A
 * .mod that fails does not fail the .info. */
int kind_info(struct job *j, const struct key *k, struct err *err) WARN_UNUSED;
int kind_mod(struct job *j, const struct key *k, struct err *err) WARN_UNUSED;
int kind_zip(struct job *j, const struct key *k, struct err *err) WARN_UNUSED;

/* A branch, tag or commit: what it resolves to; and that version's .info and
 * .mod too. */
int kind_query(struct job *j, const struct key *k, struct err *err) WARN_UNUSED;

/* @latest, likewise. When no source has one, or none can be asked and there is
 * no older answer: the best version that the cache holds, stale at once. */
int kind_latest(struct job *j, const struct key *k, struct err *err) WARN_UNUSED;

/* The versions that the sources name and those that the cache holds. */
int kind_list(struct job *j, const struct key *k, struct err *err) WARN_UNUSED;

/* Which source passes a checksum database on; and its answers, from there. */
int kind_sumdb_supported(struct job *j, const struct key *k, struct err *err) WARN_UNUSED;
int kind_sumdb(struct job *j, const struct key *k, struct err *err) WARN_UNUSED;

/* For kind_list: asks for @latest and publishes what it resolves to. */
int kind_latest_ask(struct job *j, const struct key *k, struct err *err) WARN_UNUSED;

#endif
