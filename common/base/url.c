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
	if (scheme < 0 || (size_t)scheme + 3 > url.n) {
		buf_str(b, url);
		return;
	}
	struct str rest = str_from(url, (size_t)scheme + 3);
	ptrdiff_t slash = str_chr(rest, '/');
	struct str authority = slash < 0 ? rest : str_head(rest, (size_t)slash);
	ptrdiff_t at = str_rchr(authority, '@');

	buf_str(b, str_head(url, (size_t)scheme + 3));
	buf_str(b, str_from(rest, (size_t)(at + 1)));
}
