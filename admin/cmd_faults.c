/* admin/cmd_faults.c: `stoactl faults` prints the table of what can go wrong.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <stdio.h>

#include "admin/cmd.h"
#include "base/fault.h"

#include "base/banned.h"

static void print_lifetime(int seconds)
{
	if (seconds == LIFETIME_BY_SETTING)
		printf("%7s", "setting");
	else if (seconds)
		printf("%6ds", seconds);
	else
		printf("%7s", "-");
}

static void print_table(void)
{
	printf("%-12s  %4s  %4s  %7s  %s\n", "FAULT", "HTTP", "EXIT", "HELD", "ADVICE");
	for (int f = FAULT_NONE + 1; f < FAULT_COUNT; f++) {
		const struct fault_row *row = fault_row((enum fault)f);

		printf("%-12s  %4d  %4d  ", row->label, row->status, row->exit_code);
		print_lifetime(row->lifetime);
		printf("  %s\n", row->advice);
	}
}

/* The items of a tagged list. */
static void print_mdoc(void)
{
	for (int f = FAULT_NONE + 1; f < FAULT_COUNT; f++) {
		const struct fault_row *row = fault_row((enum fault)f);

		printf(".It Em %s Pq HTTP %d, exit status %d\n%s\n", row->label, row->status,
		       row->exit_code, row->advice);
		if (row->lifetime == LIFETIME_BY_SETTING)
			puts("The refusal is remembered for\n.Ic not_found_ttl .");
		else if (row->lifetime)
			printf("The refusal is remembered for %d seconds.\n", row->lifetime);
	}
}

int cmd_faults(const char *conf, int argc, char **argv)
{
	bool mdoc = false;
	const struct opt opts[] = {
		{ "mdoc", &mdoc, NULL },
		{ NULL, NULL, NULL },
	};

	(void)conf;
	if (opts_take(opts, false, &argc, argv) < 0)
		return CMD_USAGE;
	if (argc > 1)
		return cmd_usage("faults: too many operands");
	if (mdoc)
		print_mdoc();
	else
		print_table();
	return 0;
}
