#!/bin/sh
# `make bundle': unpacked into a web folder of an Apache that allows what shared
# hosts allow (CGI, .htaccess, rewriting), it says what is missing, serves, and
# gives away nothing else.
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/pack.sh"
packing
apache=$(PATH=$PATH:/usr/sbin command -v apache2)
mods=/usr/lib/apache2/modules
[ -n "$apache" ] && [ -e $mods/mod_cgid.so ] || skip_all "no apache2 with mod_cgid on this machine"
need curl ldd gzip

make_here "$T/bundle.log" bundle || {
	grep -q 'cannot find -l' "$T/bundle.log" && skip_all "no static libraries on this machine"
	show_log "$T/bundle.log"
	bail "make bundle failed"
}
sed -n '/^sizes/,$p' "$T/bundle.log" | grep -v '^make' | sed 's/^/# /'
set -- "$top_builddir"/bundle/stoa-bundle-*.tar.gz
ok "one archive" [ $# = 1 ]

home=$T/home/me
mkdir -p "$home/public_html/deep/er" "$T/home/you/public_html" "$T/run"
tar -C "$home/public_html" -xzf "$1"
mv "$home/public_html/go" "$home/public_html/deep/er/mods"
tar -C "$T/home/you/public_html" -xzf "$1"
tar -C "$home/public_html" -xzf "$1"
go=$home/public_html/go
start_upstream
mkmod "$T/up" --size 300000 example.com/m@v1.0.0 example.com/m@v1.1.0
mkmod "$T/up" github.com/User/m@v1.0.0-RC1
# Programs of customers run as the customer; here as the server's user.
www_user=$(id -un)
if [ "$(id -u)" = 0 ]; then
	www_user=www-data
	chown -R www-data "$T/home" "$T/run"
fi
chmod 755 "$T" "$T/home"

port=$("$PYTHON" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
{
	for m in mpm_event authz_core mime dir alias env headers rewrite negotiation cgid; do
		echo "LoadModule ${m}_module $mods/mod_$m.so"
	done
	cat <<-END
	ServerName host.example
	Listen 127.0.0.1:$port
	ErrorLog $T/apache.log
	PidFile $T/run/pid
	ScriptSock $T/run/cgid.sock
	TypesConfig /etc/mime.types
	DocumentRoot $home/public_html
	Alias /~you/ $T/home/you/public_html/
	DirectoryIndex index.html
	$([ "$(id -u)" != 0 ] || printf "%s\n" "User $www_user" "Group $www_user")
	<Directory />
	Require all denied
	</Directory>
	<Directory "$T/home/*/public_html">
	Require all granted
	AllowOverride All
	Options SymLinksIfOwnerMatch MultiViews Indexes
	</Directory>
	END
} >"$T/apache.conf"
"$apache" -D FOREGROUND -f "$T/apache.conf" >"$T/apache.out" 2>&1 &
started $!
http_url=http://127.0.0.1:$port
wait_for 10 curl --silent --output /dev/null "$http_url/" || {
	cat "$T/apache.out" "$T/apache.log" | sed 's/^/#   /'
	bail "Apache did not start"
}

# ---------------------------------------------------------------- the check page

# missing: what the page says is missing
missing() {
	http GET "${1:-/go}/check.cgi"
	sed -n 's/^<tr class="no"><td>MISSING<\/td><td>\([^<]*\)<.*/\1/p' "$T/body" | tr '\n' ';'
}

is "a source is missing at first" "$(missing)" "a source of modules;"
is "which is all" "$(grep -c 'Missing: 1\.' "$T/body")" 1
printf 'upstream = %s\nsumdb = off\n' "$up_url" >>"$go/private/stoa.conf"
is "nothing is missing then" "$(missing)" ""
like "and it says so" "$(cat "$T/body")" "*Nothing is missing*"
is "the cache is beside the web root" "$(cd "$home/stoa-cache" && pwd)" "$home/stoa-cache"
ok "with a link to it" [ -d "$go/mod/." ]

chmod a-x "$go/private/stoa-fetch" "$go/stoa.cgi"
is "no permission to run" "$(missing)" \
	"stoa.cgi may be executed;private/stoa-fetch may be executed;stoa.cgi runs;stoa-fetch runs;the source answers;"
chmod a+x "$go/private/stoa-fetch" "$go/stoa.cgi"
mv "$go/private/lib" "$go/private/lib.not"
is "no libraries" "$(missing)" \
	"private/lib/stoa-fetch;private/lib/ld.so;stoa-fetch runs;the source answers;"
mv "$go/private/lib.not" "$go/private/lib"
sed -i.bak "s|^upstream = .*|upstream = http://127.0.0.1:1|" "$go/private/stoa.conf"
is "no connection to the outside" "$(missing)" "the source answers;"
like "the reason is told" "$(cat "$T/body")" "*connect:*"
mv "$go/private/stoa.conf.bak" "$go/private/stoa.conf"
sed -i.bak "s|%{CONTEXT_DOCUMENT_ROOT}/../stoa-cache|%1/cache|" "$go/.htaccess"
[ "$(id -u)" != 0 ] || chown www-data "$go/.htaccess"
like "a cache in the web folder" "$(missing)" "*the cache is outside of the web root;*"
mv "$go/.htaccess.bak" "$go/.htaccess"
rm -rf "$go/cache" "$go/mod"
mv "$go/.htaccess" "$go/htaccess"
http GET /go/check.cgi
like "where it is no program its text says what is wrong" "$(cat "$T/body")" \
	"*If a browser shows you this text, the host does not run CGI*"
mv "$go/htaccess" "$go/.htaccess"
if [ "$(id -u)" = 0 ]; then
	mv "$home/stoa-cache" "$home/stoa-cache.not"
	chown root "$home"
	like "a cache that cannot be made" "$(missing)" "*the cache can be written;*"
	chown www-data "$home"
	rm -rf "$home/stoa-cache"
	mv "$home/stoa-cache.not" "$home/stoa-cache"
else
	skip "a cache that cannot be made (needs root)"
fi
is "nothing is missing again" "$(missing)" ""

# ---------------------------------------------------------------- modules

# serves BASE: everything comes, from stoa.cgi and then from the cache
serves() {
	for again in first again; do
		for f in example.com/m/@v/list example.com/m/@v/v1.0.0.info example.com/m/@v/v1.0.0.mod \
			example.com/m/@v/v1.0.0.zip github.com/!user/m/@v/v1.0.0-!r!c1.zip; do
			http GET "$1/$f"
			is "$1: $f, $again" "$status $(body_sum)" "200 $(file_sum "$T/up/$f")"
		done
	done
	http GET "$1/readyz"
	is "$1: readyz" "$(body)" ready
	http GET "$1/example.com/m/@v/v9.9.9.info"
	is "$1: what does not exist" "$status" 404
	unlike "$1: nothing tells where things are" "$(body)" "*$T*"
}
serves /go
http HEAD /go/example.com/m/@v/v1.0.0.zip
is "HEAD" "$status $(header Content-Length)" "200 $(wc -c <"$T/up/example.com/m/@v/v1.0.0.zip")"

printf 'upstream = %s\nsumdb = off\n' "$up_url" >>"$home/public_html/deep/er/mods/private/stoa.conf"
is "in a folder of another name, deeper" "$(missing /deep/er/mods)" ""
serves /deep/er/mods
printf 'upstream = %s\nsumdb = off\n' "$up_url" >>"$T/home/you/public_html/go/private/stoa.conf"
is "of a user's web folder" "$(missing /~you/go)" ""
serves /~you/go
ok "its cache is its own" [ -d "$T/home/you/stoa-cache/mod/example.com" ]

# Apache alone: stoa.cgi cannot be run
chmod a-x "$go/stoa.cgi"
for f in v1.0.0.info v1.0.0.mod v1.0.0.zip; do
	http GET "/go/example.com/m/@v/$f"
	is "Apache alone: $f" "$status $(body_sum)" "200 $(file_sum "$T/up/example.com/m/@v/$f")"
	is "its lifetime" "$(header Cache-Control)" "public, max-age=31536000, immutable"
	case $f in
	*.mod) type='text/plain; charset=utf-8' ;;
	*.info) type=application/json ;;
	*) type=application/zip ;;
	esac
	is "its type" "$(header Content-Type)" "$type"
done
http GET /go/example.com/m/@v/list
isnt "Apache alone: a list is not its own to send" "$status" 200
unlike "nor is a failure kept for long" "$(header Cache-Control)" "*max-age=31536000*"
chmod a+x "$go/stoa.cgi"

# ---------------------------------------------------------------- nothing else

echo secret >"$home/stoa-cache/state/secret"
for f in .htaccess INSTALL stoa.cgi stoa.cgi/readyz private private/ private/stoa.conf private/.htaccess \
	private/stoa-fetch private/lib/stoa-fetch private/lib/libcurl.so.4 private/COPYING \
	mod mod/ mod/example.com/m/@v/list mod/example.com/m/@v/v1.0.0.mod mod/../private/stoa.conf \
	mod/example.com/m/@v/v1.0.0.ziphash ../stoa-cache/state/secret mod/../state/secret \
	example.com/m/@v/..%2f..%2f..%2f..%2fstate%2fsecret example.com/m/@v/%2e%2e/ check \
	example.com/m%23/@v/list example.com/m::x/@v/list; do
	http GET "/go/$f"
	ok "not $f ($status)" [ "$status" -ge 400 ]
	nok "nor what it holds" grep -a -q -E \
		'Require all|RewriteRule|^secret|upstream|GLIBC|Apache License|^module ' "$T/body"
done
http GET "/go/example.com/m/@v/v1.0.0.mod?STOA_CACHE=/tmp" --header 'Stoa-Cache: /nonexistent' \
	--header 'REDIRECT_GO_PASS: cgi' --header 'GO_PASS: file'
is "a client's headers change nothing" "$status" 200

if have go; then
	mkdir "$T/use"
	(
		cd "$T/use" || exit
		printf 'module use\ngo 1.17\nrequire example.com/m v1.1.0\n' >go.mod
		GOPROXY=$http_url/go GONOSUMDB='*' GOFLAGS='-mod=mod -modcacherw' go mod download example.com/m
	) >"$T/ok.out" 2>&1
	is "the go command downloads" "$? $(ls "$GOMODCACHE/cache/download/example.com/m/@v/v1.1.0.zip")" \
		"0 $GOMODCACHE/cache/download/example.com/m/@v/v1.1.0.zip"
else
	skip "the go command (not on this machine)"
fi
[ "$tap_failed" = 0 ] || show_log "$T/apache.log" 20
done_testing
