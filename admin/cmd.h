/* admin/cmd.h: what stoactl's commands share.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ADMIN_CMD_H
#define ADMIN_CMD_H

#include "base/sys.h"

struct buf;
struct config;

/* The exit status: 0, or one of these. */
enum { CMD_FAILED = 1, CMD_USAGE = 2, CMD_REPAIRED = 3, CMD_WRONG = 4 };

struct command {
	const char *name;
	const char *operands;	/* for the usage line */
	const char *about;	/* one line for `stoactl help` */

	/* argv[0] is the command's name. `conf` is what --conf said, or NULL. */
	int (*run)(const char *conf, int argc, char **argv);
};

/* One option of a command, --NAME: `flag` is set, or `value` points to its
 * argument (--NAME VALUE or --NAME=VALUE). A table ends with { NULL }. */
struct opt {
	const char *name;
	bool *flag;
	const char **value;
};

/* Takes the options out of argv, which keeps argv[0] and the operands. With
 * `leading` set it stops at the first operand. -1 after a usage error.
 *
 * It is the first thing that a command does, even one without options:
 * opts_list() runs commands up to there. */
int opts_take(const struct opt *opts, bool leading, int *argc, char **argv) WARN_UNUSED;

/* Calls `each` for the options that c takes, or, when c is NULL, those that
 * stoactl takes before a command; not for --mdoc, which only the build uses. */
void opts_list(const struct command *c,
	       void (*each)(void *ctx, const char *name, bool has_value), void *ctx);

/* The table of commands, in main.c. */
const struct command *cmd_table(size_t *ret_n);
int cmd_main(int argc, char **argv);

/* "stoactl: " and the text to standard error. Returns CMD_USAGE or CMD_FAILED. */
int cmd_usage(const char *fmt, ...) PRINTF(1, 2);
int cmd_failed(const char *fmt, ...) PRINTF(1, 2);

/* config_load() with this process's environment; NULL after saying why. */
struct config *cmd_config_load(const char *conf);

/* Writes the text to standard output. Returns the exit status. */
int cmd_print(const struct buf *text);

int cmd_completion(const char *conf, int argc, char **argv);
int cmd_config(const char *conf, int argc, char **argv);
int cmd_faults(const char *conf, int argc, char **argv);
int cmd_export(const char *conf, int argc, char **argv);
int cmd_import(const char *conf, int argc, char **argv);
int cmd_prune(const char *conf, int argc, char **argv);
int cmd_quarantine(const char *conf, int argc, char **argv);
int cmd_rebuild(const char *conf, int argc, char **argv);
int cmd_verify(const char *conf, int argc, char **argv);
int cmd_warm(const char *conf, int argc, char **argv);

#endif
