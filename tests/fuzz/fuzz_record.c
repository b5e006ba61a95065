/* tests/fuzz/fuzz_record.c: a checksum database's records and tree heads.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "base/err.h"
#include "base/must.h"
#include "fetch/sumdb.h"
#include "fetch/tlog.h"
#include "tests/fuzz/fuzz.h"

#include "base/banned.h"

static void try_record(struct str s)
{
	CLEANUP(err_release) struct err err = ERR();
	struct tlog_record r = { -1, STR(""), STR("") };
	struct tlog_hash h;

	if (tlog_parse_record(s, &r, &err) < 0) {
		must(err.fault == FAULT_INTEGRITY && r.id == -1);
		return;
	}
	must(r.id >= 0 && r.text.n > 0 && r.text.p[r.text.n - 1] == '\n');
	must(str_find(r.text, STR("\n\n")) < 0);
	must(r.text.p > s.p && r.rest.p + r.rest.n == s.p + s.n);
	must(r.text.p + r.text.n + 1 == r.rest.p);
	tlog_hash_record(r.text, &h);
}

void fuzz_one(struct str input)
{
	CLEANUP(err_release) struct err err = ERR();
	struct tlog_tree t = { -1, { { 0 } } };

	try_record(input);
	if (tlog_parse_tree(input, &t, &err) < 0)
		must(t.n == -1);
	else
		must(t.n >= 0);
	(void)!sumdb_check_text(input, true, &err);
	(void)!sumdb_check_text(input, false, &err);
}
