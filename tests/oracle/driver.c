/* tests/oracle/driver.c: answers oracle.go's questions with our functions.
 *
 * Each line of standard input is a word and its operands in hexadecimal, all
 * separated by tabs ("-" is the empty text); each answer is one line:
 *
 *	ok [TEXT in hexadecimal]	or	bad [WORD]
 *
 * For a zip, the operands are module, version and a file; WORD is the rule.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/io.h"
#include "base/parse.h"
#include "fetch/dirhash.h"
#include "fetch/zipcheck.h"
#include "module/modpath.h"
#include "module/pseudo.h"
#include "module/semver.h"
#include "module/utf8.h"

#include "base/banned.h"

#define MAX_ARGS 4
#define MAX_TEXT (1u << 20)

struct question {
	struct buf arg[MAX_ARGS];
	struct buf answer;
	struct err err;
};

static struct str arg(const struct question *q, int i)
{
	return buf_view(&q->arg[i]);
}

/* A predicate's answer as a word for the go side: -1 is "bad". */
static int yes(struct question *q, bool v)
{
	buf_puts(&q->answer, v ? "yes" : "no");
	return 0;
}

static int do_path(struct question *q)
{
	return modpath_check(arg(q, 0), &q->err);
}

static int do_file(struct question *q)
{
	return modpath_check_file(arg(q, 0), &q->err);
}

/* module.Check, and canonical */
static int do_check(struct question *q)
{
	return modpath_check_version(arg(q, 0), arg(q, 1), &q->err);
}

static int do_split(struct question *q)
{
	struct str prefix;
	struct str major;

	if (!modpath_split(arg(q, 0), &prefix, &major))
		return -1;
	buf_str(&q->answer, prefix);
	buf_putc(&q->answer, '|');
	buf_str(&q->answer, major);
	return 0;
}

static int do_major(struct question *q)
{
	return yes(q, modpath_major_fits(arg(q, 0), arg(q, 1)));
}

static int do_escape(struct question *q)
{
	return modpath_escape(arg(q, 0), &q->answer, &q->err);
}

static int do_escape_version(struct question *q)
{
	return modpath_escape_version(arg(q, 0), &q->answer, &q->err);
}

static int do_unescape(struct question *q)
{
	return modpath_unescape(arg(q, 0), &q->answer, &q->err);
}

static int do_unescape_version(struct question *q)
{
	return modpath_unescape_version(arg(q, 0), &q->answer, &q->err);
}

static int do_valid(struct question *q)
{
	return yes(q, semver_valid(arg(q, 0)));
}

static int do_canonical(struct question *q)
{
	semver_canonical(arg(q, 0), &q->answer);
	buf_putc(&q->answer, '|');
	semver_module_canonical(arg(q, 0), &q->answer);
	return 0;
}

static int do_parts(struct question *q)
{
	buf_str(&q->answer, semver_major(arg(q, 0)));
	buf_putc(&q->answer, '|');
	buf_str(&q->answer, semver_prerelease(arg(q, 0)));
	buf_putc(&q->answer, '|');
	buf_str(&q->answer, semver_build(arg(q, 0)));
	return 0;
}

static int do_compare(struct question *q)
{
	int c = semver_cmp(arg(q, 0), arg(q, 1));
	int o = semver_order(arg(q, 0), arg(q, 1));

	buf_printf(&q->answer, "%d|%d", (c > 0) - (c < 0), (o > 0) - (o < 0));
	return 0;
}

static int do_pseudo(struct question *q)
{
	struct str when;
	struct str rev;
	time_t t = 0;

	if (!pseudo_is(arg(q, 0)))
		return yes(q, false);
	buf_puts(&q->answer, "yes|");
	if (pseudo_parts(arg(q, 0), &when, &rev) == 0)
		buf_str(&q->answer, rev);
	buf_putc(&q->answer, '|');
	if (pseudo_time(arg(q, 0), &t) == 0)
		buf_printf(&q->answer, "%lld", (long long)t);
	buf_putc(&q->answer, '|');
	if (pseudo_base(arg(q, 0), &q->answer, &q->err) < 0)
		buf_putc(&q->answer, '!');
	return 0;
}

static int do_make_pseudo(struct question *q)
{
	uint64_t t = 0;

	if (parse_u64(arg(q, 2), INT64_MAX, &t) < 0)
		return -1;
	pseudo_make(arg(q, 0), arg(q, 1), (time_t)t, arg(q, 3), &q->answer);
	return 0;
}

static int do_fold(struct question *q)
{
	struct str s = arg(q, 0);
	uint32_t r = 0;

	while (s.n) {
		size_t n = utf8_next(s, &r);
		if (!n)
			return -1;
		buf_printf(&q->answer, "%x ", (unsigned int)utf8_fold(r));
		s = str_from(s, n);
	}
	return 0;
}

static int do_mod_hash(struct question *q)
{
	dirhash_mod(arg(q, 0), &q->answer);
	return 0;
}

static int do_zip(struct question *q)
{
	CLEANUP(fd_close) int fd = io_open(AT_FDCWD, q->arg[2].p, O_RDONLY, 0);

	return zipcheck(fd, arg(q, 0), arg(q, 1), &q->answer, &q->err);
}

static const struct {
	const char *word;
	int (*answer)(struct question *q);
} questions[] = {
	{ "path", do_path },
	{ "file", do_file },
	{ "check", do_check },
	{ "split", do_split },
	{ "major", do_major },
	{ "escape", do_escape },
	{ "escape-version", do_escape_version },
	{ "unescape", do_unescape },
	{ "unescape-version", do_unescape_version },
	{ "valid", do_valid },
	{ "canonical", do_canonical },
	{ "parts", do_parts },
	{ "compare", do_compare },
	{ "pseudo", do_pseudo },
	{ "make-pseudo", do_make_pseudo },
	{ "fold", do_fold },
	{ "mod-hash", do_mod_hash },
	{ "zip", do_zip },
};

static void take_arg(struct str hex, struct buf *out)
{
	if (str_eqz(hex, "-"))
		return;
	for (size_t i = 0; i + 1 < hex.n; i += 2)
		buf_putc(out, (char)(parse_hex(hex.p[i]) << 4 | parse_hex(hex.p[i + 1])));
}

/* "body: bad module zip: WORD: ..." is all that has a word. */
static void print_bad(const struct err *err)
{
	struct str text = buf_view(&err->text);
	struct str head = STR("body: bad module zip: ");
	struct str word = STR("");

	if (str_starts(text, head)) {
		struct str rest = str_from(text, head.n);
		str_cut(&rest, ':', &word);
	}
	printf("bad%s%.*s\n", word.n ? " " : "", STR_ARG(word));
}

static void print_ok(struct str text)
{
	fputs("ok", stdout);
	for (size_t i = 0; i < text.n; i++)
		printf("%s%02x", i ? "" : " ", (unsigned int)(unsigned char)text.p[i]);
	putchar('\n');
}

static void answer(struct str line, struct question *q)
{
	struct str word;
	struct str field;

	str_cut(&line, '\t', &word);
	for (int i = 0; i < MAX_ARGS; i++) {
		buf_reset(&q->arg[i]);
		if (str_cut(&line, '\t', &field))
			take_arg(field, &q->arg[i]);
	}
	buf_reset(&q->answer);
	err_reset(&q->err);
	for (size_t i = 0; i < ARRAY_SIZE(questions); i++) {
		if (!str_eqz(word, questions[i].word))
			continue;
		if (questions[i].answer(q) < 0)
			print_bad(&q->err);
		else
			print_ok(buf_view(&q->answer));
		return;
	}
	puts("unknown");
}

int main(void)
{
	struct question q = { .answer = BUF(MAX_TEXT), .err = ERR() };
	char *line = NULL;
	size_t room = 0;
	ssize_t n = 0;

	for (int i = 0; i < MAX_ARGS; i++)
		q.arg[i] = BUF(MAX_TEXT);
	while ((n = getline(&line, &room, stdin)) > 0) {
		struct str s = str_make(line, (size_t)n);
		if (s.p[s.n - 1] == '\n')
			s.n--;
		answer(s, &q);
		fflush(stdout);
	}
	free(line);
	for (int i = 0; i < MAX_ARGS; i++)
		buf_release(&q.arg[i]);
	buf_release(&q.answer);
	err_release(&q.err);
	return 0;
}
