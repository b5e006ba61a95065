/* admin/cmd_config.c: `stoactl config` shows every setting, its value and
 * where that came from, in the form of a configuration file.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <stdio.h>

#include "admin/cmd.h"
#include "base/buf.h"
#include "config/config.h"

#include "base/banned.h"

/* The sample file and the manual's entries, with room to grow. */
#define MAX_PAGE (1u << 18)

/* A longer value moves its own comment to the right, not everybody's. */
#define MAX_VALUE_WIDTH 40

struct widths {
	size_t name;
	size_t value;
};

static void measure(void *ctx, const char *name, struct str value, struct str from)
{
	struct widths *w = ctx;
	size_t n = strlen(name);

	(void)from;
	if (n > w->name)
		w->name = n;
	if (value.n > w->value && value.n <= MAX_VALUE_WIDTH)
		w->value = value.n;
}

static void show_key(void *ctx, const char *name, struct str value, struct str from)
{
	const struct widths *w = ctx;

	printf("%-*s = %-*.*s ; %.*s\n", (int)w->name, name, (int)w->value, STR_ARG(value),
	       STR_ARG(from));
}

static void show_section(void *ctx, const char *pattern, const char *file, int line,
			 bool applies)
{
	(void)ctx;
	printf("; [module \"%s\"] at %s:%d %s\n", pattern, file, line,
	       applies ? "applies" : "does not match");
}

static int show_settings(const char *conf, const char *module)
{
	struct config *c = cmd_config_load(conf);
	struct widths w = { 0, 0 };
	struct str path = str_of(module);

	if (!c)
		return CMD_FAILED;
	if (module)
		config_sections(c, path, show_section, NULL);
	config_show(c, module ? &path : NULL, measure, &w);
	config_show(c, module ? &path : NULL, show_key, &w);
	config_free(c);
	return 0;
}

static int print_made(void (*make)(struct buf *out))
{
	CLEANUP(buf_release) struct buf page = BUF(MAX_PAGE);

	make(&page);
	return cmd_print(&page);
}

int cmd_config(const char *conf, int argc, char **argv)
{
	bool sample = false;
	bool mdoc = false;
	const struct opt opts[] = {
		{ "conf", NULL, &conf },
		{ "sample", &sample, NULL },
		{ "mdoc", &mdoc, NULL },
		{ NULL, NULL, NULL },
	};

	if (opts_take(opts, false, &argc, argv) < 0)
		return CMD_USAGE;
	if (argc > 2 || (argc > 1 && (sample || mdoc)))
		return cmd_usage("config: too many operands");
	if (argc > 1 && strchr(argv[1], '@'))
		return cmd_usage("config: a module's path is wanted, without a version");
	if (sample)
		return print_made(config_sample);
	if (mdoc)
		return print_made(config_mdoc);
	return show_settings(conf, argc > 1 ? argv[1] : NULL);
}
