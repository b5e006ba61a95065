/* tests/unit/unit.h: what every unit test needs around libcheck.
 *
 *	START_TEST(release_leaves_it_empty)
 *	...
 *	END_TEST
 *
 *	int main(void)
 *	{
 *		const struct unit_test tests[] = {
 *			UNIT(release_leaves_it_empty),
 *			UNIT_EACH(escapes_like_go, escapes),
 *		};
 *		return unit_run("buf", tests, ARRAY_SIZE(tests));
 *	}
 *
 * Names are claims. Each test, and each row of a table, runs in a process of
 * its own; `make check` reads the TAP that libcheck prints.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TESTS_UNIT_H
#define TESTS_UNIT_H

#include <check.h>

#include "base/str.h"

struct unit_test {
	const TTest *test;
	size_t n;	/* times that it runs, with _i from 0 */
};

/* A test; and one that runs for each row of the array `table`, as table[_i]. */
#define UNIT(name) { (name), 1 }
#define UNIT_EACH(name, table) { (name), ARRAY_SIZE(table) }

/* Runs them all; what main() returns. */
int unit_run(const char *file, const struct unit_test *tests, size_t n);

/* A new, empty folder, open; all are removed at the end. */
int unit_folder(void);

/* Makes the file dir/path with this text. */
void unit_write(int dir, const char *path, const char *text);

/* Fails the test unless the two are the same. */
#define unit_eq(got, want) unit_eq_at(__FILE__, __LINE__, (got), (want))
void unit_eq_at(const char *file, int line, struct str got, struct str want);

#endif
