#!/bin/sh
# The fake upstream, mkmod and the FastCGI pieces do what the other tests count on.
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"
need curl

mkmod "$T/up" --latest --branch main example.com/Up/mod@v1.0.0-RC1 example.com/Up/mod@v1.1.0
at="$T/up/example.com/!up/mod"
is "mkmod escapes the path and the version" "$(ls "$at/@v")" \
	"$(printf '%s\n' list main.info 'v1.0.0-!r!c1.info' 'v1.0.0-!r!c1.mod' 'v1.0.0-!r!c1.zip' \
		v1.1.0.info v1.1.0.mod v1.1.0.zip)"
is "the list has each version once" "$(cat "$at/@v/list")" "$(printf 'v1.0.0-RC1\nv1.1.0')"
before=$(file_sum "$at/@v/v1.1.0.zip")
rm -r "$at"
mkmod "$T/up" --latest --branch main example.com/Up/mod@v1.0.0-RC1 example.com/Up/mod@v1.1.0
is "the same arguments make the same bytes" "$(file_sum "$at/@v/v1.1.0.zip")" "$before"
printf 'module github.com/rsc/vgotest1\n' >"$T/go.mod"
is "h1 is what the go command computes" "$(mkmod h1 "$T/go.mod")" \
	"h1:Cikz7B+nPkZt/jV9utQtgwwldwX1OWdKqIsrVQcO47c="

start_upstream
http_url=$up_url
m=/example.com/%21up/mod/@v
http GET $m/v1.1.0.zip
is "a file is served" "$status $(body_sum)" "200 $before"
http GET $m/v9.9.9.info
is "a missing file is 404" "$status" 404
is "requests are counted, decoded" "$(asked '^GET /example.com/!up/mod/@v/v1.1.0.zip$')" 1
asked_nothing
is "the count starts anew" "$(asked)" 0

rule '{"path": "1.1.0.info", "status": 429, "headers": {"Retry-After": "7"}, "times": 1}'
rule '{"path": "1.1.0.info", "auth": "u:p"}'
http GET $m/v1.1.0.info
is "a rule gives status and headers" "$status $(header retry-after)" "429 7"
http GET $m/v1.1.0.info
is "a rule of one time lets the next one speak" "$status" 401
http GET $m/v1.1.0.info --user u:p
is "credentials are accepted" "$status" 200
no_rules

rule '{"path": "zip$", "length": "+10"}'
http GET $m/v1.1.0.zip
is "a length that is too long is a cut transfer" "$cgi_rc" 18
no_rules
rule '{"path": "zip$", "cut": 10}'
http GET $m/v1.1.0.zip
is "a cut body" "$cgi_rc $(wc -c <"$T/body" | tr -d ' ')" "18 10"
no_rules
rule '{"path": "zip$", "length": "none"}'
http GET $m/v1.1.0.zip
is "no length at all" "$cgi_rc $(header content-length)$(body_sum)" "0 $before"
no_rules
rule '{"path": "zip$", "hops": 3}'
http GET $m/v1.1.0.zip --location --max-redirs 3 --write-out '%{http_code}'
is "three hops, then the file" "$(body_sum)" "$before"
no_rules
rule '{"path": "zip$", "gzip": true}'
http GET $m/v1.1.0.zip --compressed
is "gzip" "$(header content-encoding) $(body_sum)" "gzip $before"
no_rules
rule '{"path": "mod$", "bomb": 10485760}'
http GET $m/v1.1.0.mod --compressed
is "a gzip bomb" "$(wc -c <"$T/body" | tr -d ' ')" 10485760
no_rules
rule '{"path": "mod$", "endless": true}'
http GET $m/v1.1.0.mod --max-filesize 1000000 --max-time 1
isnt "an endless body ends by our hand" "$cgi_rc" 0
no_rules
rule '{"path": "mod$", "hang": true}'
http GET $m/v1.1.0.mod --max-time 0.3
is "a hang" "$cgi_rc" 28
no_rules
rule '{"path": "mod$", "close": true}'
http GET $m/v1.1.0.mod
is "a close" "$cgi_rc" 52
no_rules

rule '{"path": "mod$", "gate": "'"$T/gate"'"}'
curl --silent --output "$T/gated" "$up_url$m/v1.1.0.mod" &
gated=$!
started $gated
wait_for 5 [ -s "$T/upstream.run/requests" ]
nok "a gate holds the answer" [ -s "$T/gated" ]
: >"$T/gate"
ok "and lets it go" wait_for 5 cmp -s "$T/gated" "$at/@v/v1.1.0.mod"

sleep 60 &
sleeper=$!
started $sleeper
# a signal before the exec would meet the shell's own traps
wait_for 5 grep -q sleep "/proc/$sleeper/comm"
stop $sleeper
nok "stop ends a process" alive $sleeper
is "fcgi.py makes records that parse" "$("$PYTHON" -c '
import fcgi, socket, threading
a, b = socket.socketpair()
a.sendall(fcgi.record(fcgi.STDOUT, 1, b"Status: 201 X\r\nA: b\r\n\r\nbody") + fcgi.record(fcgi.END, 1, bytes(8)))
out, err, how = fcgi.answer(b)
print(fcgi.parse(out), how)')" "(201, {'status': '201 X', 'a': 'b'}, b'body') end 0"

done_testing
