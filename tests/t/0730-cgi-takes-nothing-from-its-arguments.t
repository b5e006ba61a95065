#!/bin/sh
# A web server may pass a query string without "=" as arguments: stoa.cgi looks at
# them only when it is run by hand. Nothing of a request is a setting either.
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"

mkmod "$T/cache/mod" example.com/m@v1.0.0
conf 'offline = yes'
url=/example.com/m/@v/v1.0.0.mod
want=$(file_sum "$T/cache/mod$url")
for cgi_args in --help --version '--conf /etc/passwd' '-s /tmp/x' '/etc/passwd 2' '--' '--socket=x' -h; do
	cgi GET "$url?$cgi_args"
	is "as a CGI program with the arguments $cgi_args" "$status $cgi_rc $(body_sum)" "200 0 $want"
done
cgi_args=
cgi GET $url HTTP_STOA_CACHE=/nonexistent HTTP_STOA_OFFLINE=no HTTP_GATEWAY_INTERFACE=x
is "HTTP_STOA_ variables are no settings" "$status $(body_sum)" "200 $want"
cgi GET "$url?cache=/nonexistent&STOA_CACHE=/nonexistent"
is "a query is no setting" "$status $(body_sum)" "200 $want"

for o in --help --version; do
	"$cgi_bin" $o >"$T/said" 2>&1
	is "by hand: $o" $? 0
	ok "by hand: $o says something" [ -s "$T/said" ]
done
"$cgi_bin" >"$T/said" 2>&1
isnt "by hand without arguments" $? 0
like "by hand without arguments: says what it is for" "$(cat "$T/said")" '*CGI*'

# configuration errors are an answer and a line in the log
echo 'frobnicate = 1' >"$T/bad.conf"
cgi GET $url STOA_CONF="$T/bad.conf"
is "a bad settings file: an answer" "$status $(header content-type)" "500 text/plain; charset=utf-8"
unlike "a bad settings file: its place is not told" "$(body)" "*$T*"
ok "a bad settings file: the log says where" grep -q 'bad.conf:1:.*frobnicate' "$T/err"
cgi GET $url STOA_THREADS=many
is "a bad variable: an answer" "$status" 500
ok "a bad variable: the log says which" grep -q STOA_THREADS "$T/err"

# standard output that is not taken
env -i PATH="$PATH" STOA_CONF="$T/stoa.conf" GATEWAY_INTERFACE=CGI/1.1 REQUEST_METHOD=GET \
	REQUEST_URI=$url "$cgi_bin" >/dev/full 2>"$T/full.err"
isnt "a full disk behind standard output is an error" $? 0
env -i PATH="$PATH" STOA_CONF="$T/stoa.conf" GATEWAY_INTERFACE=CGI/1.1 REQUEST_METHOD=GET \
	REQUEST_URI=$url "$cgi_bin" 2>>"$T/err" <&- | :
pass "a reader that goes away, and no standard input"
env -i STOA_CONF="$T/stoa.conf" GATEWAY_INTERFACE=CGI/1.1 REQUEST_METHOD=GET REQUEST_URI=$url \
	"$cgi_bin" >"$T/out" 2>>"$T/err"
tap_split
is "the fewest variables that CGI can have" "$status $(body_sum)" "200 $want"
cgi GET $url REQUEST_METHOD= SCRIPT_NAME= REQUEST_URI=
like "empty variables" "$status" "40[05]"
done_testing
