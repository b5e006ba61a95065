/* base/url.h: what may be said about a URL.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BASE_URL_H
#define BASE_URL_H

#include "base/buf.h"

/* Appends the URL without its user name, password, query and fragment: for
 * logs, error texts and files. */
void url_redact(struct buf *b, struct str url);

#endif
