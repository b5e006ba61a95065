/* admin/main.c: stoactl, the administrator's tool: a table of commands.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <stdio.h>

#include "admin/cmd.h"
#include "config/suggest.h"

#include "base/banned.h"

static int cmd_help(const char *conf, int argc, char **argv);
static int cmd_version(const char *conf, int argc, char **argv);

/* Options that only the build uses (config --mdoc, faults --mdoc) are left out. */
static const struct command commands[] = {
	{ "completion", "bash|zsh|fish", "print the completion of a shell", cmd_completion },
	{ "config", "[--sample] [MODULE]",
	  "show the settings and where they came from, or a sample file", cmd_config },
	{ "export", "[--quiet] DIR | NAME.tar | -",
	  "write what the cache holds to a folder or an archive", cmd_export },
	{ "faults", "", "show what can go wrong, as which status, and what to do", cmd_faults },
	{ "help", "", "show this text", cmd_help },
	{ "import", "[--jobs N] [--quiet] DIR",
	  "take what another program's module store holds", cmd_import },
	{ "prune", "--vcs [--max-size SIZE] [--max-age TIME] [--dry-run] [--quiet]",
	  "remove kept repositories that are old, or too much", cmd_prune },
	{ "quarantine", "list | show ID... | restore ID... | drop ID...",
	  "look after bytes that failed verification", cmd_quarantine },
	{ "rebuild", "", "make a whole cache of a damaged one", cmd_rebuild },
	{ "verify", "[--sumdb] [--repair] [--jobs N] [--quiet] [MODULE[@VERSION]]...",
	  "hash what is stored, and compare it with what was published", cmd_verify },
	{ "version", "", "show the version", cmd_version },
	{ "warm", "[--zips] [--jobs N] [--quiet] [go.mod | go.sum | MODULE@VERSION]...",
	  "fill the cache for a project before anybody asks", cmd_warm },
};

static const struct opt no_opts[] = { { NULL, NULL, NULL } };

static void print_command(const struct command *c, const char *before)
{
	printf("%s%s%s%s\n\t%s\n", before, c->name, c->operands[0] ? " " : "", c->operands,
	       c->about);
}

static int cmd_help(const char *conf, int argc, char **argv)
{
	(void)conf;
	if (opts_take(no_opts, false, &argc, argv) < 0)
		return CMD_USAGE;
	printf("usage: stoactl [--conf FILE] COMMAND [OPERANDS]\n\n");
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		print_command(&commands[i], "  ");
	printf("\nSee stoactl(1).\n");
	return 0;
}

static int cmd_version(const char *conf, int argc, char **argv)
{
	(void)conf;
	if (opts_take(no_opts, false, &argc, argv) < 0)
		return CMD_USAGE;
	if (argc > 1)
		return cmd_usage("version: too many operands");
	printf("stoactl (stoa) %s\n", PACKAGE_VERSION);
	return 0;
}

static const struct command *find_command(const char *name)
{
	struct suggest s = SUGGEST(str_of(name));

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		if (strcmp(name, commands[i].name) == 0)
			return &commands[i];
		suggest_offer(&s, commands[i].name);
	}
	if (s.best)
		cmd_usage("unknown command \"%s\", did you mean \"%s\"?", name, s.best);
	else
		cmd_usage("unknown command \"%s\"", name);
	return NULL;
}

/* --help among a command's options, whatever else stands there. */
static bool wants_help(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--help") == 0)
			return true;
	return false;
}

static int run_command(const struct command *c, const char *conf, int argc, char **argv)
{
	if (!wants_help(argc, argv))
		return c->run(conf, argc, argv);
	print_command(c, "usage: stoactl ");
	printf("\nSee stoactl(1).\n");
	return 0;
}

const struct command *cmd_table(size_t *ret_n)
{
	*ret_n = ARRAY_SIZE(commands);
	return commands;
}

int cmd_main(int argc, char **argv)
{
	const char *conf = NULL;
	bool help = false;
	bool version = false;
	const struct opt opts[] = {
		{ "conf", NULL, &conf },
		{ "help", &help, NULL },
		{ "version", &version, NULL },
		{ NULL, NULL, NULL },
	};

	if (opts_take(opts, true, &argc, argv) < 0)
		return CMD_USAGE;
	if (help)
		return cmd_help(conf, 1, argv);
	if (version)
		return cmd_version(conf, 1, argv);
	if (argc < 2)
		return cmd_usage("a command is missing");
	const struct command *c = find_command(argv[1]);
	return c ? run_command(c, conf, argc - 1, argv + 1) : CMD_USAGE;
}

int main(int argc, char **argv)
{
	int rc = cmd_main(argc, argv);

	if (fflush(stdout) != 0 || ferror(stdout))
		return cmd_failed("standard output: write error");
	return rc;
}
