#!/bin/sh
# stoa.fcgi is started by lighttpd, by spawn-fcgi, by systemd's socket activation
# and with --socket; wrong uses are refused with a reason.
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"

mkmod "$T/cache/mod" example.com/m@v1.0.0
conf 'offline = yes'
export STOA_CONF="$T/stoa.conf"
url=/example.com/m/@v/v1.0.0.mod
want=$(file_sum "$T/cache/mod$url")

# serves CLAIM PID: over $fcgi_sock, then stops
serves() {
	fcgi GET $url
	is "$1: serves" "$status $(body_sum)" "200 $want"
	stop "$2"
	ok "$1: stops" is_dead "$2"
}

start_fcgi
serves "--socket" "$fcgi_pid"
nok "--socket: the socket is gone afterwards" [ -e "$fcgi_sock" ]

"$PYTHON" "$lib/withsocket.py" --fd 0 --unix "$fcgi_sock" -- "$fcgi_bin" 2>>"$T/err" &
p=$!
started $p
wait_for 20 fcgi_answers
serves "a socket as standard input" $p
rm -f "$fcgi_sock"

"$PYTHON" "$lib/withsocket.py" --unix "$fcgi_sock" -- "$fcgi_bin" 2>>"$T/err" &
p=$!
started $p
wait_for 20 fcgi_answers
serves "LISTEN_FDS" $p
ok "LISTEN_FDS: a socket that others made stays" [ -S "$fcgi_sock" ]
rm -f "$fcgi_sock"

if have systemd-socket-activate; then
	systemd-socket-activate -l "$fcgi_sock" -E STOA_CONF="$STOA_CONF" \
		${ASAN_OPTIONS:+-E ASAN_OPTIONS="$ASAN_OPTIONS"} "$fcgi_bin" 2>>"$T/err" &
	p=$!
	started $p
	wait_for 10 listens "$fcgi_sock"
	serves "systemd-socket-activate" $p
	rm -f "$fcgi_sock"
else
	skip "systemd-socket-activate: no such program on this machine"
fi

if have spawn-fcgi; then
	spawn-fcgi -s "$fcgi_sock" -P "$T/spawned.pid" -- "$fcgi_bin" >>"$T/err" 2>&1
	wait_for 10 is_file "$T/spawned.pid"
	p=$(cat "$T/spawned.pid")
	started "$p"
	wait_for 20 fcgi_answers
	serves "spawn-fcgi" "$p"
	rm -f "$fcgi_sock"
	spawn-fcgi -n -s "$fcgi_sock" -- "$fcgi_bin" 2>>"$T/err" &
	p=$!
	started $p
	wait_for 20 fcgi_answers
	serves "spawn-fcgi -n" $p
	rm -f "$fcgi_sock"
else
	skip "spawn-fcgi: no such program on this machine"
fi

# --- wrong uses
# refused CLAIM PATTERN ARG...
refused() {
	claim=$1
	pattern=$2
	shift 2
	timeout 10 "$fcgi_bin" "$@" >"$T/said" 2>&1
	rc=$?
	isnt "$claim: does not start" $rc 0
	like "$claim: says why" "$(cat "$T/said")" "$pattern"
	ok "$claim: is not killed" [ $rc -lt 128 ]
}
refused "no socket at all" '*socket*'
refused "an unknown option" '*--frobnicate*' --frobnicate
refused "an operand" '*x.sock*' x.sock
refused "a socket in a folder that is not there" '*nowhere*' --socket "$T/nowhere/x.sock"
refused "a socket's path that is too long" '*socket*' --socket "$T/$(printf '%0200d' 0)"
refused "a settings file that is not there" '*nowhere.conf*' --conf "$T/nowhere.conf" --socket "$T/x.sock"
echo 'frobnicate = 1' >"$T/bad.conf"
refused "a key that is not known" '*bad.conf:1:*frobnicate*' --conf "$T/bad.conf" --socket "$T/x.sock"
echo 'threads = many' >"$T/bad.conf"
refused "a value that is none" '*bad.conf:1:*threads*' --conf "$T/bad.conf" --socket "$T/x.sock"
export STOA_THREADS=1
refused "a bad value of the environment" '*STOA_THREADS*' --socket "$T/x.sock"
unset STOA_THREADS
echo file >"$T/file.sock"
refused "a file where the socket should be" '*file.sock*' --socket "$T/file.sock"
is "the file is still there" "$(cat "$T/file.sock")" file
for o in --help --version; do
	"$fcgi_bin" $o >"$T/said" 2>&1
	is "$o" $? 0
	ok "$o says something" [ -s "$T/said" ]
done
is "nothing is left running" "$("$PYTHON" "$lib/procs.py" "$T" stoa.fcgi)" ""
done_testing
