#!/bin/sh
# Each parser of outside bytes takes its fuzzer's corpus, cut and with bits changed,
# without a crash. tests/fuzz/run.sh runs the fuzzers themselves.
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"

for name in zip gomod info path config note record tile; do
	f=$top_builddir/tests/fuzz/fuzz_$name
	"$f" "$top_srcdir/tests/fuzz/corpus/$name" >"$T/o" 2>"$T/e"
	rc=$?
	is "$name: $(sed -n "s/^ok 1 - //p" "$T/o")" "$rc $(head -c 2 "$T/o")$(head -c 300 "$T/e")" "0 ok"
done
done_testing
