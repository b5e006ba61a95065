#!/bin/sh
# Signed notes, records, tree heads, tiles and proved reads against
# golang.org/x/mod/sumdb, on random and mutated inputs: tests/oracle/sumdb/oracle.go.
# The seed is in the output; STOA_TEST_SEED sets it, STOA_TEST_INPUTS the number.
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"
need go

mkdir "$T/src"
cp "$top_srcdir/tests/oracle/sumdb/"*.* "$T/src"
# its own toolchain, whatever the module says, and its packages from where the user gets them
if ! (cd "$T/src" && GOTOOLCHAIN=local user_go build -o "$T/oracle" .) >"$T/o" 2>&1; then
	grep -q -i -E 'dial|lookup|proxy|timeout|disabled|go.mod requires go' "$T/o" || { cat "$T/o"; exit 99; }
	skip_all "golang.org/x/mod v0.42.0 is not available: $(tail -n 1 "$T/o")"
fi
"$T/oracle" "$top_builddir/tests/oracle/sumdb_driver" "${STOA_TEST_SEED:-$$}" \
	"${STOA_TEST_INPUTS:-120000}"
