#!/bin/sh
# etc/quickstart.sh serves, says what is wrong, and leaves nothing behind.
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"
have_lighttpd || skip_all "no lighttpd on this machine"
need perl curl

script=$top_srcdir/etc/quickstart.sh
[ -e "$top_builddir/config.status" ] || skip_all "not in a build folder"

free_port() {
	"$PYTHON" -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# quickstart OPTION...: to its end; $rc, $T/q.out
quickstart() {
	sh "$script" --no-install --build-dir "$top_builddir" "$@" >"$T/q.out" 2>&1
	rc=$?
}

# start OPTION...: sets $quick and, when it serves, $run
start() {
	: >"$T/q.out"
	sh "$script" --no-install --build-dir "$top_builddir" --cache "$T/my cache" "$@" \
		>"$T/q.out" 2>&1 &
	quick=$!
	started "$quick"
	wait_for 60 serves_or_ended || say "it neither serves nor ends"
	run=$(sed -n 's,^quickstart: log: \(.*\)/log$,\1,p' "$T/q.out")
}

serves_or_ended() {
	grep -q '^    GOPROXY=http' "$T/q.out" || is_dead "$quick"
}

# Everything that runs with its temporary folder or our cache in its arguments or
# environment; PROGRAM of procs.py.
left_over() {
	for p in lighttpd apache2 nginx caddy; do
		"$PYTHON" "$lib/procs.py" "$run/" "$p"
	done
	"$PYTHON" "$lib/procs.py" "$T/my cache" stoa.fcgi
	"$PYTHON" "$lib/procs.py" "$T/my cache" stoa-fetch
}

# ---------------------------------------------------------------- mistakes

for bad in '--server iis' '--server' '--port x' '--port 0' '--port 70000' '--port' '--prefix go' '--prefix /a//b' \
	'--bogus' 'operand' '--conf /nonexistent/stoa.conf'; do
	# shellcheck disable=SC2086
	quickstart --upstream "file://$T/up" $bad
	is "\"$bad\" is refused" "$rc" 2
done
for self in http://localhost:3000 http://127.0.0.1:3000/ 'http://[::1]:3000' \
	"file://$T/up,http://u:secret@localhost:3000/go"; do
	quickstart --upstream "$self"
	is "it does not ask itself: ${self##*@}" "$rc" 2
done
unlike "a password is not shown" "$(cat "$T/q.out")" '*secret*'
mkdir "$T/bin"
for p in dirname cat tr sed grep; do
	ln -s "$(command -v "$p")" "$T/bin/$p"
done
out=$(GOPROXY='' PATH="$T/bin" /bin/sh "$script" --no-install 2>&1)
like "without GOPROXY and go it asks for --upstream" "$? $out" '2 *Name a module proxy with --upstream*'

# ---------------------------------------------------------------- it serves

mkmod "$T/up" example.com/Upper@v1.0.0
port=$(free_port)
start --port "$port" --upstream "file://$T/up"
like "it serves" "$(cat "$T/q.out")" "*GOPROXY=http://localhost:$port go mod download*"
http_url=http://127.0.0.1:$port
http GET /healthz
is "/healthz" "$status $(body)" "200 ok"
http GET /readyz
is "/readyz" "$status $(body)" "200 ready"
http GET /example.com/%21upper/@v/v1.0.0.mod
is "a first request" "$status" 200
ok "its file is in the cache" [ -s "$T/my cache/mod/example.com/!upper/@v/v1.0.0.mod" ]
http GET /example.com/%21upper/@v/v1.0.0.mod
is "a second request" "$status $(header Cache-Control)" "200 public, max-age=31536000, immutable"
quickstart --port "$port" --cache "$T/other" --upstream "file://$T/up"
like "a busy port" "$rc $(cat "$T/q.out")" "1 *port $port is in use*"
is "the first one still serves" "$(curl -s "$http_url/healthz")" ok

is "it has lighttpd, a responder and its helper" "$(left_over | wc -l | tr -d ' ')" 3
kill -s TERM "$quick"
ok "it ends within 5 seconds of SIGTERM" wait_for 5 is_dead "$quick"
is "no process is left" "$(left_over)" ""
nok "its temporary folder is gone" [ -e "$run" ]
nok "the port is free" curl -s -o /dev/null "$http_url/healthz"

# ---------------------------------------------------------------- options

port=$(free_port)
printf 'upstream = file://%s\nlist_ttl = 5m\n' "$T/up" >"$T/quick.conf"
start --port="$port" --prefix=/go/ --conf "$T/quick.conf"
http_url=http://127.0.0.1:$port
http GET /go/example.com/%21upper/@v/list
is "below a prefix, from a settings file" "$status $(body)" "200 v1.0.0"
like "with its settings" "$(header Cache-Control)" 'public, max-age=[23]??'
http GET /go/example.com/%21upper/@v/v1.0.0.mod
is "the cache is served below it" "$status $(header Cache-Control)" \
	"200 public, max-age=31536000, immutable"
http GET /example.com/%21upper/@v/v1.0.0.mod
is "and nowhere else" "$status" 404
kill -s HUP "$quick"
ok "it ends at SIGHUP too" wait_for 5 is_dead "$quick"

# ---------------------------------------------------------------- straight from a repository

if command -v git >/dev/null; then
	export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
	git init -q -b main "$T/repos/m"
	printf 'module github.com/stoatest/m\n' >"$T/repos/m/go.mod"
	git -C "$T/repos/m" add go.mod
	git -C "$T/repos/m" -c user.name=a -c user.email=a@example.com commit -q -m 1
	git -C "$T/repos/m" tag v1.0.0
	printf '[url "file://%s/"]\n\tinsteadOf = https://github.com/stoatest/\n' "$T/repos" >"$T/gitconfig"
	printf 'transports = file\ngit_config = %s\n' "$T/gitconfig" >"$T/quick.conf"
	port=$(free_port)
	start --port "$port" --conf "$T/quick.conf" --upstream direct
	http_url=http://127.0.0.1:$port
	http GET /github.com/stoatest/m/@v/v1.0.0.mod
	is "with --upstream direct, from a repository" "$status $(body)" "200 module github.com/stoatest/m"
	kill -s TERM "$quick"
	ok "it ends" wait_for 5 is_dead "$quick"
fi
is "no process is left then" "$(left_over)" ""

# ---------------------------------------------------------------- other servers

PATH=$PATH:/usr/sbin
chmod a+x "$T" "$T/tmp" # for the user that Apache becomes when root starts it
for server in apache:apache2 nginx:nginx caddy:caddy; do
	program=${server#*:}
	server=${server%:*}
	if ! have "$program"; then
		skip "no $program on this machine"
		continue
	fi
	mkmod "$T/up" "example.com/$server@v1.0.0"
	port=$(free_port)
	start --server "$server" --port "$port" --prefix /go --upstream "file://$T/up"
	like "$server: it serves" "$(cat "$T/q.out")" "*GOPROXY=http://localhost:$port/go go mod download*"
	http_url=http://127.0.0.1:$port
	http GET "/go/example.com/$server/@v/v1.0.0.mod"
	is "$server: a first request" "$status" 200
	http GET "/go/example.com/$server/@v/v1.0.0.mod"
	is "$server: a second request" "$status $(header Cache-Control)" \
		"200 public, max-age=31536000, immutable"
	quickstart --server "$server" --port "$port" --cache "$T/other" --upstream "file://$T/up"
	like "$server: a busy port" "$rc $(cat "$T/q.out")" "1 *port $port is in use*"
	kill -s TERM "$quick"
	ok "$server: it ends within 5 seconds" wait_for 5 is_dead "$quick"
	is "$server: no process is left" "$(left_over)" ""
	nok "$server: its temporary folder is gone" [ -e "$run" ]
done

quickstart --build-only
is "--build-only ends" "$rc" 0
done_testing
