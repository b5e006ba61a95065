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
#include "fetch/gomod.h"

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
	void *ctx;
	struct str go;			/* the go line's version */
};

/* One line's words, as far as they matter: the first three. */
struct line {
	struct token words[3];
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
static void take_require(const struct visitor *v, const struct line *l, size_t from)
{
	if (v->require && l->n >= from + 2 && from + 1 < ARRAY_SIZE(l->words) &&
	    l->words[from].kind == TOKEN_WORD && l->words[from + 1].kind == TOKEN_WORD)
		v->require(v->ctx, l->words[from].text, l->words[from + 1].text);
}

/* One statement: its verb, and the words from `from` on. */
static int take(struct lexer *lx, struct visitor *v, struct str verb, const struct line *l,
		size_t from)
{
	if (str_eqz(verb, "module"))
		return v->module ? take_module(lx, l, from, v->module) : 0;
	if (str_eqz(verb, "require"))
		take_require(v, l, from);
	else if (str_eqz(verb, "go") && l->n == from + 1)
		v->go = l->words[from].text;
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

static struct str visit(struct str text, gomod_require_fn *fn, void *ctx)
{
	CLEANUP(err_release) struct err ignored = ERR();
	struct lexer lx = { .rest = text, .line = 1, .err = &ignored };
	struct visitor v = { .require = fn, .ctx = ctx };

	if (lex(&lx) == 0)
		(void)!read_file(&lx, &v);
	return v.go;
}

void gomod_requirements(struct str text, gomod_require_fn *fn, void *ctx)
{
	visit(text, fn, ctx);
}

/* "1.17", "1.21rc1", "1.21.0": the number behind the first dot decides, unless
 * there is a Go 2. */
bool gomod_is_unpruned(struct str text)
{
	struct str go = visit(text, NULL, NULL);
	uint64_t minor = 0;

	if (!str_starts(go, STR("1.")))
		return go.n == 0;
	for (size_t i = 2; i < go.n && i < 6 && go.p[i] >= '0' && go.p[i] <= '9'; i++)
		minor = minor * 10 + (uint64_t)(go.p[i] - '0');
	return minor < 17;
}
