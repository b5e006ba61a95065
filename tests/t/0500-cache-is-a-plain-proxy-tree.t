#!/bin/sh
# The cache's mod folder is a GOPROXY tree: files that were put there are served,
# names that mean something else are not, links are not followed, and fetching
# writes nothing but what the format says.
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"

mkmod "$T/up" --latest --branch main example.com/Up/m@v1.0.0 example.com/Up/m@v1.1.0
start_upstream
conf "upstream = $up_url"
at='/example.com/!up/m'

for f in @v/v1.0.0.info @v/v1.0.0.zip @v/v1.1.0.mod @v/list @latest @v/main.info; do
	cgi GET "$at/$f"
	is "fetched: $f" "$status $cgi_rc" "200 0"
done
mod=$(published_files | tr '\n' ' ')
like "an .info brings its .mod" "$mod" '*v1.0.0.mod*'
unlike "a .mod does not bring its zip" "$mod" '*v1.1.0.zip*'
is "only names of the format are in mod" "$(published_files |
	grep -v -E '/@latest$|/@v/(list|v[^/]*\.(info|mod|zip|ziphash))$')" ""
is "nothing else is beside mod and state" "$(ls -A "$T/cache")" "$(printf 'mod\nstate')"
is "nothing is left in the staging folder" "$(find "$T/cache/state/stage" -type f)" ""
for f in $(published_files); do
	u="$T/up/$f"
	[ -f "$u" ] || continue
	case $f in */list | */@latest) continue ;; esac
	ok "the upstream's bytes: $f" cmp "$T/cache/mod/$f" "$u"
done
is "files are not writable by others" "$(find "$T/cache" -type f -perm /022)" ""

# a second source of files: whatever is put there
new_cache
mkmod "$T/cache/mod" example.com/put@v1.0.0
conf 'offline = yes'
for f in v1.0.0.info v1.0.0.mod v1.0.0.zip list; do
	cgi GET /example.com/put/@v/$f
	is "put there by hand: $f" "$status $(body_sum)" \
		"200 $(file_sum "$T/cache/mod/example.com/put/@v/$f")"
done

# links
echo secret >"$T/secret"
ln -s "$T/secret" "$T/cache/mod/example.com/put/@v/v1.1.0.mod"
ln -s v1.0.0.mod "$T/cache/mod/example.com/put/@v/v1.2.0.mod"
ln -s "$T/cache/mod/example.com/put" "$T/cache/mod/example.com/linked"
mkdir -p "$T/outside/@v"
echo secret >"$T/outside/@v/v1.0.0.mod"
ln -s "$T/outside" "$T/cache/mod/example.com/outside"
mkdir "$T/cache/mod/example.com/put/@v/v1.3.0.mod"
mkfifo "$T/cache/mod/example.com/put/@v/v1.4.0.mod"
start_fcgi
for way in cgi fcgi; do
	for f in put/@v/v1.1.0.mod put/@v/v1.2.0.mod linked/@v/v1.0.0.mod outside/@v/v1.0.0.mod \
		put/@v/v1.3.0.mod put/@v/v1.4.0.mod; do
		"$way" GET /example.com/$f
		isnt "$way: no file of the cache: $f" "$status" 200
		unlike "$way: $f: no bytes of it" "$(body)" '*secret*'
	done
done

# an empty file where a zip should be is served as it is, but a missing cache is made
rm -rf "$T/cache"
cgi GET /healthz
is "a cache that is missing is made" "$status $([ -d "$T/cache" ] && echo there)" "200 there"
if [ "$(id -u)" != 0 ]; then
	find "$T/cache" -type d -exec chmod 500 {} +
	cgi GET /readyz
	is "a cache that cannot be written is not ready" "$status" 500
	find "$T/cache" -type d -exec chmod 700 {} +
fi
cgi GET /readyz STOA_CACHE=/dev/null/cache
is "a cache that cannot be" "$status" 500
ok "a cache that cannot be: a text" [ -s "$T/body" ]
cgi GET /readyz STOA_HELPER=/nonexistent
is "a helper that is not there is not ready" "$status" 500
done_testing
