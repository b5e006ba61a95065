#!/bin/sh
# Our rules for paths, versions, zips and hashes against golang.org/x/mod, on
# tables and on random and mutated inputs: tests/oracle/xmod/oracle.go. The seed is
# in the output; STOA_TEST_SEED sets it, STOA_TEST_INPUTS the number.
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"

command -v go >/dev/null || skip_all "there is no go command"
mkdir "$T/src" "$T/zips"
cp "$top_srcdir/tests/oracle/xmod/"* "$T/src"
# its own toolchain, whatever the module says, and its packages from where the user gets them
if ! (cd "$T/src" && GOTOOLCHAIN=local user_go build -o "$T/oracle" .) >"$T/o" 2>&1; then
	grep -q -i -E 'dial|lookup|proxy|timeout|disabled|go.mod requires go' "$T/o" || { cat "$T/o"; exit 99; }
	skip_all "golang.org/x/mod v0.42.0 is not available: $(tail -n 1 "$T/o")"
fi
"$T/oracle" "$top_builddir/tests/oracle/driver" "$T/zips" "${STOA_TEST_SEED:-$$}" \
	"${STOA_TEST_INPUTS:-120000}"
