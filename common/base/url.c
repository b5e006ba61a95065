/* base/url.c: what may be said about a URL.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "base/url.h"

#include "base/banned.h"

void url_redact(struct buf *b, struct str url)
{
	ptrdiff_t scheme = str_find(url, STR("://"));

	for (size_t i = 0; i < url.n; i++) {
		if (url.p[i] == '?' || url.p[i] == '#') {
			url.n = i;
			break;
		}
	}
	/* Without a scheme it may be one that somebody forgot to write. */
	size_t from = scheme < 0 || (size_t)scheme + 3 > url.n ? 0 : (size_t)scheme + 3;
	struct str rest = str_from(url, from);
	ptrdiff_t slash = str_chr(rest, '/');
	struct str authority = slash < 0 ? rest : str_head(rest, (size_t)slash);
	ptrdiff_t at = str_rchr(authority, '@');

	buf_str(b, str_head(url, from));
	buf_str(b, str_from(rest, (size_t)(at + 1)));
}
