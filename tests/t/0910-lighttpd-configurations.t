#!/bin/sh
# The configurations in etc/lighttpd: what comes from the tree and what does not,
# with the same headers either way.
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"
have_lighttpd || skip_all "no lighttpd on this machine"
need curl
PATH=$PATH:/usr/sbin

# serve NAME PREFIX: lighttpd with etc/lighttpd/NAME; $http_url, $http_pid
serve() {
	port=$("$PYTHON" -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
	sed -e "s|@PORT@|$port|g" -e "s|@PREFIX@|$2|g" -e "s|@CACHE@|$T/cache|g" \
		-e "s|@CONF@|$T/stoa.conf|g" -e "s|@FCGI@|$fcgi_bin|g" -e "s|@CGI@|$cgi_bin|g" \
		-e "s|@SOCKET@|$T/$port.sock|g" -e "s|@ERRORLOG@|$T/lighttpd.log|g" \
		-e "s|@PIDFILE@|$T/lighttpd.pid|g" "$top_srcdir/etc/lighttpd/$1" >"$T/lighttpd.conf"
	ok "$1 is a good configuration" lighttpd -tt -f "$T/lighttpd.conf"
	lighttpd -D -f "$T/lighttpd.conf" >>"$T/lighttpd.out" 2>>"$T/err" &
	http_pid=$!
	started "$http_pid"
	http_url=http://127.0.0.1:$port
	wait_for 10 healthy "$2" || say "it does not answer"
}

healthy() {
	curl -s --max-time 5 "$http_url$1/healthz" | grep -q '^ok$'
}

# who: who made the last answer, by its entity tag
who() {
	case $(header ETag) in
	'') echo nobody ;;
	*-*) echo stoa ;;
	*) echo lighttpd ;;
	esac
}

responders() {
	"$PYTHON" "$lib/procs.py" "$T" stoa.fcgi
}

no_responders() {
	[ -z "$(responders)" ]
}

new_conf "upstream = file://$T/up" 'list_ttl = 1h'
mkmod "$T/cache/mod" --latest 'example.com/Upper@v1.0.0' 'example.com/Upper@v2.0.0-RC1+incompatible' \
	>/dev/null 2>&1 || say "mkmod failed"
at=/example.com/%21upper
dir=$T/cache/mod/example.com/!upper/@v
for name in .hidden .hidden.zip v1.0.0.ziphash v1.0.0.lock v1.info v01.0.0.info master.info \
	v1.0.0.infos; do
	echo secret >"$dir/$name"
done
mkdir -p "$T/cache/state" "$T/cache/mod/.dot/@v"
echo secret >"$T/cache/state/secret"
echo secret >"$T/cache/mod/.dot/@v/v1.0.0.info"
year='public, max-age=31536000, immutable'

# ---------------------------------------------------------------- static first

static_first() {
	way="$1${2:+ at $2}"
	serve "$1" "$2"
	for file in v1.0.0.info v1.0.0.mod v1.0.0.zip v2.0.0-%21r%21c1+incompatible.zip; do
		http GET "$2$at/@v/$file"
		is "$way: $file comes from the tree" "$status $(who)" "200 lighttpd"
		from_tree="$(header Content-Type), $(header Content-Length), $(header Cache-Control)"
		http HEAD "$2$at/@v/$file"
		is "$way: as stoa would send it" "$from_tree" \
			"$(header Content-Type), $(header Content-Length), $(header Cache-Control)"
		is "$way: which answers to HEAD" "$(who)" stoa
	done
	http GET "$2$at/@v/v1.0.0.mod" --range 0-5
	is "$way: a range" "$status $(body)" "206 module"
	for file in @v/list @latest; do
		http GET "$2$at/$file"
		is "$way: $file is stoa's" "$status $(who)" "200 stoa"
		unlike "$way: and may change" "$(header Cache-Control)" '*immutable*'
	done
	for file in @v/.hidden @v/.hidden.zip @v/v1.0.0.ziphash @v/v1.0.0.lock @v/v1.info \
		@v/v01.0.0.info @v/master.info @v/v1.0.0.infos @v/ @v/v1.0.0.info/ \
		../../.dot/@v/v1.0.0.info ../../../state/secret @v/..%2f@v/v1.0.0.info; do
		http GET "$2$at/$file"
		like "$way: $file is nobody's" "$status" '4??'
		unlike "$way: nor its content" "$(body)" '*secret*'
	done
	for file in /.dot/@v/v1.0.0.info /state/secret /mod/state/secret //state/secret; do
		http GET "$2$file"
		like "$way: $file is nobody's" "$status" '4??'
		unlike "$way: nor its content" "$(body)" '*secret*'
	done
	http GET "$2$at/@v/v1.0.1.zip"
	is "$way: a version that is not there" "$status $(header Cache-Control)" "404 no-cache"
	like "$way: stoa says why" "$(body)" 'not found: example.com/Upper@v1.0.1: *'
	for method in POST PUT DELETE; do
		http "$method" "$2$at/@v/v1.0.0.info" --data x
		is "$way: $method" "$status $(header Allow)" "405 GET, HEAD"
	done
	[ -z "$2" ] || {
		http GET "$at/@v/v1.0.0.info"
		is "$way: nothing is outside it" "$status" 404
		http GET "$at/@v/list"
		is "$way: no list either" "$status" 404
	}
	stop "$http_pid" TERM
	ok "$way: lighttpd stops its responder" wait_for 3 no_responders
}

static_first static-first.conf ''
static_first static-first.conf /go
static_first cgi.conf ''
static_first cgi.conf /go

# ---------------------------------------------------------------- X-Sendfile

for prefix in '' /go; do
	way="fastcgi.conf${prefix:+ at $prefix}"
	serve fastcgi.conf "$prefix"
	for file in v1.0.0.info v1.0.0.mod v1.0.0.zip v2.0.0-%21r%21c1+incompatible.zip; do
		http GET "$prefix$at/@v/$file"
		is "$way: $file" "$status $(header Cache-Control)" "200 $year"
	done
	is "$way: whole" "$(body_sum)" "$(file_sum "$dir/v2.0.0-!r!c1+incompatible.zip")"
	isnt "$way: sent by lighttpd" "$(who)" stoa
	is "$way: with stoa's type" "$(header Content-Type)" application/zip
	http GET "$prefix$at/@v/v1.0.0.mod" --range 0-5
	is "$way: a range" "$status $(body)" "206 module"
	http HEAD "$prefix$at/@v/v1.0.0.mod"
	is "$way: HEAD" "$status $(header Content-Length)" "200 $(wc -c <"$dir/v1.0.0.mod" | tr -d ' ')"
	http GET "$prefix$at/@v/../@v/v1.0.0.info"
	is "$way: stoa sees the path as it came" "$status $(body)" \
		"400 bad request: the path has a dot segment"
	http GET "$prefix$at/@v/v1.0.0.ziphash"
	is "$way: .ziphash" "$status" 404
	stop "$http_pid" TERM
	ok "$way: lighttpd stops its responder" wait_for 3 no_responders
done
done_testing
