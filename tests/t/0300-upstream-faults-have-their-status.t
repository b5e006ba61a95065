#!/bin/sh
# Whatever an upstream does wrong: the status of the table in base/fault.c, the
# source and the stage in the text, nothing published, the refusal remembered
# (nobody asks again while it lives), and success once it has expired.
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"

mkmod "$T/up" --size 20000 --latest --branch main example.com/m@v1.0.0
start_upstream
conf "upstream = $up_url" 'idle_timeout = 1s' 'connect_timeout = 2s'
at=/example.com/m/@v
start_fcgi

# forget: every refusal has expired
forget() {
	find "$T/cache/state/refused" -type f -exec sed -i 's/^expires: .*/expires: 1000000000/' {} +
}

# fault CLAIM URI STATUS LABEL PATTERN: the rules are set; PATTERN is what the text
# says behind "label: what: "
fault() {
	new_cache
	asked_nothing
	cgi GET "$2"
	is "$1: status" "$status $(header content-type)" "$3 text/plain; charset=utf-8"
	like "$1: text" "$(cat "$T/body")" "$4: *m*: $5"
	is "$1: nothing is published" "$(published_files | grep -v -x 'example.com/m/@v/v1.0.0.mod')" ""
	unlike "$1: no local path in the text" "$(cat "$T/body")" "*$T*"
	isnt "$1: it is remembered" "$(refusals)" 0
	is "$1: nothing stays in the staging folder" "$(find "$T/cache/state/stage" -type f)" ""
	n=$(asked)
	first=$status
	cgi GET "$2"
	is "$1: again, without asking" "$status $(asked)" "$first $n"
	[ -n "$fcgi_pid" ] || return 0
	said=$(body_sum)
	fcgi GET "$2"
	is "$1: the same through stoa.fcgi" "$status $(asked) $(body_sum)" "$first $n $said"
}

# recovers CLAIM URI: after the refusal has expired
recovers() {
	no_rules
	forget
	cgi GET "$2"
	is "$1: succeeds later" "$status $(body_sum)" "200 $(file_sum "$T/up$2")"
}

fault "no such version" $at/v1.9.9.info 404 "not found" "*$up_url*404*"
fault "no such module" /example.com/mm/@v/v1.0.0.info 404 "not found" "*404*"
fault "no such branch" $at/nobranch.info 404 "not found" "*404*"

for file in v1.0.0.info v1.0.0.mod v1.0.0.zip; do
	rule '{"path": "", "status": 404, "headers": {"Content-Type": "text/plain"}, "body": "no commit 77"}'
	fault "404 for $file" $at/$file 404 "not found" "*127.0.0.1*404*no commit 77*"
	recovers "404 for $file" $at/$file
done
rule '{"path": "", "status": 410}'
fault "410" $at/v1.0.0.mod 410 gone "*410*"
recovers "410" $at/v1.0.0.mod
for s in 401 403 407; do
	rule '{"path": "", "status": '$s'}'
	fault "$s" $at/v1.0.0.mod 502 auth "*127.0.0.1*$s*"
	recovers "$s" $at/v1.0.0.mod
done
rule '{"path": "", "status": 429, "headers": {"Retry-After": "77"}}'
fault "429" $at/v1.0.0.zip 503 "rate limited" "*429*"
like "429: Retry-After is passed on" "$(header retry-after)" '7[5-7]'
recovers "429" $at/v1.0.0.zip
for s in 400 418 451 500 501 502 503 505 599 204 206 304 300; do
	rule '{"path": "", "status": '$s', "body": "x"}'
	fault "$s" $at/v1.0.0.zip 502 upstream "*127.0.0.1*http*$s*"
	recovers "$s" $at/v1.0.0.zip
done
rule '{"path": "", "status": 504}'
fault "504" $at/v1.0.0.zip 504 timeout "*504*"
recovers "504" $at/v1.0.0.zip

rule '{"path": "", "cut": 1000}'
fault "a cut body" $at/v1.0.0.zip 502 upstream "*body*"
recovers "a cut body" $at/v1.0.0.zip
rule '{"path": "", "cut": 5}'
fault "a cut go.mod" $at/v1.0.0.mod 502 upstream "*body*"
recovers "a cut go.mod" $at/v1.0.0.mod
rule '{"path": "", "length": "+1000"}'
fault "a Content-Length that is too long" $at/v1.0.0.zip 502 upstream "*body*"
recovers "a Content-Length that is too long" $at/v1.0.0.zip
rule '{"path": "", "length": "-1000"}'
fault "a Content-Length that is too short" $at/v1.0.0.zip 502 "*" "*zip*"
recovers "a Content-Length that is too short" $at/v1.0.0.zip
rule '{"path": "", "length": 600000000, "endless": true}'
fault "a zip that says it is too large" $at/v1.0.0.zip 502 upstream "*body*larger*"
recovers "a zip that says it is too large" $at/v1.0.0.zip
for file in v1.0.0.info v1.0.0.mod list; do
	rule '{"path": "/m/@v", "endless": true}'
	fault "an endless $file" $at/$file 502 upstream "*body*larger*"
	no_rules
done
for file in v1.0.0.info v1.0.0.mod list; do
	rule '{"path": "/m/@v", "bomb": 1000000000}'
	fault "a gzip bomb as $file" $at/$file 502 upstream "*body*larger*"
	no_rules
done
rule '{"path": "", "headers": {"Content-Encoding": "gzip"}}'
fault "what says that it is gzip" $at/v1.0.0.mod 502 upstream "*body*"
recovers "what says that it is gzip" $at/v1.0.0.mod

rule '{"path": "", "hang": true}'
fault "no answer" $at/v1.0.0.mod 504 timeout "*127.0.0.1*http*"
recovers "no answer" $at/v1.0.0.mod
rule '{"path": "", "body_gate": "'"$T/never"'"}'
fault "half an answer" $at/v1.0.0.zip 504 timeout "*127.0.0.1*body*"
recovers "half an answer" $at/v1.0.0.zip
new_cache
no_rules
rule '{"path": "", "chunk": 5, "chunk_delay": 0.6}'
cgi GET $at/v1.0.0.mod
is "a slow answer is not an idle one" "$status $(body_sum)" "200 $(file_sum "$T/up$at/v1.0.0.mod")"
no_rules
rule '{"path": "", "close": true}'
fault "a connection that is closed" $at/v1.0.0.mod 502 upstream "*127.0.0.1*http*"
recovers "a connection that is closed" $at/v1.0.0.mod

# sources that cannot be reached
stop_fcgi
asked_nothing
new_conf 'upstream = http://nowhere.invalid/mod' 'connect_timeout = 5s'
fault "a name that does not exist" $at/v1.0.0.mod 502 upstream "http://nowhere.invalid/mod*dns*"
closed=$("$PYTHON" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
new_conf "upstream = http://127.0.0.1:$closed"
fault "a port where nobody listens" $at/v1.0.0.mod 502 upstream "http://127.0.0.1:$closed*connect*"
new_conf "upstream = https://127.0.0.1:$up_port"
fault "TLS to a port that speaks none" $at/v1.0.0.mod 502 upstream "https://127.0.0.1:$up_port*tls*"
new_conf "upstream = http://user:secret-word@127.0.0.1:$closed"
fault "credentials are not shown" $at/v1.0.0.mod 502 upstream "*connect*"
unlike "credentials are not in the text" "$(cat "$T/body")" '*secret-word*'
nok "credentials are not in the log" grep -q secret-word "$T/err"
nok "credentials are not in the cache" grep -r -q secret-word "$T/cache"
new_conf "upstream = off"
new_cache
cgi GET $at/v1.0.0.mod
is "upstream = off" "$status" 403

# settings that were spoilt while stoa.fcgi runs
new_conf "upstream = $up_url"
start_fcgi
conf 'bogus = 1'
fcgi GET $at/v1.0.0.zip
is "settings that the helper cannot read: status" "$status" 500
like "settings that the helper cannot read: text" "$(body)" "local: *m@v1.0.0: *settings*log"
unlike "settings that the helper cannot read: no local path in the text" "$(body)" "*$T*"
ok "settings that the helper cannot read: the log says where" \
	grep -q 'stoa.conf:[0-9]*: unknown key' "$T/err"
done_testing
