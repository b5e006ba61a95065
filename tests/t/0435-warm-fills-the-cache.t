#!/bin/sh
# stoactl warm: what it fetches for a go.mod, a go.sum and for MODULE@VERSION, what it
# says at the end, and that a run which was broken off goes on where it was.
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"

ctl=$top_builddir/admin/stoactl
export STOA_CONF="$T/stoa.conf"

# run ARG...: stoactl warm; sets $rc, with its outputs in $T/o and $T/e
run() {
	"$ctl" warm --quiet "$@" >"$T/o" 2>"$T/e"
	rc=$?
}

# counts: "FETCHED HITS FAILED" of the summary
counts() {
	awk '$2 == "files" { print $1, $6, $9 }' "$T/o"
}

# all_published FILE...: all are in the cache
all_published() {
	for f; do
		published "$f" || return 1
	done
}

for n in 1 2 3; do
	mkmod "$T/up" --latest "example.com/m$n@v1.0.0" "example.com/m$n@v1.1.0"
done
cp "$T/up/example.com/m1/@v/v1.1.0.info" "$T/up/example.com/m1/@v/main.info"
# 200 kB, so that the summary has something to count
seq 1 24000 | sed "s,^,// ," >>"$T/up/example.com/m2/@v/v1.0.0.mod"
start_upstream
new_conf "upstream = $up_url" 'list_ttl = 600s' 'fetch_timeout = 20s'
m1=example.com/m1/@v

# --- MODULE@VERSION
run example.com/m1@v1.0.0
is "MODULE@VERSION" "$rc $(counts)" "0 1 0 0"
ok "its .info and .mod are there" all_published $m1/v1.0.0.info $m1/v1.0.0.mod
nok "but no zip" published $m1/v1.0.0.zip
run --zips example.com/m1@v1.0.0
is "--zips adds the zip" "$rc $(counts)" "0 1 1 0"
ok "which is the source's" cmp "$T/up/$m1/v1.0.0.zip" "$T/cache/mod/$m1/v1.0.0.zip"
asked_nothing
run --zips example.com/m1@v1.0.0
is "again: all hits" "$rc $(counts)" "0 0 2 0"
is "and no question" "$(asked)" 0

# --- @latest and branches
for v in latest main; do
	new_cache
	asked_nothing
	run --zips "example.com/m1@$v"
	is "@$v" "$rc" 0
	ok "@$v: with its zip" published $m1/v1.1.0.zip
	n=$(asked "(@latest|main.info)")
	isnt "@$v: the source was asked" "$n" 0
	asked_nothing
	run --zips "example.com/m1@$v"
	is "@$v: a second run" "$rc $(counts)" "0 0 3 0"
	is "@$v: within list_ttl nobody is asked" "$(asked)" 0
	find "$T/cache/mod" "$T/cache/state/query" \( -name '@latest' -o -name main \) -exec touch -d '1 hour ago' {} +
	run "example.com/m1@$v"
	is "@$v: afterwards once" "$rc $(asked "(@latest|main.info)")" "0 $n"
done
new_cache
run example.com/m1@gone
is "a branch that is not there" "$rc $(counts)" "1 0 0 1"
asked_nothing
run example.com/m1@gone
is "is not asked for again at once" "$rc $(counts) $(asked)" "1 0 0 1 0"

# --- an @latest that the source has not: made of what the cache has
new_cache
mkmod "$T/up" example.com/bare@v1.0.0
run example.com/bare@v1.0.0
run example.com/bare@latest
is "@latest of a source without one" "$rc $(counts)" "0 1 0 0"
asked_nothing
run example.com/bare@latest
is "again: a hit, nobody is asked" "$rc $(counts) $(asked)" "0 0 1 0 0"

# --- go.mod
new_cache
mkdir "$T/p"
cat >"$T/p/go.mod" <<-'END'
	module example.com/main

	go 1.21

	require (
		example.com/m1 v1.0.0
		example.com/m2 v1.0.0
		corp.example/lib v0.0.0
	)
	replace corp.example/lib => ../lib
	replace example.com/m2 v1.0.0 => example.com/m3 v1.1.0
END
run "$T/p/go.mod"
is "go.mod" "$rc $(counts)" "0 2 0 0"
is "says nothing" "$(cat "$T/e")" ""
ok "the replacement is there" published example.com/m3/@v/v1.1.0.info
nok "the replaced one is not" published example.com/m2/@v/v1.0.0.info
is "nor is what is in a folder asked for" "$(asked corp.example)" 0

# --- go.sum
new_cache
{
	echo "example.com/m1 v1.0.0 $(mkmod h1 "$T/up/$m1/v1.0.0.zip")"
	echo "example.com/m2 v1.0.0/go.mod h1:x="
} >"$T/p/go.sum"
run --zips "$T/p/go.sum"
is "go.sum" "$rc $(counts)" "0 3 0 0"
ok "each file is there" all_published $m1/v1.0.0.info $m1/v1.0.0.zip example.com/m2/@v/v1.0.0.mod
is "the bytes are counted" "$(sed -n 's/.*(\([0-9.]*\) MB).*/\1/p' "$T/o")" 0.2
asked_nothing
(cd "$T/p" && exec "$ctl" warm --zips --quiet) >"$T/o" 2>"$T/e"
is "without an operand: this folder's go.sum, all hits" "$? $(counts) $(asked)" "0 0 3 0 0"

# --- failures
run example.com/m1@v1.0.0 example.com/m1@v1.9.0
is "one is not there" "$rc $(counts)" "1 0 1 1"
like "with its reason" "$(cat "$T/e")" 'example.com/m1@v1.9.0 info: not_found: *'

# --- odd input
run "$T/p/no.mod"
is "a missing file" "$rc" 1
like "is named" "$(cat "$T/e")" "*$T/p/no.mod*"
echo 'require (' >"$T/p/bad.mod"
run "$T/p/bad.mod"
is "a malformed go.mod" "$rc" 1
like "is named, with the line" "$(cat "$T/e")" "*$T/p/bad.mod: *line 1*"
echo 'x y' >"$T/p/bad.sum"
run "$T/p/bad.sum"
is "a malformed go.sum" "$rc" 1
like "is named, too" "$(cat "$T/e")" "*$T/p/bad.sum: line 1: *"
unlike "and no help is offered" "$(cat "$T/e")" '*stoactl help*'
: >"$T/p/empty.sum"
run "$T/p/empty.sum"
is "an empty go.sum" "$rc $(counts)" "0 0 0 0"
for arg in example.com/m1 --nothing --jobs=0; do
	run $arg
	is "a wrong command line: $arg" "$rc" 2
done

# --- interrupted
new_cache
{
	echo "example.com/m1 v1.0.0/go.mod h1:x="
	echo "example.com/m2 v1.0.0/go.mod h1:x="
	echo "example.com/m3 v1.0.0/go.mod h1:x="
} >"$T/p/slow.sum"
rule '{"path": "m[23]/@v/", "hang": true}'
asked_nothing
"$ctl" warm --quiet "$T/p/slow.sum" >"$T/o" 2>"$T/e" &
pid=$!
started $pid
hangs() {
	[ "$(asked 'm[23]/@v/v1.0.0.mod')" -eq 2 ] && published $m1/v1.0.0.mod
}
ok "two are waited for" wait_for 10 hangs
kill -s TERM $pid
wait $pid
is "interrupted: exit status, counts" "$? $(counts)" "1 1 0 0"
like "how many are left is said once" "$(cat "$T/o")" '*interrupted with 2 left: the same command goes on from there'
is "and no failure" "$(cat "$T/e")" ""
no_rules
run "$T/p/slow.sum"
is "the same command goes on" "$rc $(counts)" "0 2 1 0"

# --- unreachable
new_cache
stop "$up_pid"
run "$T/p/slow.sum"
is "no upstream" "$rc $(counts)" "1 0 0 3"
is "each with its reason" "$(grep -c -E '^example.com/m[123]@v1.0.0 mod: [a-z_]+: .' "$T/e")" 3

# --- help
for c in $("$ctl" help | sed -n 's/^  \([a-z]*\).*/\1/p'); do
	"$ctl" "$c" --help >"$T/o" 2>"$T/e"
	is "$c --help" "$? $(head -n 1 "$T/o" | cut -d ' ' -f 1-3) $(cat "$T/e")" "0 usage: stoactl $c "
done
done_testing
