/* tests/fuzz/fuzz_note.c: signed notes and verifier keys.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "base/err.h"
#include "base/must.h"
#include "fetch/note.h"
#include "fetch/tlog.h"
#include "tests/fuzz/fuzz.h"

#include "base/banned.h"

static void try_key(struct str s)
{
	CLEANUP(err_release) struct err err = ERR();
	struct note_key k = NOTE_KEY();

	if (note_key_parse(s, &k, &err) < 0)
		must(err.fault != FAULT_NONE && k.name.n == 0);
	else
		must(k.name.n > 0 && str_starts(s, buf_view(&k.name)));
	note_key_release(&k);
}

static void try_note(struct str s, const struct note_key *k)
{
	CLEANUP(err_release) struct err err = ERR();
	struct tlog_tree tree;
	struct str text = STR("");

	if (note_open(s, k, &text, &err) < 0) {
		must(err.fault == FAULT_INTEGRITY && text.n == 0);
		return;
	}
	must(text.p == s.p && text.n > 0 && text.n < s.n && text.p[text.n - 1] == '\n');
	(void)!tlog_parse_tree(text, &tree, &err);
}

void fuzz_one(struct str input)
{
	/* of sum.golang.org, and of cmd/go'input own tests */
	static const char *const vkeys[] = {
		"sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
		"localhost.localdev/sumdb+00000c67+AcTrnkbUA+TU4heY3hkjiSES/DSQniBqIeQ/YppAUtK6",
	};

	try_key(input);
	for (size_t i = 0; i < ARRAY_SIZE(vkeys); i++) {
		CLEANUP(err_release) struct err err = ERR();
		struct note_key k = NOTE_KEY();
		must(note_key_parse(str_of(vkeys[i]), &k, &err) == 0);
		try_note(input, &k);
		note_key_release(&k);
	}
}
