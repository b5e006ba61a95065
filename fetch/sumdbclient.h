/* fetch/sumdbclient.h: what a checksum database says about a version.
 *
 * An answer counts when its record is proved to be in the database's signed
 * tree, and that tree to be one with the latest that was seen before
 * (state/sumdb/NAME/head). Whatever was proved is kept below state/sumdb/NAME,
 * and answers clients' own questions; nothing else is.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FETCH_SUMDBCLIENT_H
#define FETCH_SUMDBCLIENT_H

#include "base/str.h"

struct err;
struct job;
struct key;
struct settings;
struct sumdb;

/* What the jobs of a process share: the database that the settings name, its
 * latest tree, where it is asked, and tiles that were just fetched. For any
 * number of threads; nothing is done before the first question. The settings
 * and the environment (for `go env`) must live as long. */
struct sumdb *sumdb_new(const struct settings *global, const char *const *env);
void sumdb_free(struct sumdb *db);

/* The process stays: what was proved is written by a thread, behind the jobs. Call
 * it before the first job. */
void sumdb_linger(struct sumdb *db);

/* Compares a hash ("h1:...") of the version's zip, or of its go.mod, with the
 * database's. 1: they are the same. 0: the settings ask for no check. -1:
 * FAULT_INTEGRITY when they are not, when the database has no such hash, or when it
 * contradicts itself, which is logged; FAULT_NOT_FOUND when it does not know
 * the version; or why it could not be asked. */
int sumdb_verify(struct job *j, struct str module, struct str version, bool gomod, struct str h1,
		 struct err *err) WARN_UNUSED;

/* Asks for the record without waiting for it, so that the question overlaps
 * with the transfer of what it is about. The job asks about one version. */
void sumdb_prefetch(struct job *j, struct str module, struct str version);

/* What the job still holds; job_release's. */
void sumdb_release(struct job *j);

/* For clients' questions, the key's lock being held: whether the settings name
 * this database; and its answers, proved and published. */
bool sumdb_is_ours(struct job *j, struct str name);
int sumdb_bring_lookup(struct job *j, const struct key *k, struct err *err) WARN_UNUSED;
int sumdb_bring_latest(struct job *j, const struct key *k, struct err *err) WARN_UNUSED;
int sumdb_bring_tile(struct job *j, const struct key *k, struct err *err) WARN_UNUSED;
int sumdb_bring_supported(struct job *j, const struct key *k, struct err *err) WARN_UNUSED;

/* Whether the settings keep the module from databases. */
bool sumdb_is_private(const struct settings *s, struct str module);

#endif
