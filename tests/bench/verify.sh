#!/bin/sh
# tests/bench/verify.sh TREE [STOACTL]: how fast stoactl verify hashes what is
# stored, beside the SHA-256 of openssl on all processors: of a block in memory
# (openssl speed), and of the same files (openssl dgst).
#
# TREE has modules in the go command's layout, such as GOMODCACHE/cache/download or
# build-bench/modules; it is copied. STOACTL is that of build-bench by default. Each
# side has seven rounds by turns; the best counts. The exit status is 1 when verify
# does less than 0.8 of openssl speed.
#
# SPDX-License-Identifier: Apache-2.0
set -eu

tree=${1:?which tree?}
stoactl=${2:-$(dirname "$0")/../../build-bench/admin/stoactl}
procs=$(getconf _NPROCESSORS_ONLN)
T=$(mktemp -d "${TMPDIR:-/tmp}/stoa-verify.XXXXXX")
trap 'rm -rf "$T"' EXIT
trap 'exit 2' HUP INT TERM
export STOA_CONF="$T/stoa.conf"
printf 'cache = %s/cache\nupstream = off\nsumdb = off\n' "$T" >"$STOA_CONF"
mkdir -p "$T/cache/mod"
cp -R "$tree/." "$T/cache/mod"
rm -rf "$T/cache/mod/sumdb"

# without what the go command has there and nobody published
find "$T/cache/mod" -type f ! -name '*.zip' ! -name '*.mod' ! -name '*.info' ! -name '*.ziphash' \
	-exec rm -f {} +
# the first run writes the records
"$stoactl" verify --quiet >"$T/first" || { cat "$T/first"; exit 2; }
find "$T/cache/mod" -type f ! -name '*.ziphash' >"$T/files"
bytes=$(tr '\n' '\0' <"$T/files" | xargs -0 cat | wc -c)
each=$((($(wc -l <"$T/files") + procs - 1) / procs))

# MB/s, one a line
for _ in 1 2 3 4 5 6 7; do
	openssl speed -multi "$procs" -seconds 1 -bytes 65536 -evp sha256 2>/dev/null |
		sed -n 's/^sha256 *\([0-9.]*\)k$/\1/p' | awk '{ print $1 / 1e3 }' >>"$T/speed"
	since=$(date +%s%N)
	tr '\n' '\0' <"$T/files" | xargs -0 -n "$each" -P "$procs" openssl dgst -sha256 >"$T/sums"
	echo "$bytes $(($(date +%s%N) - since))" | awk '{ print $1 * 1e3 / $2 }' >>"$T/dgst"
	since=$(date +%s%N)
	"$stoactl" verify --quiet >"$T/last"
	echo "$bytes $(($(date +%s%N) - since))" | awk '{ print $1 * 1e3 / $2 }' >>"$T/verify"
done

best() {
	sort -n "$T/$1" | tail -n 1
}
awk -v files="$(wc -l <"$T/files")" -v bytes="$bytes" -v procs="$procs" -v speed="$(best speed)" \
	-v dgst="$(best dgst)" -v verify="$(best verify)" 'BEGIN {
	printf "%d files, %.1f MB, %d processors\n", files, bytes / 1e6, procs
	printf "openssl speed   %6.0f MB/s\n", speed
	printf "openssl dgst    %6.0f MB/s of the same files (%.2f of openssl speed)\n", dgst, dgst / speed
	printf "stoactl verify  %6.0f MB/s: %.2f of openssl speed, %.2f of openssl dgst\n",
		verify, verify / speed, verify / dgst
	exit verify < 0.8 * speed
}'
