/* fetch/status.h: what an HTTP status other than 200 means to us.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FETCH_STATUS_H
#define FETCH_STATUS_H

#include "base/buf.h"
#include "base/fault.h"

struct err;

/* The fault that a final status other than 200 stands for. Only 404 and 410
 * say that something does not exist. */
enum fault status_fault(int status);

/* A 301, 302, 303, 307 or 308, which point elsewhere. */
bool status_is_redirect(int status);

/* Fills err with "http: 404 Not Found: <what the source said>". The body's
 * first lines are quoted when its type is text/plain in ASCII or UTF-8, as the
 * go command does. retry_after is in seconds, 0 for none. Returns -1. */
int status_err(int status, struct str content_type, struct str body, int64_t retry_after,
	       struct err *err);

#endif
