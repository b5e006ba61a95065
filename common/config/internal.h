/* config/internal.h: what struct config is made of. For config/ alone.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONFIG_INTERNAL_H
#define CONFIG_INTERNAL_H

#include "config/key.h"

struct conf_origin {
	int line;		/* in the file, 0: not from there */
	const char *variable;	/* of the environment, NULL: not from there */
};

struct conf_section {
	const char *pattern;
	int line;			/* of its head */
	int lines[KEY_COUNT];		/* where each key was set, 0: not */
	struct settings values;		/* meaningful for those keys */
};

struct config {
	struct conf_pool pool;
	const char *name;		/* the file as messages call it; NULL: none */
	const char *path;		/* the same, absolute */
	struct settings global;
	struct conf_origin origins[KEY_COUNT];
	struct conf_section *sections;
	size_t n_sections;
	char **child_env;
};

/* Reads the text of a file named c->name into c. */
int conf_read(struct config *c, struct str text, struct err *err) WARN_UNUSED;

#endif
