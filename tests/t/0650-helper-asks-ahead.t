#!/bin/sh
# The go.mod files that a client will ask for next are fetched before it does: all
# that an unpruned module requires, but for those of modules that are offline; and
# what pruned modules name, in the highest version and the order of a client that
# asks for what its own module requires. Not without end.
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
mkmod "$T/up" --go 1.21 --require example.com/x@v1.0.0 --require example.com/w@v1.9.0 example.com/e1@v1.0.0
mkmod "$T/up" --go 1.21 --require example.com/x@v1.2.0 --require example.com/w@v1.0.0 example.com/e2@v1.0.0
mkmod "$T/up" --go 1.16 --require example.com/y@v1.0.0 example.com/x@v1.0.0 example.com/x@v1.2.0
mkmod "$T/up" --go 1.16 --require example.com/q@v1.0.0 example.com/p@v1.0.0
mkmod "$T/up" --go 1.16 --require example.com/p@v1.0.0 example.com/a0@v1.0.0
mkmod "$T/up" example.com/q@v1.0.0
mkmod "$T/up" example.com/w@v1.0.0 example.com/w@v1.9.0 example.com/y@v1.0.0
i=0
while [ $i -lt 20 ]; do
	mkmod "$T/up" --go 1.16 --require "example.com/chain$((i + 1))@v1.0.0" "example.com/chain$i@v1.0.0"
	i=$((i + 1))
done
start_upstream
conf "upstream = $up_url" 'threads = 8' '[module "off.example/*"]' 'offline = yes'
start_fcgi

has() {
	published_files | grep -qxF "$1"
}

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
is "what a pruned module names is not fetched when it comes before" "$(asked example.com/d)" 0
is "a pruned module of a lower path is asked for" "$(fcgi GET /example.com/e1/@v/v1.0.0.mod && echo "$status")" 200
ok "what it names is fetched" wait_for 10 has example.com/x/@v/v1.0.0.mod
ok "all of it" wait_for 10 has example.com/w/@v/v1.9.0.mod
is "another is asked for" "$(fcgi GET /example.com/e2/@v/v1.0.0.mod && echo "$status")" 200
ok "what is higher is fetched" wait_for 10 has example.com/x/@v/v1.2.0.mod
is "but nothing that is lower" "$(asked example.com/w/@v/v1.0.0)" 0
is "and not what a guess requires" "$(asked example.com/y)" 0
is "the helper is still the same" "$(helpers)" "$helper"
is "an unpruned module of a low path is asked for" "$(fcgi GET /example.com/a0/@v/v1.0.0.mod && echo "$status")" 200
ok "what is two steps below it is fetched" wait_for 10 has example.com/q/@v/v1.0.0.mod

# a source that requires without end
new_conf "upstream = $up_url" 'ask_ahead = 3'
is "the first of a chain is asked for" "$(fcgi GET /example.com/chain0/@v/v1.0.0.mod && echo "$status")" 200
ok "what follows is fetched" wait_for 10 has example.com/chain12/@v/v1.0.0.mod
sleep 0.5
is "but not without end" "$(asked '/chain[0-9]*/@v/v1.0.0.mod')" 13
is "until the client is there" "$(fcgi GET /example.com/chain13/@v/v1.0.0.mod && echo "$status")" 200
ok "then it goes on" wait_for 10 has example.com/chain19/@v/v1.0.0.mod
done_testing
