#!/bin/sh
# go get -u on a warm cache whose lists are all stale, while the upstream answers
# no list at all: it ends with what the cache has, each list is asked for once in
# the background, and the next go get -u has what is new without a question.
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"
need go curl
have_lighttpd || skip_all "no lighttpd on this machine"

modules='a b c d e f g h'
# release VERSION: a requires b, and so on
release() {
	next=
	for m in h g f e d c b a; do
		# shellcheck disable=SC2086
		mkmod "$T/up" $next "example.com/$m@$1"
		next="--require example.com/$m@v1.0.0"
	done
}
release v1.0.0
release v1.1.0
start_upstream
conf "upstream = $up_url" 'list_ttl = 600s' 'list_stale = 6000s' 'helper_idle = 1s'
start_fcgi
start_lighttpd external
export GOPROXY="$http_url" GOFLAGS='-modcacherw -mod=mod'

# get_u CLAIM VERSION: from nothing but the cache of ours
get_u() {
	chmod -R u+w "$GOMODCACHE" 2>/dev/null
	rm -rf "$GOMODCACHE" "$T/main"
	mkdir "$T/main"
	cd "$T/main" || exit 99
	printf 'module example.org/main\n\ngo 1.21\n\nrequire example.com/a v1.0.0\n' >go.mod
	{
		printf 'package main\n\nimport (\n'
		for m in $modules; do
			printf '\t_ "example.com/%s"\n' "$m"
		done
		printf ')\n\nfunc main() {}\n'
	} >main.go
	ok "$1: go get -u" timeout 60 go get -u ./...
	is "$1: what it got" "$(sed -n 's,^.*example.com/\([a-z] v[0-9.]*\).*,\1,p' go.mod | sort | tr '\n' ' ')" \
		"$(for m in $modules; do printf '%s %s ' "$m" "$2"; done)"
	cd / || exit 99
}

lists() {
	asked '(/@v/list|/@latest)$'
}

# more_than_once: the lists that were asked for more than once
more_than_once() {
	grep -E '(/@v/list|/@latest)$' "$T/upstream.run/requests" | sort | uniq -d
}

get_u "cold" v1.1.0
n=$(lists)
ok "lists were asked for" [ "$n" -ge 8 ]
get_u "warm" v1.1.0
is "warm: no list is asked for" "$(lists)" "$n"

release v1.2.0
find "$T/cache/mod" -name list -exec touch -d '-700 seconds' {} +
find "$T/cache/mod" -name @latest -exec touch -d '-700 seconds' {} +
ok "no helper is left" wait_for 10 no_helpers
asked_nothing
rule '{"path": "(/@v/list|/@latest)$", "gate": "'"$T/gate"'"}'
get_u "stale, and no list is answered" v1.1.0
all_are_asked_for() {
	[ "$(lists)" -ge 8 ]
}
ok "the lists are asked for in the background" wait_for 10 all_are_asked_for
get_u "again" v1.1.0
is "none is asked for twice" "$(more_than_once)" ""
: >"$T/gate"
ok "the refreshes end" wait_for 10 no_helpers
n=$(lists)
get_u "refreshed" v1.2.0
is "refreshed: no list is asked for" "$(lists)" "$n"
done_testing
