#!/bin/sh
# The go.mod files that a client will ask for next are fetched before it does; not
# those of modules that are offline, and not for a module with a pruned graph.
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"

below=''
off=''
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24; do
	below="$below example.com/b$i@v1.0.0"
	off="$off off.example/c$i@v1.0.0"
done
# shellcheck disable=SC2086
mkmod "$T/up" --go 1.16 $below $off
# shellcheck disable=SC2046,SC2086
mkmod "$T/up" --go 1.16 $(printf -- '--require %s ' $below $off) example.com/old@v1.0.0
mkmod "$T/up" --go 1.21 --require example.com/d@v1.0.0 example.com/new@v1.0.0
mkmod "$T/up" example.com/d@v1.0.0
start_upstream
conf "upstream = $up_url" 'threads = 8' '[module "off.example/*"]' 'offline = yes'
start_fcgi

all_are_there() {
	[ "$(published_files | grep -c '^example.com/b.*mod$')" = 24 ]
}

fcgi GET /example.com/old/@v/v1.0.0.mod
is "an unpruned module is asked for" "$status" 200
helper=$(helpers)
ok "what it requires is fetched" wait_for 10 all_are_there
is "each once" "$(asked '/b[0-9]*/@v/v1.0.0.mod')" 24
is "nothing that is offline is asked for" "$(asked off.example)" 0
fcgi GET /example.com/new/@v/v1.0.0.mod
is "a pruned module is asked for" "$status" 200
fcgi GET /off.example/c1/@v/v1.0.0.mod
is "what is offline is answered so" "$status" 502
is "what a pruned module requires is not fetched" "$(asked example.com/d)" 0
is "the helper is still the same" "$(helpers)" "$helper"
done_testing
