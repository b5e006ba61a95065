/* serve/respond.h: one function for one request, readable top to bottom.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SERVE_RESPOND_H
#define SERVE_RESPOND_H

#include "http/request.h"
#include "serve/server.h"

/* Reads the request from its variables and fills w->rp; the caller sends it and
 * resets it. Never fails: a failure is a reply. */
void respond(struct server *sv, struct worker *w, request_var_fn *var, void *ctx);

/* A reply for a fault that the transport itself noticed. */
void respond_error(struct worker *w, enum fault fault, const char *text);

#endif
