#!/bin/sh
# list holds what the sources say and what the cache holds; what is nowhere is
# 404; a comma goes on after "no such thing", a bar after anything.
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"

mkmod "$T/up" example.com/m@v1.0.0 example.com/m@v1.1.0
mkmod "$T/up" --head example.com/headonly@v0.0.0-20240102030405-0123456789ab
mkmod "$T/up2" --latest example.com/m@v1.5.0 example.com/only2@v1.0.0
start_upstream
first=$up_url
start_upstream second "$T/up2"
second=$up_url
at=/example.com/m/@v

versions() {
	sort <"$T/body" | tr '\n' ' ' | sed 's/ $//'
}

# --- merging
conf "upstream = $first"
mkmod "$T/cache/mod" --unlisted example.com/m@v0.9.0 example.com/m@v1.0.0 \
	example.com/m@v1.0.1-0.20240102030405-0123456789ab example.com/m@v2.0.0+incompatible
rm -f "$T/cache/mod$at/list"
cgi GET $at/list
is "merged with what the cache holds, without pseudo-versions" "$status $(versions)" \
	"200 v0.9.0 v1.0.0 v1.1.0 v2.0.0+incompatible"
is "each version once" "$(sort <"$T/body" | uniq -d)" ""
list="v1.3.0\\nv1.2.0 2024-01-02T03:04:05Z\\nmaster\\n\\nv1\\nv0.0.0-20240102030405-0123456789ab\\n"
rule '{"path": "list$", "body": "'"$list"'<html>\nv1.4.0\n"}'
new_cache
cgi GET $at/list
is "what is no version is left out" "$status $(cut -d ' ' -f 1 "$T/body" | sort | tr '\n' ' ')" \
	"200 v1.2.0 v1.3.0 v1.4.0 "
no_rules
rule '{"path": "list$", "body": "v1.3.0\r\nv1.2.0"}'
new_cache
cgi GET $at/list
is "other line ends" "$status $(tr -d '\r' <"$T/body" | sort | tr '\n' ' ')" "200 v1.2.0 v1.3.0 "
no_rules

# --- a source that only has the cache's versions left
new_cache
cgi GET $at/v1.1.0.info
rm -rf "$T/up/example.com/m"
cgi GET $at/list
is "a module that the source has dropped: the cache's versions" "$status $(versions)" "200 v1.1.0"
mkmod "$T/up" example.com/m@v1.0.0 example.com/m@v1.1.0

# --- nowhere
new_cache
cgi GET /example.com/nowhere/@v/list
is "a module that is nowhere" "$status" 404
like "a module that is nowhere: text" "$(body)" "not found: example.com/nowhere: *$first*404*"
cgi GET /example.com/nowhere/@latest
is "@latest of a module that is nowhere" "$status" 404
cgi GET /example.com/headonly/@v/list
is "a module without versions but with a head: an empty list" "$status $(cat "$T/body")" "200 "
cgi GET /example.com/headonly/@latest
like "its @latest" "$status $(body)" "200 *v0.0.0-20240102030405-0123456789ab*"
rule '{"path": "/empty/@v/list$", "body": ""}'
cgi GET /example.com/empty/@v/list
is "an empty list and no head: 404" "$status" 404
no_rules
new_cache
cgi GET $at/v1.0.0.info
cgi GET $at/v1.1.0.info
cgi GET /example.com/m/@latest
like "no @latest at the source: the best of the cache" "$status $(body)" '200 *"v1.1.0"*'

# --- without sources
new_cache
cgi GET $at/v1.0.0.info
cgi GET $at/v1.1.0.info
cgi GET $at/list STOA_OFFLINE=yes
is "offline, a list that was never asked for: the cache's versions" "$status $(versions)" \
	"200 v1.0.0 v1.1.0"
cgi GET /example.com/m/@latest STOA_OFFLINE=yes
like "offline, @latest that was never asked for" "$status $(body)" '200 *"v1.1.0"*'
new_cache
cgi GET $at/v1.0.0.info
rule '{"path": "", "status": 500}'
cgi GET $at/list
is "the source is down, a list that was never asked for" "$status $(versions)" "200 v1.0.0"
no_rules

# --- fallback
# falls CLAIM UPSTREAM STATUS PATTERN URI
falls() {
	new_cache
	asked_nothing
	asked_nothing second
	new_conf "upstream = $2"
	cgi GET "$5"
	# shellcheck disable=SC2254
	like "$1" "$status $(cat "$T/body")" "$3 $4"
}
falls "comma: the first has it" "$first,$second" 200 '*v1.1.0*' $at/v1.1.0.info
is "the second was not asked" "$(asked . second)" 0
falls "comma after 404" "$first,$second" 200 '*v1.5.0*' $at/v1.5.0.info
falls "comma after 404: zip" "$first,$second" 200 '*' /example.com/only2/@v/v1.0.0.zip
falls "comma: nobody has it" "$first,$second" 404 "not found: *$second*" $at/v1.7.0.info
rule '{"path": "", "status": 410}'
falls "comma after 410" "$first,$second" 200 '*v1.5.0*' $at/v1.5.0.info
no_rules
for s in 500 503 429 401 403; do
	rule '{"path": "", "status": '$s'}'
	falls "comma: not after $s" "$first,$second" "50[23]" "*$first*$s*" $at/v1.5.0.info
	no_rules
done
for s in 500 503 429 401 403 404; do
	rule '{"path": "", "status": '$s'}'
	falls "bar after $s" "$first|$second" 200 '*v1.5.0*' $at/v1.5.0.info
	no_rules
done
rule '{"path": "", "close": true}'
falls "bar after a closed connection" "$first|$second" 200 '*v1.5.0*' $at/v1.5.0.info
falls "bar after a closed connection: zip" "$first|$second" 200 '*' $at/v1.5.0.zip
no_rules
rule '{"path": "", "cut": 20}'
falls "bar after a cut body: nothing of it stays" "$first|$second" 200 '*' $at/v1.5.0.zip
is "bar after a cut body: the bytes" "$(body_sum)" "$(file_sum "$T/up2$at/v1.5.0.zip")"
no_rules
rule '{"path": "", "status": 500}'
falls "bar: a failure outranks the absence" "$first|$second" 502 "upstream: *$first*" $at/v1.0.0.info
no_rules
falls "off ends the list" "$first,off,$second" 404 '*' $at/v1.5.0.info
is "nobody behind off was asked" "$(asked . second)" 0
falls "an empty entry does not matter" ",$first,,$second," 200 '*v1.5.0*' $at/v1.5.0.info
falls "a file source" "file://$T/up2" 200 '*v1.5.0*' $at/v1.5.0.info
falls "a file source without it" "file://$T/up2,$first" 200 '*v1.0.0*' $at/v1.0.0.info
unlike "a file source: its place is not told" "$(falls x "file://$T/up2" 404 '*' $at/v1.9.0.info; body)" "*$T/up2*"
falls "list by comma" "$first,$second" 200 'v1.0.0*v1.1.0*' $at/list
falls "list of what only the second has" "$first,$second" 200 'v1.0.0*' /example.com/only2/@v/list
falls "@latest of what only the second has" "$first,$second" 200 '*v1.0.0*' /example.com/only2/@latest
done_testing
