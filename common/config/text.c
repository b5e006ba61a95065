/* config/text.c: what people read about the settings: `stoactl config`, the
 * sample file, and the entries of stoa.conf(5). All come from conf.def.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "base/err.h"
#include "base/limits.h"
#include "config/internal.h"
#include "module/pattern.h"

#include "base/banned.h"

#define TEXT_WIDTH 76

/* One sentence or value for a reader; the texts of conf.def are shorter. */
#define MAX_TEXT 2048

/* The last section that sets the key for this module, or NULL. */
static const struct conf_section *section_of(const struct config *c, size_t key,
					     const struct str *module_path)
{
	for (size_t i = c->n_sections; module_path && i > 0; i--) {
		const struct conf_section *s = &c->sections[i - 1];
		if (s->lines[key] && pattern_match(str_of(s->pattern), *module_path))
			return s;
	}
	return NULL;
}

static void origin(const struct config *c, size_t key, const struct conf_section *s,
		   struct buf *out)
{
	const struct conf_origin *o = &c->origins[key];

	if (s)
		buf_printf(out, "[module \"%s\"] at %s:%d", s->pattern, c->name, s->lines[key]);
	else if (o->variable)
		buf_printf(out, "%s in the environment", o->variable);
	else if (o->line)
		buf_printf(out, "%s:%d", c->name, o->line);
	else
		buf_puts(out, "default");
}

void config_show(const struct config *c, const struct str *module_path, config_show_fn *show,
		 void *ctx)
{
	for (size_t i = 0; i < KEY_COUNT; i++) {
		CLEANUP(buf_release) struct buf value = BUF(MAX_URL);
		CLEANUP(buf_release) struct buf from = BUF(MAX_URL);
		const struct conf_section *s = section_of(c, i, module_path);

		key_format(&conf_keys[i], s ? &s->values : &c->global, &value);
		origin(c, i, s, &from);
		show(ctx, conf_keys[i].name, buf_view(&value), buf_view(&from));
	}
}

void config_sections(const struct config *c, struct str module_path, config_section_fn *show,
		     void *ctx)
{
	for (size_t i = 0; i < c->n_sections; i++) {
		const struct conf_section *s = &c->sections[i];

		show(ctx, s->pattern, c->name, s->line,
		     pattern_match(str_of(s->pattern), module_path));
	}
}

/* "off, X-Sendfile or X-Accel-Redirect" */
static void list_words(const char *words, struct buf *out)
{
	struct str rest = str_of(words);
	struct str word;
	bool first = true;

	while (str_cut(&rest, ' ', &word)) {
		if (!first)
			buf_puts(out, rest.p ? ", " : " or ");
		buf_str(out, word);
		first = false;
	}
}

static void add_range(const char *what, const char *unit, struct buf *out)
{
	struct str u = str_of(unit);
	ptrdiff_t dots = str_find(u, STR(".."));

	buf_printf(out, "%s from %.*s to %s", what, (int)dots, unit, unit + dots + 2);
}

/* What may be written, the default, and where it may stand. */
static void describe(const struct conf_key *k, struct buf *out)
{
	switch (k->type) {
	case CONF_TEXT:
		buf_puts(out, "Text");
		break;
	case CONF_PATH:
		buf_puts(out, "An absolute path");
		break;
	case CONF_MOUNT:
		buf_printf(out, "A path that begins with /%s%s", k->unit[0] ? ", or " : "",
			   k->unit);
		break;
	case CONF_PROXY:
		buf_puts(out, "A URL such as http://proxy.example:3128");
		break;
	case CONF_BOOL:
		buf_puts(out, "Either yes or no");
		break;
	case CONF_COUNT:
		add_range("A number", k->unit, out);
		break;
	case CONF_DURATION:
		add_range("A time", k->unit, out);
		break;
	case CONF_PROXIES:
		buf_puts(out, "A list of URLs");
		break;
	case CONF_PATTERNS:
		buf_puts(out, "A list of module path patterns, separated by commas");
		break;
	case CONF_PEERS:
		buf_puts(out, "A list of addresses and networks");
		break;
	case CONF_CHOICE:
		buf_puts(out, "One of ");
		list_words(k->unit, out);
		break;
	}
	buf_printf(out, "; %s%s.", k->def[0] ? "by default " : "unset by default", k->def);
	if (k->scope == CONF_MODULE)
		buf_puts(out, " May stand in a module section.");
}

/* For stoa.conf(5): a backslash, a hyphen at which no line may break, because
 * the word may be a value, and a line that would be a macro. */
static void add_mdoc_word(struct buf *out, struct str word, bool begins_line)
{
	if (begins_line && word.n && strchr(".'", word.p[0]))
		buf_puts(out, "\\&");
	for (size_t i = 0; i < word.n; i++) {
		if (word.p[i] == '\\')
			buf_puts(out, "\\e");
		else if (word.p[i] == '-')
			buf_puts(out, "\\-");
		else
			buf_putc(out, word.p[i]);
	}
}

/* Appends the text in lines of at most TEXT_WIDTH that begin with `lead`. In
 * mdoc each sentence begins a line, as mandoc wants it. */
static void add_wrapped(struct buf *out, const char *lead, const char *text, bool mdoc)
{
	struct str rest = str_of(text);
	struct str word;
	size_t column = 0;
	bool sentence_ended = false;

	while (str_cut(&rest, ' ', &word)) {
		bool fits = column + 1 + word.n <= TEXT_WIDTH && !(mdoc && sentence_ended);

		if (column && fits) {
			buf_putc(out, ' ');
			column++;
		} else {
			buf_puts(out, column ? "\n" : "");
			buf_puts(out, lead);
			column = strlen(lead);
		}
		if (mdoc)
			add_mdoc_word(out, word, column == strlen(lead));
		else
			buf_str(out, word);
		column += word.n;
		sentence_ended = str_ends(word, STR("."));
	}
	buf_putc(out, '\n');
}

static void sample_key(const struct conf_key *k, struct buf *out)
{
	CLEANUP(buf_release) struct buf about = BUF(MAX_TEXT);

	describe(k, &about);
	buf_putc(out, '\n');
	add_wrapped(out, "# ", k->text, false);
	add_wrapped(out, "# ", about.p, false);
	buf_printf(out, "#%s =%s%s\n", k->name, k->def[0] ? " " : "", k->def);
}

void config_sample(struct buf *out)
{
	buf_puts(out,
		 "# The settings of stoa; stoa.conf(5) tells more. Every key is shown with its\n"
		 "# default; take the \"#\" before a key away to change it.\n"
		 "# Check with: stoactl config\n");
	for (size_t i = 0; i < KEY_COUNT; i++)
		sample_key(&conf_keys[i], out);
	buf_puts(out,
		 "\n"
		 "# Keys below such a line hold for the modules that match the pattern, which\n"
		 "# is one of GOPRIVATE's. Sections come last; of several that match, the last\n"
		 "# one wins. Check with: stoactl config corp.example/team/module\n"
		 "#[module \"corp.example/*\"]\n"
		 "#upstream = direct\n"
		 "#list_ttl = 10s\n");
}

static const char *argument(enum conf_type type)
{
	switch (type) {
	case CONF_TEXT:
		return "text";
	case CONF_PATH:
	case CONF_MOUNT:
		return "path";
	case CONF_PROXY:
		return "url";
	case CONF_BOOL:
		return "yes-or-no";
	case CONF_COUNT:
		return "number";
	case CONF_DURATION:
		return "time";
	case CONF_PROXIES:
		return "urls";
	case CONF_PATTERNS:
		return "patterns";
	case CONF_PEERS:
		return "addresses";
	case CONF_CHOICE:
		return "word";
	}
	return "value";
}

void config_mdoc(struct buf *out)
{
	for (size_t i = 0; i < KEY_COUNT; i++) {
		const struct conf_key *k = &conf_keys[i];
		CLEANUP(buf_release) struct buf about = BUF(MAX_TEXT);

		describe(k, &about);
		buf_printf(out, ".It Ic %s No = Ar %s\n", k->name, argument(k->type));
		add_wrapped(out, "", k->text, true);
		add_wrapped(out, "", about.p, true);
	}
}
