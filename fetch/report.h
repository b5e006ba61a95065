/* fetch/report.h: one log line about how a job ended.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FETCH_REPORT_H
#define FETCH_REPORT_H

#include "base/str.h"

struct err;
struct job;
struct key;

/* `why` is a word for jobs that no client asked for ("ahead"), or NULL. */
void report_job(const struct key *k, const struct job *j, int64_t ms, const char *why,
		const struct err *err);

/* For one that never became a job: its words as they came. */
void report_refused(const char *kind, struct str module, struct str version,
		    const struct err *err);

/* A checksum database whose answer does not prove right: both signed trees, and
 * the hash that the newer one gives to the records of the older one, as far as
 * it is known. */
void report_distrust(struct str name, struct str text, struct str older, struct str newer,
		     const unsigned char *hash, size_t hash_size);

#endif
