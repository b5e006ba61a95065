/* admin/cmd_completion.c: `stoactl completion` prints what makes a shell complete
 * the command lines of stoactl, stoa-fetch and stoa.fcgi.
 *
 * It comes from the tables that the programs themselves use: the commands, each
 * one's options, the kinds of files, and base/options.def.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <stdio.h>

#include "admin/cmd.h"
#include "base/buf.h"
#include "module/key.h"

#include "base/banned.h"

struct row {
	const char *name;
	const char *operand;
	const char *text;
};

static const struct row fcgi_options[] = {
#define FCGI_OPTION(id, name, operand, text) { name, operand, text },
#include "base/options.def"
};

static const struct row fetch_options[] = {
#define FETCH_OPTION(id, name, operand, text) { name, operand, text },
#include "base/options.def"
};

/* Operands that are one of some words: "bash|zsh|fish". */
static bool is_choice(const char *operands)
{
	return operands[0] && operands[strspn(operands, "abcdefghijklmnopqrstuvwxyz|")] == '\0';
}

static void print_choice(const char *operands)
{
	for (const char *p = operands; *p; p++)
		putchar(*p == '|' ? ' ' : *p);
}

static void print_kinds(void)
{
	for (int k = 0; k < KIND_COUNT; k++)
		printf("%s%s", k ? " " : "", kind_row((enum kind)k)->name);
}

/* Inside single quotes, with a backslash before what `special` lists. */
static void print_quoted(const char *text, const char *special)
{
	for (const char *p = text; *p; p++) {
		if (strchr(special, *p))
			putchar('\\');
		if (*p == '\'')
			fputs("'\\'", stdout);
		putchar(*p);
	}
}

/* --- bash: each case says the words; without any, bash offers files --- */

static void bash_word(void *ctx, const char *name, bool has_value)
{
	(void)ctx;
	(void)has_value;
	printf(" --%s", name);
}

struct valued {
	const char *command;
	const char *separator;
};

static void bash_valued(void *ctx, const char *name, bool has_value)
{
	struct valued *v = ctx;

	if (!has_value)
		return;
	printf("%s%s:--%s", v->separator, v->command, name);
	v->separator = " | ";
}

static void bash_stoactl(void)
{
	size_t n = 0;
	const struct command *c = cmd_table(&n);
	struct valued v = { "", "" };

	printf("_stoactl()\n{\n"
	       "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
	       "\tlocal command= words= i\n"
	       "\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	       "\t\tcase ${COMP_WORDS[i]} in\n"
	       "\t\t--conf) ((i++)) ;;\n"
	       "\t\t-*) ;;\n"
	       "\t\t*) command=${COMP_WORDS[i]}; break ;;\n"
	       "\t\tesac\n"
	       "\tdone\n"
	       "\tCOMPREPLY=()\n"
	       "\tcase $command:$prev in\n\t");
	opts_list(NULL, bash_valued, &v);
	for (size_t i = 0; i < n; i++) {
		v.command = c[i].name;
		opts_list(&c[i], bash_valued, &v);
	}
	printf(") return ;;\n\tesac\n\tcase $command in\n\t'') words='");
	for (size_t i = 0; i < n; i++)
		printf("%s%s", i ? " " : "", c[i].name);
	opts_list(NULL, bash_word, NULL);
	printf("' ;;\n");
	for (size_t i = 0; i < n; i++) {
		printf("\t%s) words='", c[i].name);
		if (is_choice(c[i].operands))
			print_choice(c[i].operands);
		opts_list(&c[i], bash_word, NULL);
		printf("' ;;\n");
	}
	printf("\tesac\n"
	       "\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
	       "}\n"
	       "complete -o default -F _stoactl stoactl\n\n");
}

static void bash_program(const char *function, const char *program, const struct row *rows,
			 size_t n, bool kinds)
{
	printf("%s()\n{\n"
	       "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
	       "\tCOMPREPLY=()\n"
	       "\tcase $prev in\n\t", function);
	const char *separator = "";
	for (size_t i = 0; i < n; i++) {
		if (rows[i].operand[0] && rows[i].text[0]) {
			printf("%s--%s", separator, rows[i].name);
			separator = " | ";
		}
	}
	printf(") return ;;\n\tesac\n\tCOMPREPLY=($(compgen -W '");
	for (size_t i = 0; i < n; i++)
		if (rows[i].text[0])
			printf("--%s ", rows[i].name);
	if (kinds)
		print_kinds();
	printf("' -- \"$cur\"))\n}\ncomplete -o default -F %s %s\n\n", function, program);
}

static void bash(void)
{
	printf("# Completion of stoa's programs for bash; made by `stoactl completion bash'.\n\n");
	bash_stoactl();
	bash_program("_stoa_fetch", "stoa-fetch", fetch_options, ARRAY_SIZE(fetch_options), true);
	bash_program("_stoa_fcgi", "stoa.fcgi", fcgi_options, ARRAY_SIZE(fcgi_options), false);
}

/* --- zsh: specifications of _arguments --- */

static void zsh_spec(void *ctx, const char *name, bool has_value)
{
	printf(" \\\n%s'--%s%s'", (const char *)ctx, name, has_value ? "=:value:_files" : "");
}

static void zsh_command(const struct command *c)
{
	char indent[] = "\t\t\t";

	printf("\t\t%s)\n\t\t\t_arguments", c->name);
	opts_list(c, zsh_spec, indent);
	if (is_choice(c->operands)) {
		printf(" \\\n%s'1:operand:(", indent);
		print_choice(c->operands);
		printf(")'");
	} else if (c->operands[0]) {
		printf(" \\\n%s'*:operand:_files'", indent);
	}
	printf("\n\t\t\t;;\n");
}

static void zsh_stoactl(void)
{
	size_t n = 0;
	const struct command *c = cmd_table(&n);
	char indent[] = "\t\t";

	printf("_stoactl()\n{\n"
	       "\tlocal curcontext=$curcontext state line\n"
	       "\tlocal -a commands\n"
	       "\tcommands=(\n");
	for (size_t i = 0; i < n; i++) {
		printf("\t\t'%s:", c[i].name);
		print_quoted(c[i].about, ":\\");
		printf("'\n");
	}
	printf("\t)\n\t_arguments -C");
	opts_list(NULL, zsh_spec, indent);
	printf(" \\\n\t\t'1:command:->command' \\\n\t\t'*::operand:->operand'\n"
	       "\tcase $state in\n"
	       "\tcommand) _describe command commands ;;\n"
	       "\toperand)\n"
	       "\t\tcase $words[1] in\n");
	for (size_t i = 0; i < n; i++)
		zsh_command(&c[i]);
	printf("\t\tesac\n\t\t;;\n\tesac\n}\n\n");
}

static void zsh_program(const char *function, const struct row *rows, size_t n, bool kinds)
{
	printf("%s()\n{\n\t_arguments", function);
	for (size_t i = 0; i < n; i++) {
		if (!rows[i].text[0])
			continue;
		printf(" \\\n\t\t'--%s[", rows[i].name);
		print_quoted(rows[i].text, "[]:\\");
		printf("]%s%s%s'", rows[i].operand[0] ? ":" : "", rows[i].operand,
		       rows[i].operand[0] ? ":_files" : "");
	}
	if (kinds) {
		printf(" \\\n\t\t'1:kind:(");
		print_kinds();
		printf(")' \\\n\t\t'2:module:' \\\n\t\t'3:version:'");
	}
	printf("\n}\n\n");
}

static void zsh(void)
{
	printf("#compdef stoactl stoa-fetch stoa.fcgi\n"
	       "# Completion of stoa's programs for zsh; made by `stoactl completion zsh'.\n\n");
	zsh_stoactl();
	zsh_program("_stoa_fetch", fetch_options, ARRAY_SIZE(fetch_options), true);
	zsh_program("_stoa_fcgi", fcgi_options, ARRAY_SIZE(fcgi_options), false);
	printf("case $service in\n"
	       "stoactl) _stoactl \"$@\" ;;\n"
	       "stoa-fetch) _stoa_fetch \"$@\" ;;\n"
	       "stoa.fcgi) _stoa_fcgi \"$@\" ;;\n"
	       "esac\n");
}

/* --- fish: one line for each word --- */

static void fish_option(void *ctx, const char *name, bool has_value)
{
	const char *command = ctx;

	if (command)
		printf("complete -c stoactl -n '__fish_seen_subcommand_from %s' -l %s%s\n", command,
		       name, has_value ? " -r -F" : "");
	else
		printf("complete -c stoactl -n __fish_use_subcommand -l %s%s\n", name,
		       has_value ? " -r -F" : "");
}

static void fish_command(const struct command *c)
{
	CLEANUP(buf_release) struct buf name = BUF(64);

	buf_puts(&name, c->name);
	printf("complete -c stoactl -n __fish_use_subcommand -f -a %s -d '", c->name);
	print_quoted(c->about, "\\");
	printf("'\n");
	opts_list(c, fish_option, name.p);
	if (is_choice(c->operands)) {
		printf("complete -c stoactl -n '__fish_seen_subcommand_from %s' -f -a '", c->name);
		print_choice(c->operands);
		printf("'\n");
	}
}

static void fish_program(const char *program, const struct row *rows, size_t n, bool kinds)
{
	for (size_t i = 0; i < n; i++) {
		if (!rows[i].text[0])
			continue;
		printf("complete -c %s -l %s%s -d '", program, rows[i].name,
		       rows[i].operand[0] ? " -r -F" : "");
		print_quoted(rows[i].text, "\\");
		printf("'\n");
	}
	if (kinds) {
		printf("complete -c %s -n __fish_use_subcommand -f -a '", program);
		print_kinds();
		printf("'\n");
	}
}

static void fish(void)
{
	size_t n = 0;
	const struct command *c = cmd_table(&n);

	printf("# Completion of stoa's programs for fish; made by `stoactl completion fish'.\n");
	opts_list(NULL, fish_option, NULL);
	for (size_t i = 0; i < n; i++)
		fish_command(&c[i]);
	fish_program("stoa-fetch", fetch_options, ARRAY_SIZE(fetch_options), true);
	fish_program("stoa.fcgi", fcgi_options, ARRAY_SIZE(fcgi_options), false);
}

int cmd_completion(const char *conf, int argc, char **argv)
{
	static const struct opt opts[] = { { NULL, NULL, NULL } };
	static const struct {
		const char *name;
		void (*print)(void);
	} shells[] = { { "bash", bash }, { "zsh", zsh }, { "fish", fish } };

	(void)conf;
	if (opts_take(opts, false, &argc, argv) < 0)
		return CMD_USAGE;
	if (argc != 2)
		return cmd_usage("completion: one shell is wanted: bash, zsh or fish");
	for (size_t i = 0; i < ARRAY_SIZE(shells); i++) {
		if (strcmp(argv[1], shells[i].name) == 0) {
			shells[i].print();
			return 0;
		}
	}
	return cmd_usage("completion: unknown shell \"%s\"; bash, zsh and fish are known", argv[1]);
}
