#!/bin/sh
# A project of more than 150 modules (tests/data/live) is downloaded through stoa
# from the machine's own GOPROXY, with the checksum database; a byte that is changed in
# what is stored is found and repaired; then again with the upstream switched off and
# an empty module cache.
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"
slow
need go curl
have_lighttpd || skip_all "no lighttpd on this machine"
! sanitized || skip_all "a build with sanitizers would take too long for it"

upstream=$(user_go env GOPROXY)
first=${upstream%%[,|]*}
case $first in
http://* | https://*) ;;
*) skip_all "GOPROXY of this machine does not begin with a URL" ;;
esac
user_proxies
reaches() {
	curl --silent --fail --location --max-time 20 --output /dev/null "$1"
}
reaches "${first%/}/github.com/spf13/cobra/@v/v1.6.1.info" ||
	skip_all "the first URL of GOPROXY does not answer"
db=$(user_go env GOSUMDB)
sumdb=$db
case $db in
off | '') sumdb=off ;;
*) reaches "${first%/}/sumdb/${db%%[+ ]*}/supported" || sumdb=off ;;
esac

project() {
	rm -rf "$T/main"
	mkdir "$T/main"
	cp "$top_srcdir/tests/data/live/go.mod" "$top_srcdir/tests/data/live/tools.go" "$T/main/"
	cd "$T/main" || exit 99
}

# sums: the "module version hash" lines that a download found, sorted
sums() {
	"$PYTHON" - "$1" <<-'END'
	import json, sys
	text = open(sys.argv[1]).read()
	decoder, at, lines = json.JSONDecoder(), 0, []
	while text[at:].strip():
	    m, end = decoder.raw_decode(text[at:].lstrip())
	    at = len(text) - len(text[at:].lstrip()) + end
	    if "Error" in m:
	        print("error:", m["Path"], m["Error"])
	        continue
	    lines.append("%s %s %s" % (m["Path"], m["Version"], m["Sum"]))
	    lines.append("%s %s/go.mod %s" % (m["Path"], m["Version"], m["GoModSum"]))
	print("\n".join(sorted(lines)))
	END
}

# download CLAIM: with -json to $T/json, from an empty module cache
download() {
	chmod -R u+w "$GOMODCACHE" 2>/dev/null
	rm -rf "$GOMODCACHE"
	GOPROXY=$http_url go mod download -json >"$T/json" 2>"$T/said"
	rc=$?
	is "$1: go mod download" $rc 0
	[ $rc = 0 ] || head -n 20 "$T/said" | sed 's/^/#   /'
	sums "$T/json" >"$T/sums"
	n=$(grep -c -v '/go.mod ' "$T/sums")
	ok "$1: $n modules, more than 150" [ "$n" -ge 150 ]
	is "$1: every hash is in go.sum" \
		"$(sort "$top_srcdir/tests/data/live/go.sum" | comm -13 - "$T/sums" | head -n 5)" ""
}

# verify CLAIM EXIT OPTION...: stoactl's, on all that is stored
verify() {
	claim=$1
	want=$2
	shift 2
	STOA_CONF=$T/stoa.conf "$top_builddir/admin/stoactl" verify --quiet "$@" >"$T/o" 2>"$T/e"
	is "$claim: $(head -n 1 "$T/o")" "$? $(head -n 3 "$T/e")" "$want $(head -n 3 "$T/e")"
}

# flip FILE: changes a byte in its middle
flip() {
	chmod u+w "$1"
	"$PYTHON" -c 'import sys
b = bytearray(open(sys.argv[1], "rb").read())
b[len(b) // 2] ^= 1
open(sys.argv[1], "wb").write(b)' "$1"
}

new_conf "upstream = $upstream"
start_lighttpd static-first
project
if [ "$sumdb" = off ]; then
	skip "the checksum database through stoa: the first URL of GOPROXY does not serve it"
	cp "$top_srcdir/tests/data/live/go.sum" .
else
	# the zips' hashes are not there: each is looked up
	grep '/go.mod ' "$top_srcdir/tests/data/live/go.sum" >go.sum
fi
GOSUMDB=$sumdb download "cold"
if [ "$sumdb" != off ]; then
	ok "cold: the checksum database was asked through stoa" \
		[ "$(find "$T/cache/state/sumdb" -type f -path '*/lookup/*' | wc -l)" -ge 150 ]
fi
is "cold: no error of ours is in the log" "$(grep -c -E 'fault=(bug|local|integrity)' "$T/lighttpd.log.stoa")" 0
stop_lighttpd

if [ "$sumdb" != off ]; then
	verify "the real database has every stored file" 0 --sumdb
fi
for f in mod/github.com/spf13/cobra/@v/v1.6.1.zip mod/github.com/spf13/cobra/@v/v1.6.1.mod; do
	cp "$T/cache/$f" "$T/whole"
	flip "$T/cache/$f"
	verify "a flipped byte is found" 4 github.com/spf13/cobra
	verify "and repaired" 3 --repair github.com/spf13/cobra
	ok "$f is what it was" cmp "$T/cache/$f" "$T/whole"
done

# the upstream is switched off
closed=$("$PYTHON" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
new_conf "upstream = http://127.0.0.1:$closed"
start_lighttpd fastcgi
project
cp "$top_srcdir/tests/data/live/go.sum" .
download "with the upstream switched off"
ok "go mod verify" go mod verify
is "go.sum is unchanged" "$(file_sum go.sum)" "$(file_sum "$top_srcdir/tests/data/live/go.sum")"
is "nothing was asked for that the cache did not have" "$(grep -c 'fault=' "$T/lighttpd.log.stoa")" 0
cd / || exit 99
done_testing
