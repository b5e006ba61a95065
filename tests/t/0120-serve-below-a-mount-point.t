#!/bin/sh
# The path that the web server mounts stoa at comes off: from SCRIPT_NAME, or
# from the setting.
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"

mkmod "$T/cache/mod" example.com/m@v1.0.0
mkmod "$T/cache/mod" go.example/m@v1.0.0
conf 'offline = yes'
want=$(file_sum "$T/cache/mod/example.com/m/@v/v1.0.0.mod")
url=/example.com/m/@v/v1.0.0.mod

# at CLAIM URI SCRIPT STATUS [VAR=VALUE]...
at() {
	claim=$1
	uri=$2
	script=$3
	code=$4
	shift 4
	cgi GET "$uri" SCRIPT_NAME="$script" "$@"
	is "$claim" "$status" "$code"
	[ "$code" != 200 ] || is "$claim: the right file" "$(body_sum)" "$want"
}

at "no script name" $url "" 200
at "SCRIPT_NAME is the mount point" /go$url /go 200
at "a deeper one" /a/b/go.cgi$url /a/b/go.cgi 200
at "a script that the client did not ask for" $url /stoa.fcgi 200
at "a script of which the path only begins like it" /gopher$url /go 404
at "a mount point that is not there" /go$url "" 404
cgi GET /go/healthz SCRIPT_NAME=/go
is "health below a mount point" "$status" 200
cgi GET /go/../healthz SCRIPT_NAME=/go
is "no way out of it" "$status" 400
cgi GET /go//healthz SCRIPT_NAME=/go
is "no empty element behind it" "$status" 400

at "the setting" /go$url "" 200 STOA_PREFIX=/go
at "the setting against SCRIPT_NAME" /go$url /other 200 STOA_PREFIX=/go
at "outside the setting" $url "" 404 STOA_PREFIX=/go
at "outside the setting, like it" /gopher$url "" 404 STOA_PREFIX=/go
at "the setting /" $url /example.com 200 STOA_PREFIX=/
cgi GET /healthz STOA_PREFIX=/go
is "health outside the mount point is not ours" "$status" 404
conf 'prefix = /deep/er'
at "the setting in the file" /deep/er$url "" 200
at "the environment wins over the file" /go$url "" 200 STOA_PREFIX=/go

cgi GET $url STOA_PREFIX=/ PATH_INFO=/example.com/other/@v/list SCRIPT_FILENAME=/etc/passwd \
	PATH_TRANSLATED=/etc/passwd DOCUMENT_ROOT=/ DOCUMENT_URI=/x
is "no other variable matters" "$status $(body_sum)" "200 $want"
done_testing
