/* fetch/vcs/meta.c: the go-import tags of a page.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "fetch/vcs/meta.h"

#include "base/banned.h"

void meta_release(struct meta *m)
{
	buf_release(&m->text);
	m->n = 0;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

static bool is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '_' || c == ':' || c == '.';
}

static void skip_space(struct str *s)
{
	while (s->n && is_space(s->p[0]))
		*s = str_from(*s, 1);
}

static struct str take_name(struct str *s)
{
	size_t n = 0;

	while (n < s->n && is_name(s->p[n]))
		n++;
	struct str name = str_head(*s, n);
	*s = str_from(*s, n);
	return name;
}

/* The value behind an attribute's name, "" for none. */
static struct str take_value(struct str *s)
{
	struct str value = STR("");
	size_t n = 0;

	skip_space(s);
	if (s->n == 0 || s->p[0] != '=')
		return value;
	*s = str_from(*s, 1);
	skip_space(s);
	if (s->n && (s->p[0] == '"' || s->p[0] == '\'')) {
		char quote = s->p[0];
		*s = str_from(*s, 1);
		ptrdiff_t end = str_chr(*s, quote);
		n = end < 0 ? s->n : (size_t)end;
		value = str_head(*s, n);
		*s = str_from(*s, n + 1);
		return value;
	}
	while (n < s->n && !is_space(s->p[n]) && s->p[n] != '>')
		n++;
	value = str_head(*s, n);
	*s = str_from(*s, n);
	return value;
}

/* One character of "&amp;" and its like; anything else stands for itself. */
static size_t entity(struct str s, struct buf *out)
{
	static const struct {
		struct str name;
		char c;
	} known[] = {
		{ { "&amp;", 5 }, '&' }, { { "&lt;", 4 }, '<' }, { { "&gt;", 4 }, '>' },
		{ { "&quot;", 6 }, '"' }, { { "&apos;", 6 }, '\'' }, { { "&#47;", 5 }, '/' },
		{ { "&#x2f;", 6 }, '/' }, { { "&#x2F;", 6 }, '/' }, { { "&#34;", 5 }, '"' },
		{ { "&#39;", 5 }, '\'' }, { { "&#43;", 5 }, '+' },
	};

	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		if (!str_starts(s, known[i].name))
			continue;
		buf_putc(out, known[i].c);
		return known[i].name.n;
	}
	buf_putc(out, s.p[0]);
	return 1;
}

static void add_import(struct meta *m, struct str content)
{
	size_t start = m->text.n;
	struct str fields[5];
	size_t n = 0;

	for (size_t i = 0; i < content.n;)
		i += entity(str_from(content, i), &m->text);
	if (m->text.over || m->n == META_MAX)
		return;
	struct str rest = str_from(buf_view(&m->text), start);
	for (skip_space(&rest); rest.n && n < ARRAY_SIZE(fields); skip_space(&rest)) {
		size_t end = 0;
		while (end < rest.n && !is_space(rest.p[end]))
			end++;
		fields[n++] = str_head(rest, end);
		rest = str_from(rest, end);
	}
	if (n != 3 && n != 4)
		return;
	m->v[m->n++] = (struct meta_import){ fields[0], fields[1], fields[2],
					     n == 4 ? fields[3] : STR("") };
}

/* The attributes of a tag, up to behind its end. */
static void read_meta(struct str *s, struct meta *m)
{
	struct str name = STR("");
	struct str content = STR("");
	bool has_name = false;
	bool has_content = false;

	for (;;) {
		skip_space(s);
		if (s->n == 0)
			break;
		if (s->p[0] == '>') {
			*s = str_from(*s, 1);
			break;
		}
		struct str key = take_name(s);
		if (key.n == 0) {
			*s = str_from(*s, 1);
			continue;
		}
		struct str value = take_value(s);
		if (!has_name && str_caseeq(key, STR("name"))) {
			name = value;
			has_name = true;
		}
		if (!has_content && str_caseeq(key, STR("content"))) {
			content = value;
			has_content = true;
		}
	}
	if (str_eqz(name, "go-import"))
		add_import(m, content);
}

/* Behind the next `end`, in any case; nothing when there is none. */
static void skip_past(struct str *s, struct str end)
{
	for (size_t i = 0; i + end.n <= s->n; i++) {
		if (!str_caseeq(str_make(s->p + i, end.n), end))
			continue;
		*s = str_from(*s, i + end.n);
		return;
	}
	*s = str_from(*s, s->n);
}

/* One piece of markup behind its "<". false at the end of what counts. */
static bool read_tag(struct str *s, struct meta *m)
{
	if (str_starts(*s, STR("!--"))) {
		skip_past(s, STR("-->"));
		return true;
	}
	bool closing = s->n && s->p[0] == '/';
	if (closing)
		*s = str_from(*s, 1);
	struct str name = take_name(s);
	if (closing ? str_caseeq(name, STR("head")) : str_caseeq(name, STR("body")))
		return false;
	if (!closing && str_caseeq(name, STR("meta")))
		read_meta(s, m);
	else if (!closing && str_caseeq(name, STR("script")))
		skip_past(s, STR("</script"));
	else if (!closing && str_caseeq(name, STR("style")))
		skip_past(s, STR("</style"));
	return true;
}

/* Entries for a proxy first; others only where no such entry has their prefix. */
static void order(struct meta *m)
{
	struct meta_import v[META_MAX];
	size_t n = 0;

	for (size_t i = 0; i < m->n; i++)
		if (str_eqz(m->v[i].vcs, "mod"))
			v[n++] = m->v[i];
	size_t mods = n;
	for (size_t i = 0; i < m->n; i++) {
		bool hidden = str_eqz(m->v[i].vcs, "mod");
		for (size_t k = 0; k < mods; k++)
			hidden = hidden || str_eq(v[k].prefix, m->v[i].prefix);
		if (!hidden)
			v[n++] = m->v[i];
	}
	if (n)
		memcpy(m->v, v, n * sizeof(*v));
	m->n = n;
}

void meta_read(struct str page, struct meta *m)
{
	/* views must not move while more is appended */
	if (!buf_room(&m->text, page.n + 1))
		return;
	for (;;) {
		ptrdiff_t at = str_chr(page, '<');
		if (at < 0)
			break;
		page = str_from(page, (size_t)at + 1);
		if (!read_tag(&page, m))
			break;
	}
	order(m);
}

int meta_match(const struct meta *m, struct str path, const struct meta_import **ret)
{
	const struct meta_import *found = NULL;

	for (size_t i = 0; i < m->n; i++) {
		const struct meta_import *e = &m->v[i];
		if (!str_starts(path, e->prefix) ||
		    (path.n > e->prefix.n && path.p[e->prefix.n] != '/'))
			continue;
		if (found && str_eqz(found->vcs, "mod") && !str_eqz(e->vcs, "mod"))
			break;
		if (found)
			return -1;
		found = e;
	}
	*ret = found;
	return found != NULL;
}
