/* fetch/vcs/direct.h: the source "direct": a module straight from its repository.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FETCH_VCS_DIRECT_H
#define FETCH_VCS_DIRECT_H

struct body;
struct err;
struct job;
struct key;

/* Answers a key as an upstream proxy would: the bytes of a list, an .info, a .mod, a
 * zip, an @latest or a query. -1: FAULT_NOT_FOUND when there is no such module or
 * version; FAULT_DENIED by the settings; else what went wrong. */
int direct_get(struct job *j, const struct key *k, struct body *body, struct err *err);

#endif
