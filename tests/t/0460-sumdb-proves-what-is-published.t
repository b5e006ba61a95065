#!/bin/sh
# Stoa's own check against a checksum database: every .mod and .zip, once for all
# clients; what was learnt answers theirs.
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"
need openssl

name=sum.test.example/db
db=$T/up/sumdb/$name
mkmod "$T/up" --size 3000 example.com/m@v1.0.0 example.com/m@v1.1.0 example.com/m@v1.2.0 \
	example.com/Up/x@v1.0.0-RC1 corp.example/secret@v1.0.0 example.com/late@v1.0.0 \
	golang.org/toolchain@v0.0.1-go1.99.0.linux-amd64
mksumdb new "$T/db" "$name"
vkey=$(cat "$T/db/vkey")
mksumdb grow "$T/db" 300
mksumdb add "$T/db" "$T/up" example.com/m@v1.0.0
mksumdb grow "$T/db" 2500
mksumdb add "$T/db" "$T/up" example.com/m@v1.1.0 example.com/Up/x@v1.0.0-RC1
mksumdb put "$T/db" "$db"
mksumdb grow "$T/db" 3000
mksumdb add "$T/db" "$T/up" example.com/m@v1.2.0
mksumdb put "$T/db" "$db" --keep
start_upstream
sumdb=$vkey
new_conf "upstream = $up_url" 'nosumdb = corp.example,golang.org'
kept=$T/cache/state/sumdb/$name
m=/example.com/m/@v

# still_kept FILE: in the cache, as the database has it
same() {
	cmp "$kept/$1" "$db/$1"
}
asked_db() {
	asked "/sumdb/$name/$1"
}

for way in cgi fcgi; do
	new_cache
	stop_fcgi
	start_fcgi
	asked_nothing
	"$way" GET $m/v1.0.0.mod
	is "$way: a .mod that the database knows" "$status $(body_sum)" "200 $(file_sum "$T/up$m/v1.0.0.mod")"
	is "$way: one lookup" "$(asked_db lookup)" 1
	wait_for 5 is_file "$kept/lookup/example.com/m@v1.0.0"
	ok "$way: its record is kept" same lookup/example.com/m@v1.0.0
	ok "$way: so is its tile" wait_for 5 same tile/8/0/001
	is "$way: the head is the record's tree" "$(sed -n 2p "$kept/head")" 2502
	n=$(asked)
	"$way" GET $m/v1.0.0.zip
	is "$way: the .zip" "$status $(body_sum)" "200 $(file_sum "$T/up$m/v1.0.0.zip")"
	is "$way: takes no question but its own" "$(asked)" "$((n + 1))"
	"$way" GET $m/v1.1.0.info
	is "$way: an .info brings its .mod" "$status" 200
	ok "$way: that was proved" published example.com/m/@v/v1.1.0.mod
	is "$way: by a lookup" "$(asked_db lookup)" 2
	"$way" GET /example.com/%21up/x/@v/v1.0.0-%21r%21c1.zip
	is "$way: upper case" "$status" 200
	"$way" GET $m/v1.2.0.mod
	is "$way: a record of a newer tree" "$status" 200
	is "$way: moves the head on" "$(sed -n 2p "$kept/head")" 3001
	"$way" GET /example.com/late/@v/v1.0.0.mod
	is "$way: a version that the database does not know" "$status" 404
	like "$way: says so" "$(body)" "not found: *the checksum database $name does not know it*"
	nok "$way: and is not published" published example.com/late/@v/v1.0.0.mod

	# clients' questions
	asked_nothing
	for f in lookup/example.com/m@v1.0.0 lookup/example.com/m@v1.2.0 \
		'lookup/example.com/!up/x@v1.0.0-!r!c1' tile/8/0/001; do
		"$way" GET "/sumdb/$name/$f"
		is "$way: a client's $f" "$status $(body_sum)" "200 $(file_sum "$db/$f")"
	done
	is "$way: nobody was asked" "$(asked)" 0
	for f in tile/8/0/005 tile/8/0/011.p/185 tile/8/1/000.p/11 tile/8/0/011.p/7 tile/8/data/003; do
		"$way" GET "/sumdb/$name/$f"
		[ -f "$db/$f" ] || head -c $((32 * ${f##*/})) "$db/tile/8/0/011.p/185" >"$db/$f"
		is "$way: a client's $f" "$status $(body_sum)" "200 $(file_sum "$db/$f")"
	done
	for f in tile/8/0/012 tile/8/0/011.p/186 tile/8/1/000.p/12 tile/8/4/000.p/1 tile/8/data/012; do
		"$way" GET "/sumdb/$name/$f"
		is "$way: $f is not in the tree" "$status" 404
	done
	"$way" GET "/sumdb/$name/supported"
	is "$way: supported" "$status" 200
	"$way" GET "/sumdb/$name/latest"
	is "$way: latest" "$status $(body_sum)" "200 $(file_sum "$db/latest")"

	# settings
	asked_nothing
	"$way" GET /corp.example/secret/@v/v1.0.0.zip
	is "$way: nosumdb" "$status $(asked_db .)" "200 0"
	"$way" GET "/sumdb/$name/lookup/corp.example/secret@v1.0.0"
	is "$way: nosumdb holds for clients' lookups too" "$status $(asked_db .)" "403 0"
	"$way" GET /golang.org/toolchain/@v/v0.0.1-go1.99.0.linux-amd64.zip
	is "$way: a toolchain is looked up all the same" "$status" 404
done

# many at once: one question for each thing
rule '{"path": "/lookup/", "delay": 0.5}'
new_cache
stop_fcgi
start_fcgi
asked_nothing
pids=
for i in 1 2 3 4 5 6 7 8; do
	case $((i % 4)) in
	0) uri=/sumdb/$name/lookup/example.com/m@v1.0.0 ;;
	1) uri=$m/v1.0.0.mod ;;
	2) uri=$m/v1.0.0.zip ;;
	3) uri=$m/v1.0.0.info ;;
	esac
	"$PYTHON" "$lib/fcgi.py" "$fcgi_sock" GET "$uri" >"$T/out.$i" 2>>"$T/err" &
	pids="$pids $!"
done
for p in $pids; do
	wait "$p"
done
is "eight clients at once are all served" "$(grep -l '^Status: 200' "$T"/out.? | wc -l | tr -d ' ')" 8
is "with one lookup" "$(asked_db lookup)" 1
is "one question where it is" "$(asked_db supported)" 1
is "and each tile once" "$(grep /tile/ "$T/upstream.run/requests" | sort | uniq -d)" ""
no_rules
stop_fcgi

# a cache that was damaged heals; a helper for each miss knows what is on the disk
helper_mode=oneshot
new_conf "upstream = $up_url"
cgi GET $m/v1.0.0.mod
wait_for 5 same tile/8/0/001
rm -rf "$T/cache/mod"/* "$T/cache/state/first"
printf 'x' | dd of="$kept/tile/8/0/001" bs=1 seek=4000 conv=notrunc 2>/dev/null
cgi GET $m/v1.0.0.mod
is "a tile that was damaged is fetched again" "$status" 200
ok "and is right again" wait_for 5 same tile/8/0/001
rm -rf "$T/cache/mod"/* "$T/cache/state/first"
sed -i 's/h1:../h1:xx/' "$kept/lookup/example.com/m@v1.0.0"
cgi GET $m/v1.0.0.mod
is "a record that was damaged is fetched again" "$status" 200
ok "and is right again, too" wait_for 5 same lookup/example.com/m@v1.0.0
rm -rf "$T/cache/mod"/* "$T/cache/state/first"
: >"$kept/tile/8/0/001"
: >"$kept/lookup/example.com/m@v1.0.0"
: >"$kept/head"
cgi GET $m/v1.0.0.mod
is "files that a power loss emptied are fetched again" "$status" 200
ok "and are right once more" wait_for 5 same lookup/example.com/m@v1.0.0
echo "no signed tree" >"$kept/head"
rm -rf "$T/cache/mod"/* "$T/cache/state/first"
cgi GET $m/v1.0.0.mod
is "a head that is none stops everything" "$status" 500
like "with the file to look at" "$(body)" "*latest tree in the cache (state/sumdb/$name/head)*"

# where it is asked
new_cache
new_conf "upstream = $up_url/nothing,$up_url"
asked_nothing
cgi GET $m/v1.0.0.mod
is "the second source has the database" "$status $(cat "$kept/base")" "200 $up_url"
new_cache
sumdb="$vkey $up_url/sumdb/$name"
new_conf "upstream = $up_url"
sumdb=$vkey
asked_nothing
cgi GET $m/v1.0.0.mod
is "an address of its own" "$status $(asked_db supported)" "200 0"
new_cache
new_conf "upstream = file://$T/up"
cgi GET $m/v1.0.0.zip
is "a folder that has the database" "$status" 200

new_cache
new_conf "upstream = $up_url"
asked_nothing
cgi GET $m/v1.0.0.zip
is "a helper for each miss: the .zip" "$status" 200
cgi GET $m/v1.0.0.mod
is "a helper for each miss: the .mod" "$status" 200
is "a helper for each miss: one lookup" "$(asked_db lookup)" 1

# modules that it is not asked about
toolchain=/golang.org/toolchain/@v/v0.0.1-go1.99.0.linux-amd64.zip
secret=/corp.example/secret/@v/v1.0.0.zip
new_cache
new_conf "upstream = $up_url" 'private = corp.example'
asked_nothing
cgi GET $secret
is "private modules are not asked about" "$status $(asked_db .)" "200 0"
new_cache
new_conf "upstream = $up_url" 'private = corp.example' 'nosumdb = none'
cgi GET $secret
is "unless nosumdb says none" "$status" 404
like "with what can be done" "$(body)" "*does not know it*nosumdb*"
mkdir -p "$T/up/sumdb/sum.golang.org"
: >"$T/up/sumdb/sum.golang.org/supported"
new_cache
sumdb=off
new_conf "upstream = $up_url"
asked_nothing
cgi GET $secret
is "off: nothing is asked" "$status $(asked sumdb)" "200 0"
cgi GET $toolchain
is "off: a toolchain is looked up all the same" "$status $(asked /sumdb/sum.golang.org/lookup/)" "404 1"
new_cache
new_conf "upstream = file://$T/up"
cgi GET $toolchain
is "off: not one in the only source, a folder" "$status" 200
sumdb=$vkey

# stoactl
ctl="env STOA_CONF=$T/stoa.conf $top_builddir/admin/stoactl"
new_cache
new_conf "upstream = $up_url"
asked_nothing
$ctl import "$T/up" >"$T/o" 2>"$T/e"
is "import takes what the database knows" "$? $(published_files | grep -c -E '[.](mod|zip)$')" "4 8"
is "and nothing else" "$(grep -c "^refused .*does not know it" "$T/e")" 6
is "asks about a version once" "$(asked_db lookup/example.com/m@v1.0.0)" 1
$ctl verify --sumdb >"$T/o" 2>"$T/e"
is "verify --sumdb: all is well" "$?" 0
sumdb=off
new_conf "upstream = $up_url"
cgi GET /example.com/late/@v/v1.0.0.mod
cp -R "$T/up" "$T/other"
echo "// changed" >>"$T/other$m/v1.0.0.mod"
rm -rf "$T/cache/mod$m"/v1.0.0.mod "$T/cache/state/first"
$ctl import "$T/other" >"$T/o" 2>"$T/e"
sumdb=$vkey
new_conf "upstream = $up_url" 'nosumdb = corp.example,golang.org/toolchain'
$ctl verify >"$T/o" 2>"$T/e"
is "verify does not ask" "$?" 0
$ctl verify --sumdb >"$T/o" 2>"$T/e"
is "verify --sumdb finds what the database does not have" "$? $(grep -c '^bad' "$T/e")" "4 1"
like "a .mod with another hash" "$(cat "$T/e")" "*bad example.com/m@v1.0.0 mod: *checksum mismatch*"
like "one that it does not know" "$(cat "$T/e")" \
	"*failed example.com/late@v1.0.0 mod: *does not know it*"
$ctl verify --sumdb --repair example.com/m >"$T/o" 2>"$T/e"
is "and repairs it" "$? $(file_sum "$T/cache/mod$m/v1.0.0.mod")" "3 $(file_sum "$T/up$m/v1.0.0.mod")"

# a real client with the same key
helper_mode=shared
if have go && have_lighttpd; then
	new_cache
	new_conf "upstream = $up_url"
	start_fcgi
	start_lighttpd external
	asked_nothing
	mkdir "$T/proj"
	cd "$T/proj" || exit 99
	printf 'module example.com/proj\n\ngo 1.21\n' >go.mod
	# user_go would have the user's own database
	ok "the go command gets and checks the module" env GOPROXY="$http_url" GOSUMDB="$vkey" \
		GONOSUMDB= GOFLAGS='-modcacherw -mod=mod' go get example.com/m@v1.2.0 example.com/m@v1.2.0
	ok "from what stoa has proved" grep -q 'example.com/m v1.2.0/go.mod h1:' go.sum
	is "with one lookup for both" "$(asked_db lookup)" 1
	cd "$T" || exit 99
fi
done_testing
