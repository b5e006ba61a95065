/* serve/miss.h: what the cache does not have: one helper a key, bounded helpers,
 * bounded waiting.
 *
 * The key's lock is taken, the cache is looked at again, a helper's turn is
 * taken, the helper runs and inherits both: they outlive a killed responder,
 * so nobody starts a second fetch of the same file.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SERVE_MISS_H
#define SERVE_MISS_H

#include "config/config.h"
#include "serve/server.h"

/* Fetches k and waits for it: 0 when it is in the cache now (somebody else's
 * fetch counts), -1 with the fault. For mutable kinds `since` is the time of
 * the copy at hand (0: none): only a newer one counts. */
int miss_fetch(struct server *sv, const struct key *k, const struct settings *s, time_t since,
	       struct err *err) WARN_UNUSED;

/* A refresh that nobody waits for. */
struct job {
	struct server *sv;
	struct key key;
};

struct job *job_new(struct server *sv, const struct key *k);
void job_free(struct job *job);

/* Runs the job unless its key's lock is somebody's, which means that it is being
 * refreshed already. Logs nothing: the helper does. */
void miss_refresh(struct job *job);

/* The same without waiting for the helper, for a process that is about to end.
 * Does nothing when no helper's turn is free. */
void miss_refresh_detached(struct job *job);

#endif
