/* fetch/gomod.c: go.mod files, as far as a proxy must read them.
 *
 * Never stricter than modfile.ParseLax (cmd/vendor/golang.org/x/mod/modfile,
 * Go 1.26), since a file that the go command reads must pass; where exactness
 * would need Unicode tables (which runes print), more is let through.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "base/err.h"
#include "base/limits.h"
#include "fetch/gomod.h"
#include "module/modpath.h"
#include "module/semver.h"

#include "base/banned.h"

enum token_kind {
	TOKEN_EOF,
	TOKEN_EOL,	/* a newline, or a comment up to and with it */
	TOKEN_LPAREN,
	TOKEN_RPAREN,
	TOKEN_PUNCT,	/* [ ] { } , */
	TOKEN_WORD,
	TOKEN_STRING,	/* with its quotes */
};

struct token {
	enum token_kind kind;
	struct str text;
	int line;
};

struct lexer {
	struct str rest;
	int line;
	struct token next;
	struct err *err;
};

static int bad(struct lexer *lx, int line, const char *what)
{
	return err_set(lx->err, FAULT_UPSTREAM, "body: not a go.mod: line %d: %s", line, what);
}

static bool is_word_byte(char c)
{
	unsigned char u = (unsigned char)c;

	return u > ' ' && u != 0x7f && !strchr("()[]{},", c);
}

static void give(struct lexer *lx, enum token_kind kind, size_t n)
{
	lx->next = (struct token){ kind, str_head(lx->rest, n), lx->line };
	lx->rest = str_from(lx->rest, n);
	if (kind == TOKEN_EOL)
		lx->line++;
}

static int lex_string(struct lexer *lx)
{
	char quote = lx->rest.p[0];
	size_t i = 1;

	for (;;) {
		if (i >= lx->rest.n)
			return bad(lx, lx->line, "unexpected end of file in string");
		char c = lx->rest.p[i++];
		if (c == '\n')
			return bad(lx, lx->line, "unexpected newline in string");
		if (c == quote)
			break;
		if (c == '\\' && quote != '`')
			i++;
	}
	give(lx, TOKEN_STRING, i);
	return 0;
}

static int lex_word(struct lexer *lx)
{
	size_t i = 0;

	while (i < lx->rest.n && is_word_byte(lx->rest.p[i])) {
		struct str here = str_from(lx->rest, i);
		if (str_starts(here, STR("//")))
			break;
		if (str_starts(here, STR("/*")))
			return bad(lx, lx->line, "/* */ comments are not allowed");
		i++;
	}
	if (i == 0)
		return bad(lx, lx->line, "unexpected control character");
	give(lx, TOKEN_WORD, i);
	return 0;
}

/* Reads the token behind the next one into lx->next. */
static int lex(struct lexer *lx)
{
	while (lx->rest.n && strchr(" \t\r", lx->rest.p[0]) && lx->rest.p[0])
		lx->rest = str_from(lx->rest, 1);
	if (lx->rest.n == 0) {
		give(lx, TOKEN_EOF, 0);
		return 0;
	}
	if (str_starts(lx->rest, STR("//"))) {
		ptrdiff_t end = str_chr(lx->rest, '\n');
		give(lx, TOKEN_EOL, end < 0 ? lx->rest.n : (size_t)end + 1);
		return 0;
	}
	if (str_starts(lx->rest, STR("/*")))
		return bad(lx, lx->line, "/* */ comments are not allowed");
	switch (lx->rest.p[0]) {
	case '\n':
		give(lx, TOKEN_EOL, 1);
		return 0;
	case '(':
		give(lx, TOKEN_LPAREN, 1);
		return 0;
	case ')':
		give(lx, TOKEN_RPAREN, 1);
		return 0;
	case '[':
	case ']':
	case '{':
	case '}':
	case ',':
		give(lx, TOKEN_PUNCT, 1);
		return 0;
	case '"':
	case '`':
		return lex_string(lx);
	default:
		return lex_word(lx);
	}
}

/* Who is told what. */
struct visitor {
	struct buf *module;		/* gets the module path */
	gomod_require_fn *require;	/* NULL: nobody asks */
	gomod_require_fn *exclude;
	gomod_replace_fn *replace;
	gomod_retract_fn *retract;
	void *ctx;
	struct str go;			/* the go line's version */
	bool lax;			/* fail where modfile.ParseLax does */
};

/* One line's words, as far as they matter: those of "retract [v1, v2]" and of
 * "replace a v1 => b v2". */
struct line {
	struct token words[6];
	size_t n;		/* of all words */
	bool block;		/* ends with a parenthesis that opens a block */
};

static void line_add(struct line *l, struct token t)
{
	if (l->n < ARRAY_SIZE(l->words))
		l->words[l->n] = t;
	l->n++;
}

static bool at_end(const struct lexer *lx)
{
	return lx->next.kind == TOKEN_EOL || lx->next.kind == TOKEN_EOF;
}

/* Reads the words up to the end of the line, which is consumed. A parenthesis
 * opens a block only as the last word, and "( )" there is an empty block. */
static int read_line(struct lexer *lx, bool in_block, struct line *ret)
{
	struct line l = { .n = 0 };

	while (!at_end(lx)) {
		struct token t = lx->next;
		if (lex(lx) < 0)
			return -1;
		if (t.kind == TOKEN_LPAREN && !in_block && l.n) {
			if (at_end(lx)) {
				l.block = true;
				break;
			}
			if (lx->next.kind == TOKEN_RPAREN) {
				struct token close = lx->next;
				if (lex(lx) < 0)
					return -1;
				if (at_end(lx)) {
					l.n = 0; /* an empty block says nothing */
					break;
				}
				line_add(&l, t);
				t = close;
			}
		}
		line_add(&l, t);
	}
	*ret = l;
	return lx->next.kind == TOKEN_EOF ? 0 : lex(lx);
}

/* modfile's parseString: a quoted string, or a word without quotes. Backslashes
 * are taken out, their meaning left alone: no module path has one. */
static int unquote(struct lexer *lx, struct token t, struct buf *out)
{
	struct str s = t.text;

	if (t.kind == TOKEN_STRING && s.p[0] == '"') {
		for (size_t i = 1; i + 1 < s.n; i++) {
			if (s.p[i] == '\\')
				i++;
			buf_putc(out, s.p[i]);
		}
		return 0;
	}
	for (size_t i = 0; i < s.n; i++)
		if (strchr("\"'`", s.p[i]) && s.p[i])
			return bad(lx, t.line, "unquoted string cannot contain quote");
	buf_str(out, s);
	return 0;
}

/* The words behind "module". */
static int take_module(struct lexer *lx, const struct line *l, size_t from, struct buf *path)
{
	int line = l->words[0].line;

	if (path->n)
		return bad(lx, line, "repeated module statement");
	if (l->n != from + 1)
		return bad(lx, line, "usage: module module/path");
	if (unquote(lx, l->words[from], path) < 0)
		return -1;
	if (path->n == 0 || path->over)
		return bad(lx, line, "no usable module path");
	return 0;
}

/* A path and a version; both may stand in quotes, which no legal one needs. */
static void take_pair(gomod_require_fn *fn, void *ctx, const struct line *l, size_t from)
{
	if (fn && l->n >= from + 2 && from + 1 < ARRAY_SIZE(l->words) &&
	    l->words[from].kind == TOKEN_WORD && l->words[from + 1].kind == TOKEN_WORD)
		fn(ctx, l->words[from].text, l->words[from + 1].text);
}

/* A word, or what stands in quotes, as folders with spaces do. */
static struct str bare(struct token t)
{
	bool quoted = t.kind == TOKEN_STRING && t.text.n >= 2;

	return quoted ? str_make(t.text.p + 1, t.text.n - 2) : t.text;
}

static void take_replace(const struct visitor *v, const struct line *l, size_t from)
{
	const struct token *w = l->words + from;
	size_t n = l->n - from;
	struct gomod_replace r = { STR(""), STR(""), STR(""), STR("") };

	if (!v->replace || l->n > ARRAY_SIZE(l->words) || n < 3)
		return;
	size_t arrow = str_eqz(w[1].text, "=>") ? 1 : 2;
	if (!str_eqz(w[arrow].text, "=>") || n < arrow + 2 || n > arrow + 3)
		return;
	r.path = bare(w[0]);
	if (arrow == 2)
		r.version = bare(w[1]);
	r.new_path = bare(w[arrow + 1]);
	if (n == arrow + 3)
		r.new_version = bare(w[arrow + 2]);
	v->replace(v->ctx, &r);
}

static size_t digits_of(struct str s)
{
	size_t n = 0;

	while (n < s.n && s.p[n] >= '0' && s.p[n] <= '9')
		n++;
	return n > 1 && s.p[0] == '0' ? 0 : n;
}

/* What comes behind "1.21": nothing, ".3", "rc1", ".3rc1" (modfile.GoVersionRE). */
static bool is_go_tail(struct str s)
{
	size_t n = 0;

	if (s.n && s.p[0] == '.') {
		n = digits_of(str_from(s, 1));
		if (n == 0)
			return false;
		s = str_from(s, n + 1);
	}
	if (s.n == 0)
		return true;
	for (n = 0; n < s.n && s.p[n] >= 'a' && s.p[n] <= 'z'; n++)
		;
	if (n == 0 || n == s.n)
		return false;
	for (size_t i = n; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return true;
}

/* The version that the go line stands for in a dependency, "" for none: what is
 * not one as a whole counts by its beginning (modfile.laxGoVersionRE). */
static struct str go_version(struct str s)
{
	bool v = s.n && s.p[0] == 'v';
	struct str bare = str_from(s, v ? 1 : 0);
	size_t major = digits_of(bare);
	struct str rest = str_from(bare, major);

	if (major == 0 || bare.p[0] == '0' || rest.n == 0 || rest.p[0] != '.')
		return STR("");
	size_t minor = digits_of(str_from(rest, 1));
	if (minor == 0)
		return STR("");
	struct str tail = str_from(rest, minor + 1);
	if (!v && is_go_tail(tail))
		return bare;
	if (tail.n == 0 || (tail.p[0] >= '0' && tail.p[0] <= '9'))
		return STR("");
	return str_head(bare, major + 1 + minor);
}

static int check_go(struct lexer *lx, const struct visitor *v, const struct line *l, size_t from)
{
	if (!v->lax)
		return 0;
	if (v->go.n)
		return bad(lx, l->words[0].line, "repeated go statement");
	if (l->n != from + 1 || go_version(l->words[from].text).n == 0)
		return bad(lx, l->words[0].line, "invalid go version");
	return 0;
}

/* A version as modfile.parseVersion reads it, canonical, appended. */
static int take_version(struct lexer *lx, struct token t, struct buf *out)
{
	CLEANUP(buf_release) struct buf plain = BUF(MAX_URI);

	if (unquote(lx, t, &plain) < 0)
		return -1;
	semver_module_canonical(buf_view(&plain), out);
	return out->n && !out->over ? 0 : bad(lx, t.line, "must be of the form v1.2.3");
}

static int check_require(struct lexer *lx, const struct visitor *v, const struct line *l,
			 size_t from)
{
	CLEANUP(buf_release) struct buf path = BUF(MAX_URI);
	CLEANUP(buf_release) struct buf version = BUF(MAX_URI);
	struct str prefix;
	struct str major;

	if (!v->lax)
		return 0;
	if (l->n != from + 2)
		return bad(lx, l->words[0].line, "usage: require module/path v1.2.3");
	if (unquote(lx, l->words[from], &path) < 0 ||
	    take_version(lx, l->words[from + 1], &version) < 0)
		return -1;
	if (!modpath_split(buf_view(&path), &prefix, &major) ||
	    !modpath_major_fits(buf_view(&version), major))
		return bad(lx, l->words[0].line, "the version does not fit the path");
	return 0;
}

/* "v1" or "[v1, v2]". What is malformed is ignored in a dependency. */
static void take_retract(const struct visitor *v, const struct line *l, size_t from)
{
	CLEANUP(buf_release) struct buf low = BUF(MAX_URI);
	CLEANUP(buf_release) struct buf high = BUF(MAX_URI);
	CLEANUP(err_release) struct err ignored = ERR();
	struct lexer lx = { .err = &ignored };
	const struct token *w = l->words + from;
	bool interval = l->n > from && str_eqz(w[0].text, "[");

	if (!v->retract || l->n <= from)
		return;
	if (interval && (l->n < from + 5 || !str_eqz(w[2].text, ",") || !str_eqz(w[4].text, "]")))
		return;
	if (take_version(&lx, w[interval ? 1 : 0], &low) < 0 ||
	    take_version(&lx, w[interval ? 3 : 0], &high) < 0)
		return;
	v->retract(v->ctx, buf_view(&low), buf_view(&high));
}

/* One statement: its verb, and the words from `from` on. */
static int take(struct lexer *lx, struct visitor *v, struct str verb, const struct line *l,
		size_t from)
{
	if (str_eqz(verb, "module"))
		return v->module ? take_module(lx, l, from, v->module) : 0;
	if (str_eqz(verb, "ignore") && v->lax && l->n != from + 1)
		return bad(lx, l->words[0].line, "ignore directive expects exactly one argument");
	if (str_eqz(verb, "retract"))
		take_retract(v, l, from);
	if (str_eqz(verb, "exclude"))
		take_pair(v->exclude, v->ctx, l, from);
	if (str_eqz(verb, "replace"))
		take_replace(v, l, from);
	if (str_eqz(verb, "require")) {
		if (check_require(lx, v, l, from) < 0)
			return -1;
		take_pair(v->require, v->ctx, l, from);
	}
	/* a block of go lines says nothing */
	if (str_eqz(verb, "go") && from == 1) {
		if (check_go(lx, v, l, from) < 0)
			return -1;
		if (l->n == from + 1)
			v->go = l->words[from].text;
	}
	return 0;
}

static int read_block(struct lexer *lx, int line, struct str verb, struct visitor *v)
{
	struct line l;

	for (;;) {
		if (lx->next.kind == TOKEN_EOF)
			return bad(lx, line, "syntax error (unterminated block)");
		bool closes = lx->next.kind == TOKEN_RPAREN;
		int at = lx->next.line;
		if (read_line(lx, true, &l) < 0)
			return -1;
		if (closes)
			return l.n == 1 ? 0 : bad(lx, at, "syntax error (expected newline after "
						  "closing paren)");
		if (l.n && take(lx, v, verb, &l, 0) < 0)
			return -1;
	}
}

static int read_file(struct lexer *lx, struct visitor *v)
{
	struct line l;

	while (lx->next.kind != TOKEN_EOF) {
		if (read_line(lx, false, &l) < 0)
			return -1;
		if (l.n == 0)
			continue;
		struct str verb = l.words[0].text;
		if (l.block) {
			/* a block's head of several words names no verb that we know */
			if (read_block(lx, l.words[0].line, l.n == 1 ? verb : STR(""), v) < 0)
				return -1;
		} else if (take(lx, v, verb, &l, 1) < 0) {
			return -1;
		}
	}
	return 0;
}

int gomod_parse(struct str text, struct buf *ret_path, struct err *err)
{
	struct lexer lx = { .rest = text, .line = 1, .err = err };
	struct visitor v = { .module = ret_path };

	if (lex(&lx) < 0 || read_file(&lx, &v) < 0)
		return -1;
	if (ret_path->n == 0)
		return bad(&lx, lx.line, "no module directive");
	return 0;
}

static struct str visit(struct str text, struct visitor v)
{
	CLEANUP(err_release) struct err ignored = ERR();
	struct lexer lx = { .rest = text, .line = 1, .err = &ignored };

	if (lex(&lx) == 0)
		(void)!read_file(&lx, &v);
	return v.go;
}

void gomod_requirements(struct str text, gomod_require_fn *fn, void *ctx)
{
	visit(text, (struct visitor){ .require = fn, .ctx = ctx });
}

void gomod_exclusions(struct str text, gomod_require_fn *fn, void *ctx)
{
	visit(text, (struct visitor){ .exclude = fn, .ctx = ctx });
}

void gomod_replacements(struct str text, gomod_replace_fn *fn, void *ctx)
{
	visit(text, (struct visitor){ .replace = fn, .ctx = ctx });
}

/* "1.17", "1.21rc1", "1.21.0": the number behind the first dot decides, unless
 * there is a Go 2. */
bool gomod_is_unpruned(struct str text)
{
	struct str go = visit(text, (struct visitor){ .ctx = NULL });
	uint64_t minor = 0;

	if (!str_starts(go, STR("1.")))
		return go.n == 0;
	for (size_t i = 2; i < go.n && i < 6 && go.p[i] >= '0' && go.p[i] <= '9'; i++)
		minor = minor * 10 + (uint64_t)(go.p[i] - '0');
	return minor < 17;
}

/* What modfile.ParseLax says; *ret_go is the go line's version, "" for none. */
static int parse_lax(struct str text, gomod_retract_fn *fn, void *ctx, struct str *ret_go)
{
	CLEANUP(err_release) struct err ignored = ERR();
	CLEANUP(buf_release) struct buf path = BUF(MAX_URI);
	struct lexer lx = { .rest = text, .line = 1, .err = &ignored };
	struct visitor v = { .module = &path, .retract = fn, .ctx = ctx, .go = STR(""),
			     .lax = true };

	if (lex(&lx) < 0 || read_file(&lx, &v) < 0)
		return -1;
	*ret_go = go_version(v.go);
	return 0;
}

int gomod_retractions(struct str text, gomod_retract_fn *fn, void *ctx)
{
	struct str go;

	return parse_lax(text, fn, ctx, &go);
}

bool gomod_is_since_1_24(struct str text)
{
	struct str go = STR("");
	uint64_t minor = 0;

	if (parse_lax(text, NULL, NULL, &go) < 0 || go.n == 0)
		return false;
	if (!str_starts(go, STR("1.")))
		return true;
	for (size_t i = 2; i < go.n && i < 8 && go.p[i] >= '0' && go.p[i] <= '9'; i++)
		minor = minor * 10 + (uint64_t)(go.p[i] - '0');
	return minor >= 24;
}

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static struct str trim_space(struct str s)
{
	while (s.n && is_blank(s.p[0]))
		s = str_from(s, 1);
	while (s.n && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

/* strconv.Unquote, as far as module paths go: what has an escape in it is no path
 * that anything accepts. */
static void quick_unquote(struct str s, struct buf *out)
{
	struct str inner = str_make(s.p + 1, s.n > 1 ? s.n - 2 : 0);

	if (s.n < 2 || s.p[s.n - 1] != s.p[0] || str_chr(inner, s.p[0]) >= 0)
		return;
	if (s.p[0] == '`') {
		for (size_t i = 0; i < inner.n; i++)
			if (inner.p[i] != '\r')
				buf_putc(out, inner.p[i]);
		return;
	}
	if (str_chr(inner, '\\') < 0)
		buf_str(out, inner);
}

void gomod_quick_path(struct str text, struct buf *out)
{
	struct str line;

	while (str_cut(&text, '\n', &line)) {
		ptrdiff_t comment = str_find(line, STR("//"));
		if (comment >= 0)
			line = str_head(line, (size_t)comment);
		line = trim_space(line);
		if (!str_starts(line, STR("module")))
			continue;
		struct str rest = trim_space(str_from(line, 6));
		if (rest.n == 0 || rest.n == line.n - 6)
			continue;
		if (rest.p[0] == '"' || rest.p[0] == '`')
			quick_unquote(rest, out);
		else
			buf_str(out, rest);
		return;
	}
}
