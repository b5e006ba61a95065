#!/bin/sh
# tests/bench/run.sh: builds stoa optimised, measures it and prints a table.
#
# Not a timed test: every row compares with something that is measured in the
# same run on the same machine. The exit status is 0 when each target is met,
# 1 when one is missed and 2 when something cannot be measured at all.
#
# SPDX-License-Identifier: Apache-2.0

usage() {
	cat <<-'END'
	usage: sh tests/bench/run.sh [OPTION]...

	  --only NAME       only this row; may be given again. The names:
	                      static   a hit that the web server sends itself
	                      fastcgi  a hit through stoa.fcgi
	                      cgi      a hit through stoa.cgi
	                      memory   what stoa.fcgi holds after many hits
	                      far      go mod graph and go mod download, cold, from an upstream
	                               on loopback that is 30 ms away; plain CGI; stoactl warm
	                      near     the same, 0 ms away, cold and warm
	                      live     the same as far from this machine's own GOPROXY
	                      direct   modules from a repository, against go
	                      servers  each web server, with and without stoa
	                      stored   100 and 100,000 versions in the cache
	  --server NAME     of the row servers only this server: lighttpd, apache, nginx or
	                    caddy; may be given again
	  --rounds N        measure each side N times (default: 5)
	  --seconds N       a round's length (default: 2); within a round the two sides
	                    take turns of 50 ms
	  --builddir DIR    where to build (default: build-bench)
	  --help

	CC, CFLAGS and CONFIGURE_FLAGS of the environment are honoured. Temporary
	files are made below TMPDIR; "stored" makes 200,000 small ones there. "far" and
	"near" keep the live project's modules in DIR/modules once they have them.
	END
}

exec </dev/null
top=$(cd "$(dirname "$0")/../.." && pwd) || exit 2
build=$top/build-bench
only=
rounds=5
seconds=2

die() {
	echo "run.sh: $*" >&2
	exit 2
}

number() {
	case $2 in
	'' | *[!0-9]* | 0* | ????*) die "$1 needs a number from 1 to 999" ;;
	esac
}

while [ $# -gt 0 ]; do
	case $1 in
	--help)
		usage
		exit 0
		;;
	--only=* | --server=* | --rounds=* | --seconds=* | --builddir=*)
		opt=${1%%=*}
		value=${1#*=}
		shift
		set -- "$opt" "$value" "$@"
		continue
		;;
	--only | --server | --rounds | --seconds | --builddir)
		[ $# -ge 2 ] || die "$1 needs a value"
		case $1 in
		--only)
			case $2 in
			static | fastcgi | cgi | memory | far | near | live | direct | stored | servers) ;;
			*) die "no row \"$2\"; run.sh --help names them" ;;
			esac
			only="$only --only $2"
			;;
		--server)
			case $2 in
			lighttpd | apache | nginx | caddy) ;;
			*) die "no server \"$2\"; run.sh --help names them" ;;
			esac
			only="$only --server $2"
			;;
		--rounds)
			number "$1" "$2"
			rounds=$2
			;;
		--seconds)
			number "$1" "$2"
			seconds=$2
			;;
		--builddir) build=$2 ;;
		esac
		shift
		;;
	*)
		usage >&2
		die "unknown option $1"
		;;
	esac
	shift
done

# lighttpd is in /usr/sbin, which an ordinary user's PATH may lack.
PATH=$PATH:/usr/sbin:/sbin
missing=
for pair in lighttpd:lighttpd python3:python3 "${CC:-cc}:gcc" make:make pkg-config:pkg-config; do
	command -v "${pair%%:*}" >/dev/null 2>&1 || missing="$missing ${pair#*:}"
done
[ -z "$missing" ] || die "missing:$missing (on Debian and Ubuntu: apt-get install$missing)"

if [ ! -x "$top/configure" ]; then
	command -v autoreconf >/dev/null 2>&1 ||
		die "missing: autoconf automake (on Debian and Ubuntu: apt-get install autoconf automake)"
	log=$(sh "$top/autogen.sh" 2>&1) || die "autogen.sh failed: $log"
fi
mkdir -p "$build" || exit 2
build=$(cd "$build" && pwd) || exit 2
if [ ! -f "$build/config.status" ]; then
	echo "run.sh: configuring in $build" >&2
	# shellcheck disable=SC2086
	(cd "$build" && "$top/configure" -q CFLAGS="${CFLAGS:--O2 -g}" $CONFIGURE_FLAGS) \
		>"$build/bench.log" 2>&1 || {
		tail -n 20 "$build/bench.log" >&2
		die "configure failed; $build/bench.log"
	}
fi
! grep -q '^#define STOA_SANITIZERS' "$build/config.h" ||
	die "$build is built with sanitizers; name another folder with --builddir"
echo "run.sh: building in $build" >&2
make -C "$build" -j"$(getconf _NPROCESSORS_ONLN)" all bench-programs >"$build/bench.log" 2>&1 || {
	tail -n 20 "$build/bench.log" >&2
	die "make failed; $build/bench.log"
}
# shellcheck disable=SC2086
exec python3 "$top/tests/bench/bench.py" --top "$top" --build "$build" \
	--rounds "$rounds" --seconds "$seconds" $only
