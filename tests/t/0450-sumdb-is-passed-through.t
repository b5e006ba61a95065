#!/bin/sh
# A checksum database behind the upstream: answered byte for byte, kept, its
# absence passed on as such.
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"

db=$T/up/sumdb/sum.example.org
mkdir -p "$db/lookup/example.com" "$db/lookup/example.com/!up" "$db/tile/8/0/x001" "$db/tile/8/1" \
	"$T/up/sumdb/host.example/sub/sumdb" "$T/up/sumdb/host.example/sub/sumdb/tile/8/0/000.p"
: >"$db/supported"
: >"$T/up/sumdb/host.example/sub/sumdb/supported"
printf 'go.sum database tree\n249\nMv5qUR2asAUoYNQhoTmKynJdo/a7/wZllmbcPpVpz40=\n\n' >"$db/latest"
printf '\342\200\224 sum.example.org AAAAA=\n' >>"$db/latest"
{
	printf '7\nexample.com/m v1.0.0 h1:x=\nexample.com/m v1.0.0/go.mod h1:y=\n\n'
	cat "$db/latest"
} >"$db/lookup/example.com/m@v1.0.0"
sed 's/m v/!up v/' "$db/lookup/example.com/m@v1.0.0" >"$db/lookup/example.com/!up/m@v1.0.0-!r!c1"
cp "$db/lookup/example.com/m@v1.0.0" "$db/lookup/example.com/m@v2.0.0+incompatible"
"$PYTHON" -c 'import random, sys; sys.stdout.buffer.write(random.Random(1).randbytes(8192))' >"$db/tile/8/0/000"
cp "$db/tile/8/0/000" "$db/tile/8/0/x001/234"
mkdir "$db/tile/8/1/000.p"
head -c 32 "$db/tile/8/0/000" >"$db/tile/8/1/000.p/1"
cp "$db/tile/8/1/000.p/1" "$T/up/sumdb/host.example/sub/sumdb/tile/8/0/000.p/1"
start_upstream
conf "upstream = $up_url"
start_fcgi
s=/sumdb/sum.example.org

for way in cgi fcgi; do
	new_cache
	stop_fcgi
	start_fcgi
	asked_nothing
	"$way" GET $s/supported
	is "$way supported" "$status" 200
	for f in lookup/example.com/m@v1.0.0 'lookup/example.com/!up/m@v1.0.0-!r!c1' \
		lookup/example.com/m@v2.0.0+incompatible tile/8/0/000 tile/8/0/x001/234 tile/8/1/000.p/1; do
		"$way" GET "$s/$f"
		is "$way $f: byte for byte" "$status $(body_sum)" "200 $(file_sum "$db/$f")"
		n=$(asked)
		"$way" GET "$s/$f"
		is "$way $f: kept" "$status $(body_sum) $(asked)" "200 $(file_sum "$db/$f") $n"
	done
	"$way" GET "$s/lookup/example.com/%21up/m@v1.0.0-%21r%21c1"
	is "$way: %21 is the same as !" "$status $(asked)" "200 $n"
	"$way" GET $s/latest
	is "$way latest" "$status $(body_sum)" "200 $(file_sum "$db/latest")"
	unlike "$way latest: not for ever" "$(header cache-control)" '*immutable*'
	"$way" GET /sumdb/host.example/sub/sumdb/supported
	is "$way: a name with slashes" "$status" 200
	"$way" GET /sumdb/host.example/sub/sumdb/tile/8/0/000.p/1
	is "$way: a name with slashes: a tile" "$status $(body_sum)" "200 $(file_sum "$db/tile/8/1/000.p/1")"

	"$way" GET /sumdb/other.example/supported
	is "$way: a database that the upstream does not have" "$status" 404
	"$way" GET $s/lookup/example.com/nowhere@v1.0.0
	is "$way: a module that the database does not know" "$status" 404
	like "$way: its text" "$(body)" 'not found: *404*'
	n=$(asked)
	"$way" GET $s/lookup/example.com/nowhere@v1.0.0
	is "$way: which is remembered" "$status $(asked)" "404 $n"

	rule '{"path": "", "status": 500}'
	"$way" GET $s/lookup/example.com/m@v1.3.0
	is "$way: a database in trouble" "$status" 502
	"$way" GET $s/lookup/example.com/m@v1.0.0
	is "$way: what is kept goes on being served" "$status" 200
	no_rules
done
new_cache
rule '{"path": "tile", "body": "<html>"}'
cgi GET $s/tile/8/0/000
is "a tile of a wrong size" "$status" 502
is "a tile of a wrong size is not kept" "$(find "$T/cache/state/sumdb" -type f -path '*tile*')" ""
no_rules
rule '{"path": "lookup|latest", "body": "<html><body>Please log in</body></html>"}'
cgi GET $s/lookup/example.com/m@v1.0.0
is "a lookup that is none" "$status" 502
no_rules

# what the go command is told when the source is a folder
new_cache
new_conf "upstream = file://$T/up"
cgi GET $s/supported
is "a database in a folder" "$status" 200
rm -rf "$T/up/sumdb"
new_cache
cgi GET $s/supported
is "no database in a folder" "$status" 404
done_testing
