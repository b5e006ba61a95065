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

static int read_block(struct lexer *lx, int line, bool is_module, struct buf *path)
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
		if (l.n && is_module && take_module(lx, &l, 0, path) < 0)
			return -1;
	}
}

static int read_file(struct lexer *lx, struct buf *path)
{
	struct line l;

	while (lx->next.kind != TOKEN_EOF) {
		if (read_line(lx, false, &l) < 0)
			return -1;
		if (l.n == 0)
			continue;
		bool is_module = str_eqz(l.words[0].text, "module");
		if (l.block) {
			if (read_block(lx, l.words[0].line, is_module && l.n == 1, path) < 0)
				return -1;
		} else if (is_module && take_module(lx, &l, 1, path) < 0) {
			return -1;
		}
	}
	return 0;
}

int gomod_parse(struct str text, struct buf *ret_path, struct err *err)
{
	struct lexer lx = { .rest = text, .line = 1, .err = err };

	if (lex(&lx) < 0 || read_file(&lx, ret_path) < 0)
		return -1;
	if (ret_path->n == 0)
		return bad(&lx, lx.line, "no module directive");
	return 0;
}
