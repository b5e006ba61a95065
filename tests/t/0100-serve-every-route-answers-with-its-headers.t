#!/bin/sh
# Each route of the protocol, from a cache that has everything: types, lengths,
# caching, validators, HEAD; the same through CGI and FastCGI.
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"

mkmod "$T/cache/mod" --latest example.com/Cased/mod@v1.2.3-RC1 example.com/Cased/mod@v1.3.0
mkmod "$T/cache/mod" example.com/big@v2.0.0+incompatible
mkmod "$T/cache/mod" example.com/big/v3@v3.0.0-20240102030405-0123456789ab
conf 'offline = yes'
start_fcgi
forever="public, max-age=31536000, immutable"

# file NAME TYPE: it is served whole, as immutable
file() {
	f="$T/cache/mod/$1"
	"$way" GET "/$1"
	is "$way $1: status" "$status $cgi_rc" "200 0"
	is "$way $1: bytes" "$(body_sum)" "$(file_sum "$f")"
	is "$way $1: type" "$(header content-type)" "$2"
	is "$way $1: length" "$(header content-length)" "$(wc -c <"$f" | tr -d ' ')"
	is "$way $1: cached for ever" "$(header cache-control)" "$forever"
	like "$way $1: a strong tag" "$(header etag)" '"?*"'
	is "$way $1: date" "$(header last-modified)" "$(date -u -r "$f" '+%a, %d %b %Y %H:%M:%S GMT')"
	tag=$(header etag)
	length=$(header content-length)
	"$way" HEAD "/$1"
	is "$way $1: HEAD has the same headers and no body" \
		"$status $(header etag) $(header content-length) $(wc -c <"$T/body" | tr -d ' ')" \
		"200 $tag $length 0"
	"$way" GET "/$1?go-get=1"
	is "$way $1: a query changes nothing" "$status $(body_sum)" "200 $(file_sum "$f")"
}

for way in cgi fcgi; do
	at='example.com/!cased/mod/@v'
	file "$at/v1.2.3-!r!c1.info" application/json
	first=$tag
	file "$at/v1.2.3-!r!c1.mod" "text/plain; charset=utf-8"
	isnt "$way: another file has another tag" "$tag" "$first"
	file "$at/v1.2.3-!r!c1.zip" application/zip
	file "example.com/big/@v/v2.0.0+incompatible.mod" "text/plain; charset=utf-8"
	file "example.com/big/v3/@v/v3.0.0-20240102030405-0123456789ab.info" application/json

	"$way" GET "/example.com/%21cased/mod/@v/v1.2.3-%21r%21c1.zip"
	is "$way: %21 is the same as !" "$status $(body_sum)" \
		"200 $(file_sum "$T/cache/mod/$at/v1.2.3-!r!c1.zip")"
	"$way" GET "/example.com/big/%40v/v2.0.0%2Bincompatible.mod"
	is "$way: %40 and %2B are the same as @ and +" "$status" 200
	"$way" GET "http://proxy.example/example.com/big/@v/v2.0.0+incompatible.mod"
	is "$way: a whole URL as the request's target" "$status" 200

	"$way" GET '/example.com/!cased/mod/@v/list'
	is "$way list: status" "$status" 200
	is "$way list: type" "$(header content-type)" "text/plain; charset=utf-8"
	is "$way list: versions" "$(sort <"$T/body" | tr '\n' ' ')" "v1.2.3-RC1 v1.3.0 "
	unlike "$way list: not for ever" "$(header cache-control)" '*immutable*'
	"$way" HEAD '/example.com/!cased/mod/@v/list'
	is "$way list: HEAD" "$status $(wc -c <"$T/body" | tr -d ' ')" "200 0"
	"$way" GET '/example.com/!cased/mod/@latest'
	is "$way @latest: status" "$status" 200
	is "$way @latest: type" "$(header content-type)" application/json
	like "$way @latest: version" "$(body)" '*"Version":"v1.3.0"*'
	unlike "$way @latest: not for ever" "$(header cache-control)" '*immutable*'

	for page in /healthz /readyz; do
		"$way" GET $page
		is "$way $page" "$status $(header content-type)" "200 text/plain; charset=utf-8"
		ok "$way $page says something" [ -s "$T/body" ]
	done
	"$way" GET /version
	is "$way /version" "$status $(header content-type)" "200 application/json"
	like "$way /version says what it is" "$(body)" '*"version":"?*'
	"$way" HEAD /version
	is "$way /version: HEAD" "$status $(wc -c <"$T/body" | tr -d ' ')" "200 0"
	"$way" GET /
	is "$way /" "$status" 200

	"$way" POST '/example.com/!cased/mod/@v/list'
	is "$way: POST" "$status $(header allow)" "405 GET, HEAD"
	"$way" GET '/example.com/nowhere/@v/v1.0.0.info'
	is "$way: what is not there, offline" "$status $(header content-type)" \
		"502 text/plain; charset=utf-8"
	like "$way: the body begins with the fault and the module" "$(head -n 1 "$T/body")" \
		'upstream: example.com/nowhere@v1.0.0: *offline*'
	unlike "$way: no caching of errors for ever" "$(header cache-control)" '*immutable*'
done
done_testing
