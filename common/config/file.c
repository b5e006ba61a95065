/* config/file.c: reads stoa.conf.
 *
 * libinih splits NAME = VALUE and cuts comments. It has no line numbers in its
 * callback, cuts section names at 49 bytes and at the first "]", joins
 * indented lines, splits long ones, and takes "NAME: VALUE" too. So the lines
 * go through our own reader: it counts them, refuses what inih would misread
 * without a word, handles [module "PATTERN"] itself, and passes each of the
 * others on without the blanks at its ends. The first error ends the reading.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <ini.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "config/internal.h"
#include "config/suggest.h"

#include "base/banned.h"

struct reader {
	struct config *c;
	struct str rest;
	int line;
	bool in_section;	/* the last of c->sections */
	bool has_keys;		/* that section has */
	bool failed;
	struct err *err;
};

/* Puts file and line before the text that err holds. */
static void fail(struct reader *r, int line)
{
	r->failed = true;
	err_wrap(r->err, "%s:%d", r->c->name, line);
}

static struct str next_line(struct reader *r)
{
	ptrdiff_t end = str_chr(r->rest, '\n');
	struct str line = end < 0 ? r->rest : str_head(r->rest, (size_t)end);

	r->rest = str_from(r->rest, line.n + (end >= 0));
	r->line++;
	return line;
}

static struct str skip_blanks(struct str s)
{
	while (s.n && (s.p[0] == ' ' || s.p[0] == '\t'))
		s = str_from(s, 1);
	return s;
}

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '-' || c == '.';
}

static struct str cut_word(struct str *rest)
{
	struct str s = *rest;
	size_t n = 0;

	while (n < s.n && is_word(s.p[n]))
		n++;
	*rest = skip_blanks(str_from(s, n));
	return str_head(s, n);
}

static int unknown_section(struct str name, struct err *err)
{
	struct suggest s = SUGGEST(name);

	suggest_offer(&s, "module");
	if (s.best)
		return err_set(err, FAULT_LOCAL,
			       "unknown section \"%.*s\", did you mean [%s \"PATTERN\"]?",
			       STR_ARG(name), s.best);
	return err_set(err, FAULT_LOCAL,
		       "unknown section \"%.*s\"; only [module \"PATTERN\"] is known",
		       STR_ARG(name));
}

/* [module "PATTERN"], a comment may follow. */
static int section_pattern(struct str line, struct str *ret_pattern, struct err *err)
{
	struct str rest = skip_blanks(str_from(line, 1));
	struct str name = cut_word(&rest);

	if (str_chr(rest, ']') < 0)
		return err_set(err, FAULT_LOCAL, "the section's \"]\" is missing");
	if (!str_eqz(name, "module"))
		return unknown_section(name, err);
	ptrdiff_t end = str_starts(rest, STR("\"")) ? str_chr(str_from(rest, 1), '"') : -1;
	if (end < 0)
		return err_set(err, FAULT_LOCAL,
			       "a pattern in quotes is missing: [module \"PATTERN\"]");
	struct str pattern = str_head(str_from(rest, 1), (size_t)end);
	if (str_trim(pattern).n == 0 || str_trim(pattern).n != pattern.n)
		return err_set(err, FAULT_LOCAL, "the section's pattern is empty or has blanks");
	rest = skip_blanks(str_from(rest, (size_t)end + 2));
	if (!str_starts(rest, STR("]")))
		return err_set(err, FAULT_LOCAL, "the section's \"]\" is missing");
	rest = skip_blanks(str_from(rest, 1));
	if (rest.n && rest.p[0] != ';' && rest.p[0] != '#')
		return err_set(err, FAULT_LOCAL, "text behind the section's \"]\"");
	*ret_pattern = pattern;
	return key_check_patterns(pattern, err);
}

static int end_section(struct reader *r)
{
	if (!r->in_section || r->has_keys)
		return 0;
	int line = r->c->sections[r->c->n_sections - 1].line;
	err_set(r->err, FAULT_LOCAL, "a section without keys");
	fail(r, line);
	return -1;
}

static int begin_section(struct reader *r, struct str line)
{
	struct config *c = r->c;
	struct str pattern;

	if (end_section(r) < 0)
		return -1;
	if (section_pattern(line, &pattern, r->err) < 0) {
		fail(r, r->line);
		return -1;
	}
	c->sections = xreallocarray(c->sections, c->n_sections + 1, sizeof(*c->sections));
	c->sections[c->n_sections++] = (struct conf_section){
		.pattern = conf_pool_text(&c->pool, pattern),
		.line = r->line,
	};
	r->in_section = true;
	r->has_keys = false;
	return 0;
}

/* What inih would misread or refuse without saying why. */
static int check_line(struct str line, size_t most, struct err *err)
{
	struct str rest = line;

	if (line.n > most)
		return err_set(err, FAULT_LOCAL, "a line longer than %zu bytes", most);
	if (memchr(line.p, '\0', line.n))
		return err_set(err, FAULT_LOCAL, "a NUL byte");
	if (line.n == 0 || strchr(";#[", line.p[0]))
		return 0;
	if (cut_word(&rest).n == 0 || !str_starts(rest, STR("=")))
		return err_set(err, FAULT_LOCAL,
			       "neither NAME = VALUE nor [module \"PATTERN\"] nor a comment");
	return 0;
}

/* fgets for inih: the next line, or NULL at the end and after an error. */
static char *read_line(char *to, int size, void *stream)
{
	struct reader *r = stream;
	size_t most = size > 2 ? (size_t)size - 2 : 0;

	if (most > MAX_CONF_LINE)
		most = MAX_CONF_LINE;
	if (r->failed || r->rest.n == 0)
		return NULL;
	struct str line = str_trim(next_line(r));
	if (check_line(line, most, r->err) < 0) {
		fail(r, r->line);
		return NULL;
	}
	if (str_starts(line, STR("["))) {
		if (begin_section(r, line) < 0)
			return NULL;
		line = STR("[module]");
	}
	memcpy(to, line.p, line.n);
	to[line.n] = '\n';
	to[line.n + 1] = '\0';
	return to;
}

static int unknown_key(struct str name, struct err *err)
{
	struct suggest s = SUGGEST(name);

	for (size_t i = 0; i < KEY_COUNT; i++)
		suggest_offer(&s, conf_keys[i].name);
	if (s.best)
		return err_set(err, FAULT_LOCAL, "unknown key \"%.*s\", did you mean \"%s\"?",
			       STR_ARG(name), s.best);
	return err_set(err, FAULT_LOCAL, "unknown key \"%.*s\"", STR_ARG(name));
}

static int take_key(struct reader *r, struct str name, struct str value)
{
	struct config *c = r->c;
	struct conf_section *in = r->in_section ? &c->sections[c->n_sections - 1] : NULL;
	const struct conf_key *k = key_of_name(name);

	if (!k)
		return unknown_key(name, r->err);
	size_t i = (size_t)(k - conf_keys);
	int *first = in ? &in->lines[i] : &c->origins[i].line;
	if (in && k->scope != CONF_MODULE)
		return err_set(r->err, FAULT_LOCAL,
			       "\"%s\" is a global key; it must stand before all sections",
			       k->name);
	if (*first)
		return err_set(r->err, FAULT_LOCAL, "\"%s\" is set a second time, after line %d",
			       k->name, *first);
	if (key_set(k, value, &c->pool, in ? &in->values : &c->global, r->err) < 0)
		return err_wrap(r->err, "%s", k->name);
	*first = r->line;
	r->has_keys = true;
	return 0;
}

static int handle(void *user, const char *section, const char *name, const char *value)
{
	struct reader *r = user;

	(void)section;
	if (r->failed)
		return 1;
	if (take_key(r, str_of(name), str_of(value)) < 0)
		fail(r, r->line);
	return 1;
}

/* Debian's libinih has its limits as variables, others at compile time; the
 * reader learns the line's limit from inih either way. */
static void set_limits(void)
{
#if HAVE_DECL_INI_MAX_LINE
	ini_max_line = MAX_CONF_LINE + 3;
#endif
#if HAVE_DECL_INI_USE_STACK
	ini_use_stack = true;
#endif
#if HAVE_DECL_INI_ALLOW_MULTILINE
	ini_allow_multiline = false;
#endif
}

int conf_read(struct config *c, struct str text, struct err *err)
{
	struct reader r = { .c = c, .rest = text, .err = err };

	if (str_starts(text, STR("\xef\xbb\xbf")))
		r.rest = str_from(text, 3);
	set_limits();
	int rc = ini_parse_stream(read_line, &r, handle, &r);
	if (!r.failed && rc != 0) {
		err_set(err, FAULT_LOCAL, "not understood");
		fail(&r, rc > 0 ? rc : r.line);
	}
	if (!r.failed)
		end_section(&r);
	return r.failed ? -1 : 0;
}
