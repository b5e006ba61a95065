# tests/lib/tap.sh: what the end-to-end tests share; POSIX sh, sourced first.
#
# Gives a test its own folder $T (removed at the end unless KEEP is set), TAP
# output, a fake upstream, stoa.cgi straight from the shell, stoa.fcgi on a Unix
# socket and behind lighttpd. Every process that is started here is ended at the
# exit, by its number. Standard input is closed off.
#
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh

: "${top_srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}"
: "${top_builddir:=$top_srcdir}"
export LC_ALL=C TZ=UTC
umask 022
exec </dev/null

lib=$top_srcdir/tests/lib
fetch=$top_builddir/fetch/stoa-fetch
cgi_bin=$top_builddir/cgi-bin/stoa.cgi
fcgi_bin=$top_builddir/fcgi/stoa.fcgi
export top_srcdir top_builddir lib fetch cgi_bin fcgi_bin

# libfcgi loses 48 bytes when a peer goes away within its parameters.
LSAN_OPTIONS=suppressions=$lib/lsan.supp:print_suppressions=0
export LSAN_OPTIONS

# The distribution's own interpreter starts faster than a version manager's.
if [ -z "${PYTHON:-}" ]; then
	PYTHON=python3
	[ -x /usr/bin/python3 ] && PYTHON=/usr/bin/python3
fi
export PYTHON PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$lib"
# Nothing of the caller's own set-up may decide a result.
for tap_v in $(env | sed -n 's/^\(STOA_[A-Z_]*\)=.*/\1/p'); do
	case $tap_v in
	STOA_TEST_*) ;;
	*) unset "$tap_v" ;;
	esac
done
tap_proxies=$(env | grep -i -E '^(http|https|all|no)_proxy=')
unset http_proxy https_proxy all_proxy no_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY
unset CDPATH ENV NETRC

# ---------------------------------------------------------------- results

tap_n=0
tap_failed=0

say() {
	printf '%s\n' "$*" | sed 's/^/# /'
}

pass() {
	tap_n=$((tap_n + 1))
	echo "ok $tap_n - $*"
}

# While $TODO says what is missing, failures are expected ones.
TODO=
fail() {
	tap_n=$((tap_n + 1))
	if [ -n "$TODO" ]; then
		echo "not ok $tap_n - $* # TODO $TODO"
		return
	fi
	tap_failed=$((tap_failed + 1))
	echo "not ok $tap_n - $*"
}

# ok CLAIM COMMAND...: the command succeeds
ok() {
	tap_claim=$1
	shift
	if "$@" >"$T/ok.out" 2>&1; then
		pass "$tap_claim"
	else
		fail "$tap_claim"
		say "failed: $*"
		head -c 2000 "$T/ok.out" | sed 's/^/#   /'
	fi
}

# nok CLAIM COMMAND...: the command fails
nok() {
	tap_claim=$1
	shift
	if "$@" >"$T/ok.out" 2>&1; then
		fail "$tap_claim"
		say "should have failed: $*"
		head -c 2000 "$T/ok.out" | sed 's/^/#   /'
	else
		pass "$tap_claim"
	fi
}

# is CLAIM GOT WANTED
is() {
	if [ "$2" = "$3" ]; then
		pass "$1"
	else
		fail "$1"
		say "got:    $2"
		say "wanted: $3"
		show_answer
	fi
}

# isnt CLAIM GOT UNWANTED
isnt() {
	if [ "$2" != "$3" ]; then
		pass "$1"
	else
		fail "$1"
		say "got: $2"
		show_answer
	fi
}

# like CLAIM TEXT PATTERN (a shell pattern)
like() {
	# shellcheck disable=SC2254
	case $2 in
	$3) pass "$1" ;;
	*)
		fail "$1"
		say "got:    $2"
		say "wanted: $3"
		show_answer
		;;
	esac
}

unlike() {
	# shellcheck disable=SC2254
	case $2 in
	$3)
		fail "$1"
		say "got: $2"
		;;
	*) pass "$1" ;;
	esac
}

show_answer() {
	[ -s "$T/head" ] && [ -z "$TODO" ] || return 0
	say "the last answer, and the end of standard error:"
	tr -d '\r' <"$T/head" | sed 's/^/#   /'
	head -c 600 "$T/body" | tr -c '[:print:]\n' '?' | sed 's/^/#   /'
	echo
	[ ! -s "$T/err" ] || tail -n 3 "$T/err" | sed 's/^/#   stderr: /'
}

skip() {
	tap_n=$((tap_n + 1))
	echo "ok $tap_n - # SKIP $*"
}

# skip_all REASON: the whole program is skipped
skip_all() {
	echo "1..0 # SKIP $*"
	exit 0
}

# bail REASON: there is no point in going on
bail() {
	echo "Bail out! $*"
	exit 1
}

# need PROGRAM...: skips everything without them
need() {
	for tap_p; do
		have "$tap_p" || skip_all "no $tap_p on this machine"
	done
}

have() {
	command -v "$1" >/dev/null 2>&1
}

slow() {
	[ -z "${STOA_TEST_QUICK:-}" ] || skip_all "slow, and STOA_TEST_QUICK is set"
}

sanitized() {
	grep -q '^#define STOA_SANITIZERS 1' "$top_builddir/config.h" 2>/dev/null
}

# The last line of every test. The harness reads the lines above: an exit status
# of its own would count as one more failure.
done_testing() {
	for tap_f in "$T/err" "$T/lighttpd.log.stoa"; do
		[ -s "$tap_f" ] && grep -E -q 'Sanitizer|runtime error:' "$tap_f" || continue
		fail "no sanitizer has a complaint"
		grep -E -m 1 -A 30 'Sanitizer|runtime error:' "$tap_f" | sed 's/^/#   /'
	done
	echo "1..$tap_n"
	exit 0
}

# ---------------------------------------------------------------- folder, processes

T=$(mktemp -d "${TMPDIR:-/tmp}/stoa-test.XXXXXX") || exit 99
export T
tap_pids=

tap_end() {
	tap_rc=$?
	trap - EXIT
	stop_all
	if [ -n "${KEEP:-}" ]; then
		say "kept: $T"
	else
		chmod -R u+w "$T" 2>/dev/null
		rm -rf "$T" 2>/dev/null || { wait_gone; chmod -R u+w "$T" 2>/dev/null; rm -rf "$T"; }
	fi
	exit "$tap_rc"
}
trap tap_end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

# user_go ARG...: the go command as its user set it up, with a module cache of ours
tap_home=$HOME
tap_goenv=${GOENV:-}
tap_goproxy=${GOPROXY:-}
tap_gosumdb=${GOSUMDB:-}
user_go() {
	(
		HOME=$tap_home
		GOENV=$tap_goenv
		GOPROXY=$tap_goproxy
		GOSUMDB=$tap_gosumdb
		[ -n "$GOENV" ] || unset GOENV
		[ -n "$GOPROXY" ] || unset GOPROXY
		[ -n "$GOSUMDB" ] || unset GOSUMDB
		go "$@"
	)
}

# user_proxies: HTTP proxies as the user set them up, for what goes to the outside
user_proxies() {
	while IFS= read -r tap_v; do
		[ -z "$tap_v" ] || export "${tap_v?}"
	done <<-END
	$tap_proxies
	END
}

mkdir -p "$T/home" "$T/tmp" "$T/up" "$T/cache"
export HOME="$T/home" TMPDIR="$T/tmp"
export GOPATH="$T/go" GOMODCACHE="$T/gomod" GOCACHE="$T/gocache" GOENV=off GOFLAGS=-modcacherw
export GOTOOLCHAIN=local GOSUMDB=off GONOSUMDB='' GONOSUMCHECK=1 GOPRIVATE='' GONOPROXY='' GOPROXY=off
export GOTELEMETRY=off GOWORK=off

# started PID: ends it at the exit
started() {
	tap_pids="$tap_pids $1"
}

alive() {
	kill -0 "$1" 2>/dev/null || return 1
	case $(sed -n 's/^State:[[:space:]]*//p' "/proc/$1/status" 2>/dev/null) in
	Z*) return 1 ;;
	esac
	return 0
}

is_dead() {
	! alive "$1"
}

# stop PID [SIGNAL]: ends one and waits for it
stop() {
	kill -s "${2:-TERM}" "$1" 2>/dev/null
	wait_for 5 is_dead "$1" || kill -s KILL "$1" 2>/dev/null
	wait "$1" 2>/dev/null
	tap_rest=
	for tap_p in $tap_pids; do
		[ "$tap_p" = "$1" ] || tap_rest="$tap_rest $tap_p"
	done
	tap_pids=$tap_rest
	return 0
}

stop_all() {
	for tap_p in $tap_pids; do
		kill -s TERM "$tap_p" 2>/dev/null
	done
	for tap_p in $tap_pids; do
		wait_for 3 is_dead "$tap_p" || kill -s KILL "$tap_p" 2>/dev/null
		wait "$tap_p" 2>/dev/null
	done
	tap_pids=
	# and whatever else has our folder in its arguments or environment: helpers,
	# and what a script of this test has left
	for tap_p in $("$PYTHON" "$lib/procs.py" "$T" ''); do
		kill -s KILL "$tap_p" 2>/dev/null
	done
}

wait_gone() {
	wait_for 3 no_helpers
}

no_helpers() {
	[ -z "$(helpers)" ]
}

# The numbers of the running helpers of this test: their environment or their
# arguments name its folder.
helpers() {
	"$PYTHON" "$lib/procs.py" "$T"
}

# wait_for SECONDS COMMAND...: polls until the command succeeds
wait_for() {
	tap_polls=$(($1 * 50))
	shift
	while ! "$@" >/dev/null 2>&1; do
		tap_polls=$((tap_polls - 1))
		[ "$tap_polls" -gt 0 ] || return 1
		sleep 0.02
	done
	return 0
}

is_file() {
	[ -s "$1" ]
}

is_socket() {
	[ -S "$1" ]
}

# somebody listens there: bind(2) alone makes the file, but refuses (proc(5), net/unix)
listens() {
	grep -q " 00010000 .* $1\$" /proc/net/unix
}

# ---------------------------------------------------------------- upstream

mkmod() {
	"$PYTHON" "$lib/mkmod" "$@"
}

mksumdb() {
	"$PYTHON" "$lib/mksumdb" "$@"
}

# start_upstream [NAME [FOLDER [--tls CERT KEY]]]: sets $up_url; its run folder
# is $T/NAME.run (default: upstream, $T/up)
start_upstream() {
	tap_name=${1:-upstream}
	tap_root=${2:-$T/up}
	[ $# -lt 2 ] || shift
	[ $# -lt 1 ] || shift
	mkdir -p "$T/$tap_name.run" "$tap_root"
	rm -f "$T/$tap_name.run/port"
	: >>"$T/$tap_name.run/requests"
	"$PYTHON" "$top_srcdir/tests/upstream/upstream.py" --root "$tap_root" \
		--run "$T/$tap_name.run" "$@" >>"$T/$tap_name.run/out" 2>&1 &
	up_pid=$!
	started "$up_pid"
	wait_for 10 is_file "$T/$tap_name.run/port" || { cat "$T/$tap_name.run/out"; exit 99; }
	up_port=$(cat "$T/$tap_name.run/port")
	up_url=http://127.0.0.1:$up_port
	[ "${1:-}" != --tls ] || up_url=https://127.0.0.1:$up_port
}

# rule JSON [NAME]: one more rule; rules are tried in this order
rule() {
	printf '%s\n' "$1" >>"$T/${2:-upstream}.run/rules"
}

no_rules() {
	rm -f "$T/${1:-upstream}.run/rules"
}

# asked [PATTERN [NAME]]: how many requests the upstream got (extended pattern)
asked() {
	grep -E -c -- "${1:-.}" "$T/${2:-upstream}.run/requests"
}

asked_nothing() {
	: >"$T/${1:-upstream}.run/requests"
	: >"$T/${1:-upstream}.run/headers"
}

# ---------------------------------------------------------------- configuration

# conf LINE...: appends to $T/stoa.conf
conf() {
	printf '%s\n' "$@" >>"$T/stoa.conf"
}

# new_conf [LINE...]: the file anew, with what every test needs
# shellcheck disable=SC2120
new_conf() {
	cat >"$T/stoa.conf" <<-END
	cache = $T/cache
	helper = $fetch
	sync = no
	helper_mode = ${helper_mode:-shared}
	sumdb = ${sumdb:-off}
	END
	[ $# -eq 0 ] || conf "$@"
}
# shellcheck disable=SC2119
new_conf

# new_cache: nothing is in it any more; the folders stay, since responders and
# helpers that run have them open
new_cache() {
	chmod -R u+w "$T/cache" 2>/dev/null
	for tap_d in "$T/cache/mod/" "$T/cache/state"/*/; do
		rm -rf "$tap_d"*
	done
}

published() {
	[ -f "$T/cache/mod/$1" ]
}

# What is published, one path a line.
published_files() {
	[ ! -d "$T/cache/mod" ] || (cd "$T/cache/mod" && find . ! -type d | sed 's,^\./,,' | sort)
}

refusals() {
	find "$T/cache/state/refused" -type f 2>/dev/null | wc -l | tr -d ' '
}

# ---------------------------------------------------------------- requests

# Splits $T/out into $T/head and $T/body; sets $status.
tap_split() {
	sed '/^\r*$/q' <"$T/out" >"$T/head"
	tail -c +$(($(wc -c <"$T/head") + 1)) <"$T/out" >"$T/body"
	status=$(sed -n 's/^Status: *\([0-9]*\).*/\1/p' "$T/head")
	if [ -z "$status" ]; then
		status=200
		[ -s "$T/head" ] || status=none
	fi
}

# header NAME: its value in the last answer
header() {
	tr -d '\r' <"$T/head" | awk -v want="$1" 'BEGIN { want = tolower(want) ":" }
		tolower(substr($0, 1, length(want))) == want {
			v = substr($0, length(want) + 1); sub(/^ */, "", v); print v; exit }'
}

body() {
	cat "$T/body"
}

body_sum() {
	sha256sum <"$T/body" | cut -d ' ' -f 1
}

file_sum() {
	sha256sum <"$1" | cut -d ' ' -f 1
}

# cgi METHOD URI [NAME=VALUE]...: runs stoa.cgi as a web server would; $status,
# $T/head, $T/body, $cgi_rc. $cgi_args are its arguments.
cgi_args=
cgi() {
	tap_method=$1
	tap_uri=$2
	shift 2
	tap_query=
	case $tap_uri in
	*\?*) tap_query=${tap_uri#*\?} ;;
	esac
	# shellcheck disable=SC2086
	env -i PATH="$PATH" STOA_CONF="$T/stoa.conf" ${ASAN_OPTIONS:+ASAN_OPTIONS="$ASAN_OPTIONS"} \
		${LSAN_OPTIONS:+LSAN_OPTIONS="$LSAN_OPTIONS"} \
		GATEWAY_INTERFACE=CGI/1.1 SERVER_PROTOCOL=HTTP/1.1 SERVER_SOFTWARE=test \
		SERVER_NAME=127.0.0.1 SERVER_PORT=80 REMOTE_ADDR=127.0.0.1 \
		REQUEST_METHOD="$tap_method" REQUEST_URI="$tap_uri" SCRIPT_NAME= \
		PATH_INFO="${tap_uri%%\?*}" QUERY_STRING="$tap_query" "$@" \
		"$cgi_bin" $cgi_args >"$T/out" 2>>"$T/err"
	cgi_rc=$?
	tap_split
}

# fcgi METHOD URI [NAME=VALUE]...: the same through stoa.fcgi's socket
fcgi() {
	"$PYTHON" "$lib/fcgi.py" "$fcgi_sock" "$@" >"$T/out" 2>>"$T/err"
	cgi_rc=$?
	tap_split
}

# http METHOD PATH [CURL OPTION]...: the same through $http_url
http() {
	tap_method=$1
	tap_uri=$2
	shift 2
	case $tap_method in
	GET) ;;
	HEAD) set -- --head "$@" ;;
	*) set -- --request "$tap_method" "$@" ;;
	esac
	status=$(curl --silent --globoff --path-as-is --max-time 60 --dump-header "$T/head" \
		--output "$T/body" --write-out '%{http_code}' "$@" "$http_url$tap_uri")
	cgi_rc=$?
	# --head writes the head to the output as well
	[ "$tap_method" != HEAD ] || : >"$T/body"
}

# via WAY METHOD URI [NAME=VALUE]...: cgi or fcgi
via() {
	"$@"
}

# start_fcgi [NAME=VALUE]...: stoa.fcgi on $fcgi_sock, $fcgi_pid
fcgi_sock=$T/stoa.sock
fcgi_pid=
start_fcgi() {
	rm -f "$fcgi_sock"
	env -i PATH="$PATH" HOME="$HOME" STOA_CONF="$T/stoa.conf" \
		${ASAN_OPTIONS:+ASAN_OPTIONS="$ASAN_OPTIONS"} \
		${LSAN_OPTIONS:+LSAN_OPTIONS="$LSAN_OPTIONS"} "$@" \
		"$fcgi_bin" --socket "$fcgi_sock" >>"$T/fcgi.out" 2>>"$T/err" &
	fcgi_pid=$!
	started "$fcgi_pid"
	wait_for 20 is_socket "$fcgi_sock" && wait_for 20 fcgi_answers || {
		say "stoa.fcgi did not start:"
		tail -n 5 "$T/err" "$T/fcgi.out" 2>/dev/null | sed 's/^/#   /'
		bail "no responder"
	}
}

# the file is there from bind(2) on, but listen(2) comes later
fcgi_answers() {
	"$PYTHON" "$lib/fcgi.py" "$fcgi_sock" GET /healthz
}

stop_fcgi() {
	[ -z "$fcgi_pid" ] || stop "$fcgi_pid" "${1:-TERM}"
	fcgi_pid=
}

# lighttpd_conf KIND [PREFIX]: writes $T/lighttpd.conf. external: stoa.fcgi runs
# already, on $fcgi_sock; static-first, fastcgi, cgi: the files of etc/lighttpd
lighttpd_conf() {
	cat >"$T/lighttpd.conf" <<-END
	server.systemd-socket-activation = "enable"
	server.upload-dirs = ( "$T/tmp" )
	server.max-connections = 1024
	server.max-fds = 4096
	END
	if [ "$1" != external ]; then
		sed -e "s|@PREFIX@|${2:-}|g" -e "s|@CACHE@|$T/cache|g" -e "s|@CONF@|$T/stoa.conf|g" \
			-e "s|@FCGI@|$fcgi_bin|g" -e "s|@SOCKET@|$T/lighttpd.sock|g" -e "s|@CGI@|$cgi_bin|g" \
			-e "s|@ERRORLOG@|$T/lighttpd.log|g" -e "s|@PIDFILE@|$T/lighttpd.pid|g" \
			"$top_srcdir/etc/lighttpd/$1.conf" >>"$T/lighttpd.conf"
		return
	fi
	cat >>"$T/lighttpd.conf" <<-END
	server.modules = ( "mod_fastcgi" )
	server.document-root = "/nonexistent"
	server.bind = "127.0.0.1"
	server.port = @PORT@
	server.errorlog = "$T/lighttpd.log"
	server.stream-response-body = 2
	fastcgi.server = ( "${2:-}/" => (( "socket" => "$fcgi_sock", "check-local" => "disable",
		"fix-root-scriptname" => "enable" )) )
	END
}

# start_lighttpd [KIND [PREFIX]]: sets $http_url
start_lighttpd() {
	lighttpd_conf "$@"
	rm -f "$T/http.port"
	PATH="$PATH:/usr/sbin" "$PYTHON" "$lib/withsocket.py" --port-file "$T/http.port" \
		--subst "$T/lighttpd.conf" -- lighttpd -D -f "$T/lighttpd.conf" \
		>>"$T/lighttpd.out" 2>&1 &
	http_pid=$!
	started "$http_pid"
	wait_for 10 is_file "$T/http.port" || bail "lighttpd did not start"
	http_url=http://127.0.0.1:$(cat "$T/http.port")${2:-}
	if ! wait_for 5 lighttpd_answers; then
		say "lighttpd did not start:"
		cat "$T/lighttpd.out" "$T/lighttpd.log" 2>/dev/null | sed 's/^/#   /'
		bail "no web server"
	fi
}

lighttpd_answers() {
	alive "$http_pid" && curl --silent --output /dev/null --max-time 5 "$http_url/"
}

have_lighttpd() {
	have lighttpd || [ -x /usr/sbin/lighttpd ]
}

stop_lighttpd() {
	stop "$http_pid" "${1:-INT}"
}
