#!/bin/sh
# stoactl verify, quarantine, rebuild, import and export.
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"

ctl=$top_builddir/admin/stoactl
export STOA_CONF="$T/stoa.conf"

# run ARG...: stoactl; sets $rc, with its outputs in $T/o and $T/e
run() {
	"$ctl" "$@" >"$T/o" 2>"$T/e"
	rc=$?
}

# flip FILE: changes a byte in its middle
flip() {
	"$PYTHON" - "$1" <<-END
	import sys
	b = bytearray(open(sys.argv[1], "rb").read())
	b[len(b) // 2] ^= 1
	open(sys.argv[1], "wb").write(b)
	END
}

# stored: how many files of versions the cache has
stored() {
	published_files | grep -c -E '[.](info|mod|zip)$'
}

mkmod "$T/up" example.com/Up/m@v1.0.0 example.com/Up/m@v1.1.0 example.com/n@v0.1.0
conf "upstream = file://$T/up"
at='example.com/!up/m/@v'

# --- import
run import "$T/up"
is "import takes a GOPROXY tree" "$rc $(stored)" "0 9"
run import "$T/up"
is "again: all is there" "$rc $(cut -d' ' -f1-3 "$T/o")" "0 0 files taken"
for f in v1.0.0.info v1.0.0.mod v1.1.0.zip; do
	ok "the same bytes: $f" cmp "$T/up/$at/$f" "$T/cache/mod/$at/$f"
done
ok "with a .ziphash" [ "$(wc -c <"$T/cache/mod/$at/v1.0.0.ziphash")" -eq 47 ]
is "which has the hash" "$(cat "$T/cache/mod/$at/v1.0.0.ziphash")" "$(mkmod h1 "$T/up/$at/v1.0.0.zip")"

new_cache
mkdir -p "$T/gomodcache/cache"
cp -R "$T/up" "$T/gomodcache/cache/download"
touch "$T/gomodcache/cache/download/$at/v1.0.0.lock"
run import "$T/gomodcache"
is "import takes a GOMODCACHE" "$rc $(stored)" "0 9"

new_cache
for v in v1.0.0 v1.1.0; do
	mkdir -p "$T/athens/example.com/Up/m/$v"
	cp "$T/up/$at/$v.info" "$T/athens/example.com/Up/m/$v/$v.info"
	cp "$T/up/$at/$v.mod" "$T/athens/example.com/Up/m/$v/go.mod"
	cp "$T/up/$at/$v.zip" "$T/athens/example.com/Up/m/$v/source.zip"
done
run import "$T/athens"
is "import takes an Athens store" "$rc $(stored)" "0 6"
ok "the same bytes" cmp "$T/up/$at/v1.0.0.zip" "$T/cache/mod/$at/v1.0.0.zip"
is "nothing is left of its picture" "$(ls "$T/cache/state/stage")" ""

new_cache
cp -R "$T/up" "$T/bad"
flip "$T/bad/$at/v1.0.0.zip"
echo '{"Version":"v9.9.9"}' >"$T/bad/$at/v1.1.0.info"
echo 'this is not' >"$T/bad/example.com/n/@v/v0.1.0.mod"
run import "$T/bad"
is "import checks what it takes" "$rc $(grep -c '^refused' "$T/e")" "4 3"
nok "a damaged zip is not taken" published "$at/v1.0.0.zip"
mkdir "$T/nothing"
run import "$T/nothing"
is "a folder without modules" "$rc" 1
like "says so" "$(cat "$T/e")" '*no module*'

# --- verify
new_cache
run import "$T/up"
run verify
is "verify finds nothing" "$rc" 0
like "and counts" "$(cat "$T/o")" '9 good, 0 new, 0 bad, *'
for f in v1.0.0.zip v1.0.0.mod; do
	chmod u+w "$T/cache/mod/$at/$f"
	flip "$T/cache/mod/$at/$f"
	run verify
	is "a flipped byte is found: $f" "$rc $(grep -c "^bad example.com/Up/m@v1.0.0 ${f##*.}: " "$T/e")" "4 1"
	run verify example.com/n
	is "not by who looks elsewhere" "$rc" 0
	run verify example.com/Up/m@v1.0.0
	is "by who looks there" "$rc" 4
	run verify --repair
	is "repaired" "$rc $(grep -c '^repaired ' "$T/e")" "3 1"
	ok "the bytes are right again: $f" cmp "$T/up/$at/$f" "$T/cache/mod/$at/$f"
	run verify
	is "and good" "$rc" 0
done
rm -rf "$T/cache/state/first"
find "$T/cache/mod" -name '*.ziphash' -exec rm -f {} +
run verify --jobs 1
is "without records, all is new" "$rc $(cut -d, -f1,2 "$T/o")" "0 3 good, 6 new"
run verify
is "then known" "$rc $(cut -d, -f1,2 "$T/o")" "0 9 good, 0 new"
ok "with a .ziphash" [ "$(wc -c <"$T/cache/mod/$at/v1.0.0.ziphash")" -eq 47 ]
printf 'verify\nmod/%s\n' "$at/v1.1.0.mod" >"$T/cache/state/verify"
run verify
like "it goes on where it was" "$(head -n 1 "$T/o")" "going on behind mod/$at/v1.1.0.mod"
like "with the rest" "$(tail -n 1 "$T/o")" "4 good,*"
ok "once" [ ! -e "$T/cache/state/verify" ]
run verify example.com/none
is "a module that is not there" "$rc" 1
run verify --jobs 0
is "no jobs" "$rc" 2
: >"$T/cache/mod/$at/v1.1.0.info"
rm -rf "$T/up/$at/v1.1.0.info"
run verify --repair
is "what cannot be fetched again is lost, and said" "$rc $(grep -c '^lost ' "$T/e")" "4 1"
nok "but not served" published "$at/v1.1.0.info"

# --- quarantine
run quarantine list
is "quarantine has them" "$rc $(wc -l <"$T/o" | tr -d ' ')" "0 3"
id=$(grep 'v1.0.0 zip' "$T/o" | cut -d' ' -f1)
run quarantine show "$id"
like "show tells" "$(cat "$T/o")" '*example.com/Up/m@v1.0.0*the cache*'
run quarantine restore "$id"
is "restore checks the rules" "$rc" 1
mod=$("$ctl" quarantine list | grep 'v1.0.0 mod' | cut -d' ' -f1)
cp "$T/cache/state/quarantine/$mod/file" "$T/damaged.mod"
run quarantine restore "$mod"
is "restore replaces nothing" "$rc" 1
rm "$T/cache/mod/$at/v1.0.0.mod"
run quarantine restore "$mod"
if [ "$rc" = 0 ]; then
	ok "restore publishes" cmp "$T/damaged.mod" "$T/cache/mod/$at/v1.0.0.mod"
	run verify example.com/Up/m@v1.0.0
	is "and it is what counts now" "$rc" 0
else
	like "a go.mod that does not parse is not restored" "$(cat "$T/e")" '*not a go.mod*'
fi
run quarantine drop "$id"
is "drop removes" "$rc $([ -e "$T/cache/state/quarantine/$id" ] || echo gone)" "0 gone"
run quarantine drop "$id"
is "once" "$rc" 1
run quarantine drop ../../mod
is "an ID is an ID" "$rc $([ -d "$T/cache/mod" ] && echo there)" "1 there"
run quarantine
is "quarantine wants a word" "$rc" 2

# --- rebuild
rm -rf "$T/cache"
mkdir "$T/cache"
run import "$T/up"
rm -rf "$T/cache/state/quarantine"
run rebuild
is "rebuild makes a folder that is missing" "$rc $(head -n 1 "$T/o")" "3 made state/quarantine"
run rebuild
is "and then has nothing to do" "$rc" 0
echo x >"$T/cache/mod/stray"
: >"$T/cache/mod/$at/v1.0.0.mod"
touch "$T/cache/mod/$at/v1.0.0.lock"
ln -s /etc/passwd "$T/cache/mod/$at/v9.0.0.mod"
chmod 600 "$T/cache/mod/$at/v1.0.0.zip"
rm -rf "$T/cache/state/stage" "$T/cache/state/refused"
echo x >"$T/cache/state/stage"
run rebuild
is "rebuild repairs" "$rc" 3
for f in mod/stray "mod/$at/v1.0.0.mod" "mod/$at/v1.0.0.lock" "mod/$at/v9.0.0.mod" state/stage; do
	ok "says so: $f" grep -q "^moved $f to state/stray/$f: " "$T/o"
done
ok "and deletes nothing" [ -f "$T/cache/state/stray/mod/stray" ]
ok "a folder is one again" [ -d "$T/cache/state/stage" ]
is "modes" "$(find "$T/cache/mod" -type f ! -perm -044)" ""
cgi GET "/$at/v1.0.0.mod"
is "what was empty is fetched again" "$status" 200
rm -rf "$T/cache/state"
echo x >"$T/cache/state"
run rebuild
is "even without a state" "$rc $([ -d "$T/cache/state/stage" ] && echo there)" "3 there"

# --- export
run export "$T/exported"
is "export writes a folder" "$rc" 0
ok "the same bytes" cmp "$T/up/$at/v1.0.0.zip" "$T/exported/$at/v1.0.0.zip"
is "with lists" "$(tr '\n' ' ' <"$T/exported/$at/list")" "v1.0.0 v1.1.0 "
run export "$T/exported"
like "again: all is there" "$(cat "$T/o")" '0 files written*'
run export "$T/exported.tar"
is "export writes an archive" "$rc" 0
mkdir "$T/untar"
ok "that tar reads" tar -C "$T/untar" -xf "$T/exported.tar"
is "the same" "$(cd "$T/untar" && find . -type f | sort | xargs cksum)" \
	"$(cd "$T/exported" && find . -type f | sort | xargs cksum)"
"$ctl" export - 2>/dev/null | tar -tf - >"$T/o"
is "export writes to a pipe" "$(wc -l <"$T/o")" "$(find "$T/exported" -type f | wc -l)"
if command -v go >/dev/null; then
	ok "the go command takes the folder" env GOPROXY="file://$T/exported" GONOSUMDB='*' GONOSUMCHECK=1 \
		go mod download example.com/Up/m@v1.0.0
else
	skip "the go command takes the folder: no go"
fi
done_testing
