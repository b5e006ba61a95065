#!/bin/sh
# What is not what was asked for is refused and not published: .info of another
# version, HTML, broken JSON, zips with other prefixes, no zips at all.
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"

mkmod "$T/up" --latest --branch main example.com/m@v1.0.0
zip=example.com/m/@v/v1.0.0.zip
mkmod "$T/bad" example.com/other@v1.0.0 example.com/m@v1.9.0
mkmod "$T/bad-prefix" --prefix m@v1.0.0/ example.com/m@v1.0.0
mkmod "$T/bad-none" --prefix '' example.com/m@v1.0.0
mkmod "$T/bad-up" --prefix '../m@v1.0.0/' example.com/m@v1.0.0
mkmod "$T/bad-name" --file 'a:b=x' example.com/m@v1.0.0
mkmod "$T/bad-dots" --file '../../x=x' example.com/m@v1.0.0
mkmod "$T/bad-abs" --file '/etc/x=x' example.com/m@v1.0.0
mkmod "$T/bad-case" --file 'README=x' --file 'readme=x' example.com/m@v1.0.0
mkmod "$T/bad-gomod" --file 'sub/go.mod=module x' example.com/m@v1.0.0
mkmod "$T/bad-upper" --file 'GO.MOD=module x' example.com/m@v1.0.0
mkdir -p "$T/bad-twice/example.com/m/@v"
"$PYTHON" -W ignore - "$T/bad-twice/$zip" <<'END'
import sys
import zipfile
with zipfile.ZipFile(sys.argv[1], "w") as z:
    z.writestr("example.com/m@v1.0.0/go.mod", "module example.com/m")
    z.writestr("example.com/m@v1.0.0/m.go", "package a")
    z.writestr("example.com/m@v1.0.0/m.go", "package b")
END
start_upstream
conf "upstream = $up_url"
at=/example.com/m/@v

# wrong CLAIM URI RULE [PATTERN]: refused as an upstream's or an integrity fault
wrong() {
	no_rules
	rule "$3"
	new_cache
	asked_nothing
	cgi GET "$2"
	is "$1: 502" "$status" 502
	like "$1: text names the source" "$(cat "$T/body")" "*: *m*: *$up_url*${4:-}*"
	is "$1: nothing wrong is published" \
		"$(published_files | grep -v -x 'example.com/m/@v/v1.0.0.mod')" ""
	n=$(asked)
	cgi GET "$2"
	is "$1: remembered" "$status $(asked)" "502 $n"
}

html='<!DOCTYPE html>\n<html><body>Please log in</body></html>\n'
wrong ".info of another version" $at/v1.0.0.info '{"path": "info$", "body": "{\"Version\":\"v1.0.1\"}"}' v1.0.1
wrong ".info without a version" $at/v1.0.0.info '{"path": "info$", "body": "{}"}'
wrong ".info with a number" $at/v1.0.0.info '{"path": "info$", "body": "{\"Version\":1}"}'
wrong ".info with two versions" $at/v1.0.0.info \
	'{"path": "info$", "body": "{\"Version\":\"v1.0.0\",\"Version\":\"v1.0.1\"}"}'
wrong ".info with a bad time" $at/v1.0.0.info \
	'{"path": "info$", "body": "{\"Version\":\"v1.0.0\",\"Time\":\"yesterday\"}"}'
wrong ".info that is HTML" $at/v1.0.0.info '{"path": "info$", "body": "'"$html"'"}'
wrong ".info that is empty" $at/v1.0.0.info '{"path": "info$", "body": ""}'
wrong ".info that is a list" $at/v1.0.0.info '{"path": "info$", "body": "[1]"}'
wrong ".info that is cut JSON" $at/v1.0.0.info '{"path": "info$", "body": "{\"Version\":\"v1.0.0\""}'
wrong ".info with more behind it" $at/v1.0.0.info '{"path": "info$", "body": "{\"Version\":\"v1.0.0\"}x"}'
wrong ".info that is deep" $at/v1.0.0.info '{"path": "info$", "body": "[", "repeat": 1000000}'
wrong ".info with a NUL" $at/v1.0.0.info '{"path": "info$", "body": "{\"Version\":\"v1.0.0\u0000\"}"}'

wrong "a branch that is answered without a version" $at/main.info '{"path": "info$", "body": "{}"}'
wrong "a branch that is answered with a branch" $at/main.info \
	'{"path": "info$", "body": "{\"Version\":\"main\"}"}'
wrong "a branch that is answered with a path" $at/main.info \
	'{"path": "info$", "body": "{\"Version\":\"../../x\"}"}'
wrong "@latest that is HTML" /example.com/m/@latest '{"path": "", "body": "'"$html"'"}'
wrong "@latest with a wrong major" /example.com/m/@latest \
	'{"path": "", "body": "{\"Version\":\"v2.0.0\"}"}'

wrong "a go.mod that is HTML" $at/v1.0.0.mod '{"path": "mod$", "body": "'"$html"'"}'
is "a go.mod that is HTML stays away" "$(published_files)" ""
wrong "a go.mod that is JSON" $at/v1.0.0.mod '{"path": "mod$", "body": "{\"error\":\"x\"}"}'
is "a go.mod that is JSON stays away" "$(published_files)" ""

wrong "a zip that is HTML" $at/v1.0.0.zip '{"path": "zip$", "body": "'"$html"'"}'
wrong "a zip that is empty" $at/v1.0.0.zip '{"path": "zip$", "body": ""}'
wrong "a zip that is a go.mod" $at/v1.0.0.zip '{"path": "zip$", "body": "module example.com/m\n"}'
wrong "a zip that is its beginning only" $at/v1.0.0.zip \
	'{"path": "zip$", "body": "PK\u0003\u0004PK\u0003\u0004"}'
wrong "a zip of another module" $at/v1.0.0.zip \
	'{"path": "zip$", "body_file": "'"$T/bad/example.com/other/@v/v1.0.0.zip"'"}'
wrong "a zip of another version" $at/v1.0.0.zip \
	'{"path": "zip$", "body_file": "'"$T/bad/example.com/m/@v/v1.9.0.zip"'"}'
for b in prefix none up twice name dots abs case gomod upper; do
	wrong "a zip with bad names ($b)" $at/v1.0.0.zip \
		'{"path": "zip$", "body_file": "'"$T/bad-$b/$zip"'"}'
done
# a byte in the middle: the checksum inside the zip does not fit
"$PYTHON" - "$T/up/$zip" "$T/flipped.zip" <<'END'
import sys
import zipfile
data = bytearray(open(sys.argv[1], "rb").read())
at = zipfile.ZipFile(sys.argv[1]).infolist()[0]
data[at.header_offset + 30 + len(at.filename) + 2] ^= 0xff
open(sys.argv[2], "wb").write(data)
END
wrong "a zip with a wrong byte" $at/v1.0.0.zip '{"path": "zip$", "body_file": "'"$T/flipped.zip"'"}'

# what is right in spite of its looks
no_rules
rule '{"path": "", "headers": {"Content-Type": "text/html"}}'
new_cache
for f in v1.0.0.info v1.0.0.mod v1.0.0.zip; do
	cgi GET $at/$f
	is "a wrong Content-Type does not matter: $f" "$status $(body_sum)" \
		"200 $(file_sum "$T/up/example.com/m/@v/$f")"
done
no_rules
rule '{"path": "(info|mod|list)$", "gzip": true}'
new_cache
for f in v1.0.0.info v1.0.0.mod list; do
	cgi GET $at/$f
	is "gzip is unpacked: $f" "$status $(body_sum)" \
		"200 $(file_sum "$T/up/example.com/m/@v/$f")"
done
no_rules
rule '{"path": "", "length": "none"}'
new_cache
cgi GET $at/v1.0.0.zip
is "no Content-Length" "$status $(body_sum)" "200 $(file_sum "$T/up/$zip")"
no_rules
rule '{"path": "", "chunk": 100, "chunk_delay": 0.001}'
new_cache
cgi GET $at/v1.0.0.zip
is "in small pieces" "$status $(body_sum)" "200 $(file_sum "$T/up/$zip")"
done_testing
