#!/bin/sh
# Runs each fuzzer for some time under the address and undefined-behaviour
# sanitizers, with what it finds added to a copy of the corpus.
#
#	tests/fuzz/run.sh SECONDS [NAME...]
#
# Builds in build-fuzz (clang is needed). Prints for each fuzzer how many inputs it
# tried; ends with 1 when one of them found something.
# SPDX-License-Identifier: Apache-2.0
set -eu
seconds=${1:?how many seconds each?}
shift
top=$(cd "$(dirname "$0")/../.." && pwd)
[ -x "$top/configure" ] || (cd "$top" && sh autogen.sh)
mkdir -p "$top/build-fuzz"
cd "$top/build-fuzz"
[ -f Makefile ] || CC=clang "$top/configure" --enable-fuzzers --enable-sanitizers \
	CFLAGS="-O1 -g" >configure.out
make fuzzers >make.out 2>&1 || { tail -n 20 make.out; exit 2; }
[ $# -gt 0 ] || set -- zip gomod info path config note record tile
bad=0
for name; do
	mkdir -p "corpus/$name"
	if "tests/fuzz/fuzz_$name" -max_total_time="$seconds" -rss_limit_mb=1024 -timeout=20 \
		-print_final_stats=1 -artifact_prefix="$name-" \
		"corpus/$name" "$top/tests/fuzz/corpus/$name" >"$name.log" 2>&1; then
		echo "$name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$name.log") inputs in" \
			"$seconds s, clean"
	else
		echo "$name: found something, see build-fuzz/$name.log"
		bad=1
	fi
done
exit "$bad"
