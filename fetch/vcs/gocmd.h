/* fetch/vcs/gocmd.h: the setting direct = go: the installed go command goes to the
 * repository, in a folder that is thrown away.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FETCH_VCS_GOCMD_H
#define FETCH_VCS_GOCMD_H

struct body;
struct err;
struct job;
struct key;

/* As direct_get(). What the go command refuses is FAULT_NOT_FOUND with its words, but for
 * what it says of credentials and of the network. */
int gocmd_get(struct job *j, const struct key *k, struct body *body, struct err *err);

#endif
