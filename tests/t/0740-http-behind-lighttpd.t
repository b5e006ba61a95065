#!/bin/sh
# The three configurations of etc/lighttpd as they are: hits, misses, errors,
# conditional requests, prefixes, and what must not be reachable.
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"
have_lighttpd || skip_all "no lighttpd on this machine"
need curl

mkmod "$T/up" --size 300000 --latest --branch main example.com/Up/m@v1.0.0-RC1 example.com/Up/m@v1.1.0 \
	example.com/inc@v2.0.0+incompatible
start_upstream
conf "upstream = $up_url"
forever="public, max-age=31536000, immutable"
m='/example.com/!up/m'

for kind in static-first fastcgi cgi; do
	for prefix in '' /go/mod; do
		name="$kind${prefix:+ at $prefix}"
		new_cache
		start_lighttpd $kind $prefix
		for round in miss hit; do
			for f in "$m/@v/v1.1.0.info" "$m/@v/v1.0.0-!r!c1.mod" "$m/@v/v1.1.0.zip" \
				"/example.com/inc/@v/v2.0.0+incompatible.zip"; do
				http GET "$f"
				is "$name, $round: $f" "$status $(header content-length) $(body_sum)" \
					"200 $(wc -c <"$T/up$f" | tr -d ' ') $(file_sum "$T/up$f")"
				is "$name, $round: $f: cached for ever" "$(header cache-control)" "$forever"
			done
		done
		http GET "/example.com/%21up/m/@v/v1.0.0-%21r%21c1.mod"
		is "$name: %21" "$status" 200
		tag=$(header etag)
		like "$name: a tag" "$tag" '"?*"'
		http GET "$m/@v/v1.0.0-!r!c1.mod" --header "If-None-Match: $tag"
		is "$name: If-None-Match" "$status" 304
		http GET "$m/@v/v1.1.0.zip" --range 1000-1999
		is "$name: a range" "$status $(header content-length) $(body_sum)" \
			"206 1000 $(tail -c +1001 "$T/up$m/@v/v1.1.0.zip" | head -c 1000 | sha256sum | cut -d ' ' -f 1)"
		http HEAD "$m/@v/v1.1.0.zip"
		is "$name: HEAD" "$status $(header content-length)" "200 $(wc -c <"$T/up$m/@v/v1.1.0.zip" | tr -d ' ')"
		http GET "$m/@v/list"
		is "$name: list" "$status $(sort "$T/body" | tr '\n' ' ')" "200 v1.0.0-RC1 v1.1.0 "
		unlike "$name: list: not for ever" "$(header cache-control)" '*immutable*'
		http GET "$m/@latest"
		like "$name: @latest" "$status $(body)" '200 *v1.1.0*'
		http GET "$m/@v/main.info"
		like "$name: a branch" "$status $(body)" '200 *v1.1.0*'
		unlike "$name: a branch: not for ever" "$(header cache-control)" '*immutable*'
		http GET "$m/@v/v1.9.0.info"
		is "$name: no such version" "$status $(header content-type)" "404 text/plain; charset=utf-8"
		like "$name: no such version: why" "$(body)" "not found: example.com/Up/m@v1.9.0: *404*"
		unlike "$name: no such version: not for ever" "$(header cache-control)" '*immutable*'
		http GET /healthz
		is "$name: health" "$status" 200
		http GET /readyz
		is "$name: ready" "$status" 200
		for f in "$m/@v/" "$m/" "$m/@v/v1.1.0.ziphash" /../state/locks /%2e%2e/state/locks \
			/..%2fstate/locks "$m/@v/..%2f..%2fx" /state/locks /mod/x "//example.com/m/@v/list" \
			"$m/@v/v1.1.0.zip/" "$m/@v/v1.1.0.zip%00" "/example.com/Up/m/@v/v1.1.0.zip" /x%zz; do
			http GET "$f"
			case $status in
			400 | 403 | 404 | 414) pass "$name: no way to $f" ;;
			*) is "$name: no way to $f" "$status" 40x ;;
			esac
		done
		for method in POST PUT DELETE OPTIONS; do
			http $method "$m/@v/v1.1.0.zip" --data ''
			like "$name: $method" "$status" '[45]0[0-9]'
			nok "$name: $method: no file" cmp -s "$T/body" "$T/up$m/@v/v1.1.0.zip"
		done
		if [ -n "$prefix" ]; then
			http_url=${http_url%"$prefix"}
			http GET "$m/@v/v1.1.0.zip"
			is "$name: outside of it" "$status" 404
		fi
		stop_lighttpd
		ok "$name: nothing is left running" wait_for 5 \
			sh -c '[ -z "$("$PYTHON" "$lib/procs.py" "$T" stoa.fcgi)" ]'
	done
done
done_testing
