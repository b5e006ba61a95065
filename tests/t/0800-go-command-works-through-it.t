#!/bin/sh
# The real go command through lighttpd and stoa.fcgi, with a folder as upstream:
# downloads, queries, branches, +incompatible, upper case, fallback, errors.
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"
need go curl
have_lighttpd || skip_all "no lighttpd on this machine"

mkmod "$T/up" example.com/dep@v1.0.0 example.com/dep@v1.1.0
mkmod "$T/up" --require example.com/dep@v1.0.0 example.com/m@v1.0.0 example.com/m@v1.1.0 \
	example.com/m@v1.2.0-rc.1
mkmod "$T/up" --branch main --branch feature.x --branch 0123456789ab --unlisted \
	--time 2024-01-02T03:04:05Z example.com/m@v1.1.1-0.20240102030405-0123456789ab
mkmod "$T/up" --latest --time 2024-01-02T03:04:05Z --head \
	example.com/headonly@v0.0.0-20240102030405-0123456789ab
mkmod "$T/up" example.com/inc@v1.0.0 example.com/inc@v2.3.4+incompatible
mkmod "$T/up" example.com/BurntSushi/Toml@v1.0.0 example.com/BurntSushi/Toml@v1.1.0-RC1
mkmod "$T/up" example.com/major@v1.0.0
mkmod "$T/up" example.com/major/v2@v2.0.0 example.com/major/v2@v2.1.0
mkmod "$T/up" gopkg.in/y.v3@v3.0.1
mkmod "$T/fallback" example.com/onlythere@v1.0.0
conf "upstream = file://$T/up"
start_lighttpd static-first
export GOPROXY="$http_url" GOFLAGS='-modcacherw -mod=mod'

# a main module to work in
mkdir "$T/main"
cd "$T/main" || exit 99
printf 'module example.org/main\n\ngo 1.21\n' >go.mod
printf 'package main\n\nimport _ "example.com/m"\n\nfunc main() {}\n' >main.go

fresh() {
	chmod -R u+w "$GOMODCACHE" 2>/dev/null
	rm -rf "$GOMODCACHE"
}

# same FILE: the module cache has the upstream's bytes
same() {
	cmp "$GOMODCACHE/cache/download/$1" "$T/up/$1"
}

ok "go mod download m@v" go mod download -x example.com/m@v1.0.0
for f in info mod zip; do
	ok "its .$f" same "example.com/m/@v/v1.0.0.$f"
done
ok "go mod download m@latest" go mod download example.com/m@latest
ok "which is the highest release" same example.com/m/@v/v1.1.0.zip
is "go list -m -versions" "$(go list -m -versions example.com/m)" "example.com/m v1.0.0 v1.1.0 v1.2.0-rc.1"
is "go list -m m@latest without versions" "$(go list -m example.com/headonly@latest)" \
	"example.com/headonly v0.0.0-20240102030405-0123456789ab"
is "go list -m m@branch" "$(go list -m example.com/m@main)" \
	"example.com/m v1.1.1-0.20240102030405-0123456789ab"
is "go list -m m@commit" "$(go list -m example.com/m@0123456789ab)" \
	"example.com/m v1.1.1-0.20240102030405-0123456789ab"
is "go list -m m@<v" "$(go list -m 'example.com/m@<v1.1.0')" "example.com/m v1.0.0"
is "go list -m m@v1.0" "$(go list -m example.com/m@v1.0)" "example.com/m v1.0.0"
is "+incompatible" "$(go list -m example.com/inc@v2)" "example.com/inc v2.3.4+incompatible"
ok "+incompatible: download" go mod download example.com/inc@v2.3.4+incompatible
ok "+incompatible: bytes" same "example.com/inc/@v/v2.3.4+incompatible.zip"
ok "upper case" go mod download example.com/BurntSushi/Toml@v1.1.0-RC1
ok "upper case: bytes" same 'example.com/!burnt!sushi/!toml/@v/v1.1.0-!r!c1.zip'
is "a later major" "$(go list -m -versions example.com/major/v2)" "example.com/major/v2 v2.0.0 v2.1.0"
ok "gopkg.in" go mod download gopkg.in/y.v3@v3.0.1

ok "go get m@latest" go get example.com/m@latest
ok "go.mod has it" grep -q 'example.com/m v1.1.0' go.mod
ok "go build" go build ./...
ok "go get m@branch" go get example.com/m@feature.x
ok "go.mod has the branch's version" grep -q 'example.com/m v1.1.1-0.20240102030405-0123456789ab' go.mod
ok "go get -u" go get -u ./...
ok "go get m@upgrade" go get example.com/dep@upgrade
ok "go.mod has the newest dependency" grep -q 'example.com/dep v1.1.0' go.mod
ok "go mod verify" go mod verify
ok "go mod tidy" go mod tidy
ok "go list -m -u all" go list -m -u all
ok "go list -m -json -retracted" go list -m -json -retracted example.com/m@latest

# the cache as a source of its own
fresh
rm -rf "$T/cache/mod/example.com/inc"
ok "GOPROXY=file://CACHE/mod" env GOPROXY="file://$T/cache/mod" go mod download
ok "the same go.sum" go mod verify
fresh
conf 'offline = yes'
stop_lighttpd
start_lighttpd static-first
export GOPROXY="$http_url"
ok "offline: what is there" go mod download
is "offline: versions" "$(go list -m -versions example.com/m)" "example.com/m v1.0.0 v1.1.0 v1.2.0-rc.1"
nok "offline: what is not there" go mod download example.com/inc@v1.0.0
like "offline: why" "$(cat "$T/ok.out")" '*offline*'
stop_lighttpd
new_conf "upstream = file://$T/up"
start_lighttpd static-first
export GOPROXY="$http_url"

# errors reach the developer
fresh
nok "no such version" go mod download example.com/m@v1.9.9
like "no such version: the go command shows our words" "$(cat "$T/ok.out")" \
	'*404*server response:*not found: example.com/m@v1.9.9: ?*'
nok "no such module" go list -m example.com/nowhere@latest
like "no such module: the go command shows our words" "$(cat "$T/ok.out")" \
	'*404*server response:*not found: example.com/nowhere*'
mkdir -p "$T/up/example.com/broken/@v"
echo '{' >"$T/up/example.com/broken/@v/v1.0.0.info"
nok "a broken upstream" go mod download example.com/broken@v1.0.0
like "a broken upstream: the go command shows our words" "$(cat "$T/ok.out")" \
	'*502*server response:*upstream: example.com/broken@v1.0.0: ?*'

# fallback at the client
there=file://$T/fallback
ok "comma: goes on after our 404" env GOPROXY="$http_url,$there" go mod download example.com/onlythere@v1.0.0
fresh
ok "comma: goes on for queries" env GOPROXY="$http_url,$there" go list -m example.com/onlythere@latest
fresh
mkmod "$T/fallback" example.com/broken@v1.0.0
nok "comma: does not go on after our 502" \
	env GOPROXY="$http_url,$there" go mod download example.com/broken@v1.0.0
fresh
ok "bar: goes on after our 502" env GOPROXY="$http_url|$there" go mod download example.com/broken@v1.0.0
fresh
ok "bar: goes on after our 404" env GOPROXY="$http_url|$there" go mod download example.com/onlythere@v1.0.0

# a real module cache is a cache
cp -R "$GOMODCACHE/cache/download/." "$T/copied"
new_cache
mkdir -p "$T/cache/mod"
cp -R "$T/copied/." "$T/cache/mod/"
fresh
new_conf 'offline = yes'
stop_lighttpd
start_lighttpd fastcgi
ok "a copied module cache" env GOPROXY="$http_url" go mod download example.com/onlythere@v1.0.0
mkdir "$T/nomain"
cd "$T/nomain" || exit 99
is "its list" "$(GOPROXY="$http_url" go list -m -versions example.com/onlythere)" "example.com/onlythere v1.0.0"
cd / || exit 99
done_testing
