/* config/goproxy.c: lists of upstreams by the go command's rules for GOPROXY.
 *
 * A URL may carry a name and a password; no error text shows them. What is
 * accepted can be followed by "/" and an escaped path, so a query or fragment
 * is refused, and a plain file path is written as a file URL.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/parse.h"
#include "base/url.h"
#include "config/goproxy.h"

#include "base/banned.h"

/* A URL that we could not take apart, for an error text. url_redact() trusts
 * the slash that ends an authority; an unescaped password can hold one, so
 * here everything up to the last @ goes. */
static void show_safely(struct buf *b, struct str url)
{
	ptrdiff_t scheme = str_find(url, STR("://"));
	ptrdiff_t at = str_rchr(url, '@');

	if (at < 0) {
		url_redact(b, url);
		return;
	}
	if (scheme >= 0 && scheme < at)
		buf_str(b, str_head(url, (size_t)scheme + 3));
	buf_str(b, str_from(url, (size_t)at + 1));
}

static int refuse(struct str url, const char *why, struct err *err)
{
	CLEANUP(buf_release) struct buf b = BUF(MAX_CONF_LINE);

	show_safely(&b, url);
	for (size_t i = 0; i < b.n; i++)
		if ((unsigned char)b.p[i] < ' ' || b.p[i] == 0x7f)
			b.p[i] = '?';
	return err_set(err, FAULT_LOCAL, "\"%s\" %s", b.p, why);
}

static bool has_blank_or_control(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] <= ' ' || s.p[i] == 0x7f)
			return true;
	return false;
}

static bool port_is_good(struct str port)
{
	uint64_t v = 0;

	return parse_u64(port, 65535, &v) == 0 && v > 0;
}

/* "host", "host:port", "[v6]", "[v6]:port", each with userinfo before an @. */
static bool authority_is_good(struct str a)
{
	a = str_from(a, (size_t)(str_rchr(a, '@') + 1));
	if (str_starts(a, STR("["))) {
		ptrdiff_t end = str_chr(a, ']');
		if (end < 2)
			return false;
		a = str_from(a, (size_t)end + 1);
		return a.n == 0 || (a.p[0] == ':' && port_is_good(str_from(a, 1)));
	}
	ptrdiff_t colon = str_chr(a, ':');
	if (colon < 0)
		return a.n > 0;
	return colon > 0 && port_is_good(str_from(a, (size_t)colon + 1));
}

static struct str without_slashes(struct str s)
{
	while (str_ends(s, STR("/")))
		s.n--;
	return s;
}

static int take_http(struct str url, const char *scheme, struct buf *out, struct err *err)
{
	struct str rest = str_from(url, strlen(scheme));

	if (!str_starts(rest, STR("//")))
		return refuse(url, "has no host", err);
	rest = str_from(rest, 2);
	ptrdiff_t slash = str_chr(rest, '/');
	struct str authority = slash < 0 ? rest : str_head(rest, (size_t)slash);
	if (!authority_is_good(authority))
		return refuse(url, "has no good host and port", err);
	buf_puts(out, scheme);
	buf_puts(out, "//");
	buf_str(out, without_slashes(rest));
	return 0;
}

/* "file:///path" or "file:/path"; anything else names a host. */
static int take_file(struct str url, struct buf *out, struct err *err)
{
	struct str path = str_from(url, strlen("file:"));

	if (str_starts(path, STR("//")))
		path = str_from(path, 2);
	if (!str_starts(path, STR("/")) || str_starts(path, STR("//")))
		return refuse(url, "names a host; a file URL is file:///PATH", err);
	path = without_slashes(path);
	buf_puts(out, "file://");
	buf_str(out, path);
	return 0;
}

static void take_path(struct str path, struct buf *out)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789/-._~!$&'()*+;=:@";

	path = without_slashes(path);
	buf_puts(out, "file://");
	for (size_t i = 0; i < path.n; i++) {
		if (strchr(plain, path.p[i]))
			buf_putc(out, path.p[i]);
		else
			buf_printf(out, "%%%02X", (unsigned char)path.p[i]);
	}
}

/* Does a word stand for a host, as the go command decides? */
static bool lacks_scheme(struct str s)
{
	bool marked = str_chr(s, '.') >= 0 || str_chr(s, ':') >= 0 || str_chr(s, '/') >= 0;

	return marked && str_find(s, STR(":/")) < 0;
}

static bool has_scheme(struct str url, struct str scheme)
{
	return str_caseeq(str_head(url, scheme.n), scheme);
}

static int take_url(struct str entry, struct buf *out, struct err *err)
{
	CLEANUP(buf_release) struct buf with_scheme = BUF(MAX_CONF_LINE);

	if (str_starts(entry, STR("/"))) {
		take_path(entry, out);
		return buf_ok(out, "an upstream", err);
	}
	if (has_blank_or_control(entry))
		return refuse(entry, "has a blank or control byte in it", err);
	if (lacks_scheme(entry))
		buf_puts(&with_scheme, "https://");
	buf_str(&with_scheme, entry);
	if (buf_ok(&with_scheme, "an upstream", err) < 0)
		return -1;
	struct str url = buf_view(&with_scheme);
	if (str_chr(url, '?') >= 0 || str_chr(url, '#') >= 0)
		return refuse(url, "has a query or fragment", err);
	if (has_scheme(url, STR("https:")))
		return take_http(url, "https:", out, err);
	if (has_scheme(url, STR("http:")))
		return take_http(url, "http:", out, err);
	if (has_scheme(url, STR("file:")))
		return take_file(url, out, err);
	return refuse(url, "is no https, http or file URL and neither direct nor off", err);
}

static int take_entry(struct str entry, bool after_any, struct goproxy *g, struct err *err)
{
	CLEANUP(buf_release) struct buf url = BUF(MAX_URL);
	enum goproxy_kind kind = GOPROXY_URL;

	if (str_eqz(entry, "direct"))
		kind = GOPROXY_DIRECT;
	else if (str_eqz(entry, "off"))
		kind = GOPROXY_OFF;
	else if (take_url(entry, &url, err) < 0)
		return -1;
	g->entries = xreallocarray(g->entries, g->n + 1, sizeof(*g->entries));
	g->entries[g->n++] = (struct goproxy_entry){
		.kind = kind,
		.url = kind == GOPROXY_URL ? buf_detach(&url) : NULL,
		.after_any = after_any,
	};
	return 0;
}

/* Cuts the text before the next , or | off *rest. */
static struct str next_entry(struct str *rest, bool *ret_after_any)
{
	size_t n = 0;

	while (n < rest->n && rest->p[n] != ',' && rest->p[n] != '|')
		n++;
	struct str entry = str_head(*rest, n);
	*ret_after_any = n < rest->n && rest->p[n] == '|';
	*rest = str_from(*rest, n + 1);
	return str_trim(entry);
}

int goproxy_parse(struct str list, struct goproxy *ret, struct err *err)
{
	CLEANUP(goproxy_release) struct goproxy g = { NULL, 0 };

	while (list.n) {
		bool after_any = false;
		struct str entry = next_entry(&list, &after_any);

		if (entry.n == 0)
			continue;
		if (take_entry(entry, after_any, &g, err) < 0)
			return -1;
		if (g.entries[g.n - 1].kind != GOPROXY_URL)
			break;
	}
	if (g.n == 0)
		return err_set(err, FAULT_LOCAL, "a list of upstreams without entries");
	g.entries[g.n - 1].after_any = false;
	*ret = g;
	g = (struct goproxy){ NULL, 0 };
	return 0;
}

void goproxy_format(const struct goproxy *g, struct buf *out)
{
	for (size_t i = 0; i < g->n; i++) {
		const struct goproxy_entry *e = &g->entries[i];

		switch (e->kind) {
		case GOPROXY_URL:
			url_redact(out, str_of(e->url));
			break;
		case GOPROXY_DIRECT:
			buf_puts(out, "direct");
			break;
		case GOPROXY_OFF:
			buf_puts(out, "off");
			break;
		}
		if (i + 1 < g->n)
			buf_putc(out, e->after_any ? '|' : ',');
	}
}

void goproxy_release(struct goproxy *g)
{
	if (!g)
		return;
	for (size_t i = 0; i < g->n; i++)
		free(g->entries[i].url);
	free(g->entries);
	*g = (struct goproxy){ NULL, 0 };
}
