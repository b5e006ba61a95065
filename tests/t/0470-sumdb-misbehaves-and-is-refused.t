#!/bin/sh
# A checksum database that lies, or a source that does: refused with a reason,
# nothing published, nothing of it kept.
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"
need openssl

name=sum.test.example
mkmod "$T/up" --size 3000 example.com/a@v1.0.0 example.com/b@v1.0.0 example.com/c@v1.0.0
mksumdb new "$T/db" "$name"
mksumdb new "$T/stranger" "$name"
vkey=$(cat "$T/db/vkey")
mksumdb grow "$T/db" 700
mksumdb add "$T/db" "$T/up" example.com/a@v1.0.0
mksumdb grow "$T/db" 3000
cp -R "$T/db" "$T/young"
cp -R "$T/db" "$T/fork"
mksumdb add "$T/db" "$T/up" example.com/b@v1.0.0
mksumdb grow "$T/db" 4000
good=$T/up/sumdb/$name
mksumdb put "$T/db" "$good"
start_upstream
sumdb=$vkey
helper_mode=oneshot
new_conf "upstream = $up_url" 'verify_retries = 0' 'log_level = error'
kept=$T/cache/state/sumdb/$name
a=/example.com/a/@v/v1.0.0
b=/example.com/b/@v/v1.0.0

# what of the database is kept, and what is published
holds() {
	find "$kept" -type f 2>/dev/null | grep -c "$1"
}
fresh() {
	new_cache
	rm -rf "$T/cache/state/first" "$T/cache/state/quarantine"
	no_rules
	: >"$T/err"
}
# database FOLDER: what is served from now on
database() {
	rm -rf "$good"
	cp -R "$1" "$good"
}
# refused CLAIM URI PATTERN: an integrity fault; nothing is published or kept
refused() {
	cgi GET "$2"
	is "$1: refused" "$status" 502
	like "$1: with the reason" "$(body)" "integrity: *$3*"
	unlike "$1: no local path in the text" "$(body)" "*$T*"
	is "$1: nothing is published" "$(published_files)" ""
	is "$1: nothing of the database is kept" "$(holds lookup) $(holds tile) $(holds head)" "0 0 0"
	n=$(asked)
	cgi GET "$2"
	is "$1: it is remembered" "$status $(asked)" "502 $n"
}
cp -R "$good" "$T/good"

# --- the source's bytes

cp -R "$T/up/example.com/a" "$T/a"
h1=$(mkmod h1 "$T/a/@v/v1.0.0.mod")
fresh
echo '// changed' >>"$T/up$a.mod"
cgi GET $a.mod
is "another .mod" "$status" 502
like "another .mod: both hashes" "$(body)" \
	"integrity: *checksum mismatch: the database $name says $h1, the source's bytes are $(mkmod h1 "$T/up$a.mod")*"
is "another .mod is not published" "$(published_files)" ""
cp "$T/a/@v/v1.0.0.mod" "$T/up$a.mod"

fresh
h1=$(mkmod h1 "$T/a/@v/v1.0.0.zip")
mkmod "$T/other" --size 3001 example.com/a@v1.0.0
cp "$T/other$a.zip" "$T/up$a.zip"
cgi GET $a.zip
is "another .zip" "$status" 502
like "another .zip: both hashes" "$(body)" \
	"integrity: *checksum mismatch: the database $name says $h1, the source's bytes are $(mkmod h1 "$T/up$a.zip")*"
is "another .zip is not published" "$(published_files)" ""
isnt "another .zip is in quarantine" "$(find "$T/cache/state/quarantine" -type f | wc -l)" 0
like "another .zip: an error in the log" "$(cat "$T/err")" "*level=error*checksum mismatch*"
cp "$T/a/@v/v1.0.0.zip" "$T/up$a.zip"

fresh
cgi GET $a.info
is "an .info with a good .mod" "$status" 200
fresh
echo '// changed' >>"$T/up$a.mod"
cgi GET $a.info
is "an .info with another .mod" "$status" 200
nok "that .mod is not published" published example.com/a/@v/v1.0.0.mod
cp "$T/a/@v/v1.0.0.mod" "$T/up$a.mod"

# --- signatures

fresh
mksumdb put "$T/db" "$good" --key "$T/stranger"
refused "a tree that another key signed" $a.mod 'invalid signature'
database "$T/good"
fresh
sed -i 's/^4000$/4001/' "$good/lookup/example.com/a@v1.0.0"
refused "a tree that was changed" $a.mod 'invalid signature'
database "$T/good"
fresh
sed -i "s/ $name / other.example /" "$good/lookup/example.com/a@v1.0.0"
refused "a tree that nobody we know signed" $a.mod 'no signature'
database "$T/good"
fresh
sed -i '$d' "$good/lookup/example.com/a@v1.0.0"
refused "a tree that nobody signed" $a.mod 'malformed note'
database "$T/good"
fresh
sed -i 's/^go.sum database tree$/go.sum database/' "$good/lookup/example.com/a@v1.0.0"
refused "another kind of note" $a.mod 'invalid signature'
database "$T/good"

# --- records

fresh
sed -i "s/ h1:../ h1:xx/" "$good/lookup/example.com/a@v1.0.0"
refused "a record that is not in the tree" $a.mod 'record 700 is not the one in the tree'
database "$T/good"
fresh
sed -i '1s/.*/701/' "$good/lookup/example.com/a@v1.0.0"
refused "a record under another's number" $a.mod 'record 701 is not the one in the tree'
database "$T/good"
fresh
sed -i '1s/.*/4000/' "$good/lookup/example.com/a@v1.0.0"
refused "a record behind the tree's end" $a.mod 'record 4000 in a tree of 4000 records'
database "$T/good"
fresh
sed -i '1s/.*/-1/' "$good/lookup/example.com/a@v1.0.0"
cgi GET $a.mod
is "a record without a number" "$status $(published_files) $(holds lookup)" "502  0"
database "$T/good"
fresh
cp "$good/lookup/example.com/b@v1.0.0" "$good/lookup/example.com/a@v1.0.0"
cgi GET $a.mod
is "another module's record" "$status $(published_files)" "502 "
like "another module's record: the reason" "$(body)" '*checksum missing*'
database "$T/good"

# the signed tree may have more lines; what stands there is no record (CVE-2026-56864)
fresh
cp -R "$T/db" "$T/lines"
mksumdb line "$T/lines" example.com/c@v1.0.0 \
	"example.com/c v1.0.0/go.mod h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=
"
mksumdb put "$T/lines" "$good" --extra "example.com/c v1.0.0 $(mkmod h1 "$T/up/example.com/c/@v/v1.0.0.zip")"
cgi GET /example.com/c/@v/v1.0.0.zip
is "a hash that stands behind the record only" "$status $(published_files)" "502 "
like "a hash that stands behind the record only: the reason" "$(body)" '*checksum missing*'
cgi GET $a.zip
is "other lines of the signed tree do no harm" "$status" 200
database "$T/good"

fresh
rm "$good/lookup/example.com/a@v1.0.0"
cgi GET $a.mod
is "a module without a record" "$status $(published_files)" "404 "
like "a module without a record: the reason" "$(body)" "not found: *the checksum database $name does not know it*"
database "$T/good"

# --- tiles

for tile in 8/0/002 8/0/015.p/160 8/1/000.p/15; do
	for at in 0 1234; do
		[ $at -lt "$(wc -c <"$good/tile/$tile")" ] || continue
		fresh
		printf '\377\0\377' | dd of="$good/tile/$tile" bs=1 seek=$at conv=notrunc 2>/dev/null
		refused "a bad tile $tile at $at" $a.mod 'inconsistent tile'
		database "$T/good"
	done
done
for tile in 8/0/002 8/0/015.p/160; do
	fresh
	dd if="$T/good/tile/$tile" of="$good/tile/$tile" bs=32 count=100 2>/dev/null
	cgi GET $a.mod
	is "a tile $tile that is too short" "$status $(published_files)" "502 "
	like "a tile $tile that is too short: the reason" "$(body)" '*a tile of 3200 bytes instead of*'
	is "a tile $tile that is too short: nothing is kept" "$(holds lookup) $(holds tile) $(holds head)" "0 0 0"
	database "$T/good"
	fresh
	cat "$T/good/tile/$tile" "$T/good/tile/$tile" >"$good/tile/$tile"
	cgi GET $a.mod
	is "a tile $tile that is too long" "$status $(holds tile)" "502 0"
	database "$T/good"
done
fresh
rm "$good/tile/8/0/002"
cgi GET $a.mod
is "a tile that is missing is trouble, and no absence" "$status" 502
database "$T/good"

# --- the tree's history

# a client that knows the tree of 4000; the error is logged with both heads
learn() {
	fresh
	database "$T/good"
	cgi GET $a.zip
	is "$1: the tree is known" "$status $(sed -n 2p "$kept/head")" "200 4000"
	cp "$kept/head" "$T/tree"
	: >"$T/err"
}
published=$(printf '%s\n' example.com/a/@v/v1.0.0.zip example.com/a/@v/v1.0.0.ziphash)
# contradiction CLAIM OLDER NEWER PATTERN
contradiction() {
	before=$(holds .)
	cgi GET /example.com/c/@v/v1.0.0.mod
	is "$1: refused" "$status" 502
	like "$1: with the reason" "$(body)" "integrity: *$name: $4"
	ok "$1: the head stays" cmp "$kept/head" "$T/tree"
	is "$1: nothing new is published" "$(published_files)" "$published"
	is "$1: nothing new is kept" "$(holds .)" "$before"
	like "$1: it is logged" "$(cat "$T/err")" "*level=error*sumdb=$name*fault=integrity*text=*$4*"
	like "$1: with both heads" "$(cat "$T/err")" "*older=*go.sum database tree*$2*newer=*go.sum database tree*$3*"
}

mksumdb grow "$T/fork" 3500 other
mksumdb add "$T/fork" "$T/up" example.com/c@v1.0.0
mksumdb grow "$T/fork" 5000 other
learn "a fork that has grown on"
rm -rf "$good"
mksumdb put "$T/fork" "$good"
contradiction "a fork that has grown on" 4000 5000 \
	'the database contradicts itself: its tree of 5000 records does not begin with its tree of 4000 records*'
cgi GET $b.mod
is "what the fork does not know" "$status" 404

learn "a fork of the same size"
cp -R "$T/fork" "$T/fork2"
mksumdb cut "$T/fork2" 4000
rm -rf "$good"
mksumdb put "$T/fork2" "$good"
contradiction "a fork of the same size" 4000 4000 \
	'the database contradicts itself: its tree of 4000 records does not begin with its tree of 4000 records*'

learn "a database that was set back and has grown otherwise"
cp -R "$T/fork" "$T/fork3"
mksumdb cut "$T/fork3" 3600
rm -rf "$good"
mksumdb put "$T/fork3" "$good"
contradiction "a database that was set back and has grown otherwise" 3600 4000 \
	'between its trees of 3600 and 4000 records: *http: 404*'

learn "a database that was set back and keeps its old tiles"
rm -rf "$good"
cp -R "$T/good" "$good"
mksumdb put "$T/fork3" "$good"
contradiction "a database that was set back and keeps its old tiles" 3600 4000 \
	'between its trees of 3600 and 4000 records: inconsistent tile*'

# its own past is no contradiction
learn "an older tree"
rm -rf "$good"
mksumdb put "$T/young" "$T/young.out"
cp -R "$T/good" "$good"
cp "$T/young.out/latest" "$good/latest"
sed '1,/^$/d' "$T/good/lookup/example.com/b@v1.0.0" >"$T/rest"
{ sed '/^$/q' "$T/good/lookup/example.com/b@v1.0.0"; cat "$T/young.out/latest"; } \
	>"$good/lookup/example.com/b@v1.0.0"
cgi GET $b.mod
is "an older tree: a record behind its end is in the tree that we know" "$status" 200
ok "an older tree: the head stays" cmp "$kept/head" "$T/tree"
cgi GET "/sumdb/$name/latest"
is "an older tree: clients get the newest" "$status $(body_sum)" "200 $(file_sum "$T/tree")"

# --- clients' own questions

learn "clients' questions"
printf 'x' | dd of="$good/tile/8/0/007" bs=1 conv=notrunc 2>/dev/null
cgi GET "/sumdb/$name/tile/8/0/007"
is "a bad tile is not passed on" "$status $(holds tile/8/0/007)" "502 0"
sed -i "s/ h1:../ h1:xx/" "$good/lookup/example.com/b@v1.0.0"
cgi GET "/sumdb/$name/lookup/example.com/b@v1.0.0"
is "a bad record is not passed on" "$status $(holds lookup/example.com/b)" "502 0"
sed -i 's/h1:../h1:xx/' "$good/tile/8/data/003"
cgi GET "/sumdb/$name/tile/8/data/003"
is "bad records are not passed on" "$status $(holds tile/8/data/003)" "502 0"
sed -i 's/^4000$/4001/' "$good/latest"
cgi GET "/sumdb/$name/latest"
is "a bad tree is not passed on" "$status $(holds latest)" "502 0"
ok "the head stays" cmp "$kept/head" "$T/tree"
database "$T/good"

# --- a database that cannot be asked

fresh
rule '{"path": "/lookup/", "status": 500}'
cgi GET $a.mod
is "a database in trouble" "$status $(published_files)" "502 "
like "a database in trouble: the reason" "$(body)" "upstream: *checksum database $name (setting sumdb): *http: 500*"
fresh
rule '{"path": "/supported", "status": 500}'
cgi GET $a.mod
is "a source that cannot say whether it has the database" "$status" 502
fresh
rule '{"path": "/sumdb/", "status": 403}'
cgi GET $a.mod
is "a source that wants credentials for the database" "$status" 502
fresh
rule '{"path": "/lookup/", "status": 410, "headers": {"Content-Type": "text/plain"}, "body": "no tag"}'
cgi GET $a.mod
is "410 of a database" "$status" 404
like "410 of a database: what it says" "$(body)" "not found: *does not know it*no tag*"

# --- settings that cannot be right

for bad in sum.other.example "$name+00000000+AWiRXcwMLkd7NrtHMcxaPsAk1wkBwX4rAjZ9NuRkZLaS" \
	"$vkey $up_url more" "$vkey somewhere" 'sum.golang.google.cn http://127.0.0.1/'; do
	fresh
	sumdb=$bad
	new_conf "upstream = $up_url"
	cgi GET $a.mod
	is "sumdb = $bad" "$status $(published_files)" "500 "
	like "sumdb = $bad: the reason" "$(body)" "local: *the setting sumdb: *"
done
done_testing
