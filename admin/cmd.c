/* admin/cmd.c: what stoactl's commands share.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "admin/cmd.h"
#include "base/err.h"
#include "base/must.h"
#include "config/config.h"
#include "config/suggest.h"

#include "base/banned.h"

extern char **environ;

static void complain(const char *fmt, va_list ap) PRINTF(1, 0);

static void complain(const char *fmt, va_list ap)
{
	fputs("stoactl: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
}

int cmd_usage(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	complain(fmt, ap);
	va_end(ap);
	fputs("Try `stoactl help'.\n", stderr);
	return CMD_USAGE;
}

int cmd_failed(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	complain(fmt, ap);
	va_end(ap);
	return CMD_FAILED;
}

static const struct opt *find_opt(const struct opt *opts, struct str name)
{
	struct suggest s = SUGGEST(name);

	for (const struct opt *o = opts; o->name; o++) {
		if (str_eqz(name, o->name))
			return o;
		suggest_offer(&s, o->name);
	}
	if (s.best)
		cmd_usage("unknown option --%.*s, did you mean --%s?", STR_ARG(name), s.best);
	else
		cmd_usage("unknown option --%.*s", STR_ARG(name));
	return NULL;
}

/* How many arguments the option at argv[0] takes up, or -1. */
static int take_opt(const struct opt *opts, char **argv)
{
	struct str rest = str_from(str_of(argv[0]), 2);
	struct str name;

	str_cut(&rest, '=', &name);
	const struct opt *o = find_opt(opts, name);
	if (!o)
		return -1;
	if (o->flag && rest.p) {
		cmd_usage("option --%s takes no value", o->name);
		return -1;
	}
	if (o->flag) {
		*o->flag = true;
		return 1;
	}
	*o->value = rest.p ? rest.p : argv[1];
	if (!*o->value) {
		cmd_usage("option --%s needs a value", o->name);
		return -1;
	}
	return rest.p ? 1 : 2;
}

/* Who wants to know the options, instead of having them taken. */
static struct {
	void (*each)(void *ctx, const char *name, bool has_value);
	void *ctx;
} listing;

static void list(const struct opt *opts)
{
	for (const struct opt *o = opts; o->name; o++)
		if (strcmp(o->name, "mdoc") != 0)
			listing.each(listing.ctx, o->name, !o->flag);
	listing.each = NULL;
}

void opts_list(const struct command *c,
	       void (*each)(void *ctx, const char *name, bool has_value), void *ctx)
{
	char name[] = "stoactl";
	char *argv[] = { name, NULL };

	listing.each = each;
	listing.ctx = ctx;
	if (c)
		c->run(NULL, 1, argv);
	else
		cmd_main(1, argv);
	must(!listing.each);
}

int opts_take(const struct opt *opts, bool leading, int *argc, char **argv)
{
	int kept = 1;
	int i = 1;

	if (listing.each) {
		list(opts);
		return -1;
	}
	while (i < *argc) {
		bool is_opt = argv[i][0] == '-' && argv[i][1];

		if (strcmp(argv[i], "--") == 0) {
			i++;
			break;
		}
		if (!is_opt && leading)
			break;
		if (!is_opt) {
			argv[kept++] = argv[i++];
			continue;
		}
		if (argv[i][1] != '-') {
			cmd_usage("unknown option %s", argv[i]);
			return -1;
		}
		int used = take_opt(opts, argv + i);
		if (used < 0)
			return -1;
		i += used;
	}
	while (i < *argc)
		argv[kept++] = argv[i++];
	*argc = kept;
	argv[kept] = NULL;
	return 0;
}

struct config *cmd_config_load(const char *conf)
{
	CLEANUP(err_release) struct err err = ERR();
	struct config *c = NULL;

	if (config_load(conf, environ, false, &c, &err) < 0) {
		cmd_failed("%s", err.text.p);
		return NULL;
	}
	return c;
}

int cmd_print(const struct buf *text)
{
	CLEANUP(err_release) struct err err = ERR();

	if (buf_ok(text, "the text", &err) < 0)
		return cmd_failed("%s", err.text.p);
	fwrite(text->p, 1, text->n, stdout);
	return 0;
}
