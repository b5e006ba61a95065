#!/bin/sh
# tests/run.sh: builds stoa in a folder of its own and runs every test.
#
# On Debian and Ubuntu it installs what is missing first. The last line says
# "N passed, N failed, N skipped"; the exit status is 0 when something passed
# and nothing failed.
#
# SPDX-License-Identifier: Apache-2.0

usage() {
	cat <<-'END'
	usage: sh tests/run.sh [OPTION]...

	  --no-install      do not install packages that are missing; say which
	  --only PATTERN    only tests whose name contains the pattern (a shell pattern)
	  --jobs N          run N tests at once (default: the number of processors)
	  --builddir DIR    where to build (default: build-test)
	  --sanitizers      build with address and undefined-behaviour sanitizers
	  --quick           leave out the slow end-to-end tests
	  --help

	CC and CONFIGURE_FLAGS of the environment are honoured. With STOA_TEST_COUNTS=FILE
	the three numbers go to that file too.
	END
}

exec </dev/null
top=$(cd "$(dirname "$0")/.." && pwd) || exit 1
install=yes
only=
jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
build=$top/build-test
sanitizers=

die() {
	echo "run.sh: $*" >&2
	exit 2
}

while [ $# -gt 0 ]; do
	case $1 in
	--no-install) install=no ;;
	--sanitizers) sanitizers=--enable-sanitizers ;;
	--quick)
		STOA_TEST_QUICK=1
		export STOA_TEST_QUICK
		;;
	--help)
		usage
		exit 0
		;;
	--only=* | --jobs=* | --builddir=*)
		opt=${1%%=*}
		value=${1#*=}
		shift
		set -- "$opt" "$value" "$@"
		continue
		;;
	--only | --jobs | --builddir)
		[ $# -ge 2 ] || die "$1 needs a value"
		case $1 in
		--only) only=$2 ;;
		--jobs) jobs=$2 ;;
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
case $jobs in
'' | *[!0-9]*) die "--jobs needs a number" ;;
esac

# ---------------------------------------------------------------- packages

have() {
	command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ]
}

# What to look for, and the Debian package that brings it. A library is looked
# for as pkg-config knows it, or as a header (a name with a slash or .h). Web servers
# are not started by their packages where policy-rc.d says so; the tests start
# their own.
wanted() {
	cat <<-END
	program ${CC:-cc} $(case ${CC:-cc} in *clang*) echo clang ;; *) echo gcc ;; esac)
	program make make
	program autoreconf autoconf
	program automake automake
	program pkg-config pkg-config
	module libcurl libcurl4-openssl-dev
	module libcrypto libssl-dev
	module libzip libzip-dev
	module zlib zlib1g-dev
	module jansson libjansson-dev
	module inih libinih-dev
	module check check
	header fcgiapp.h libfcgi-dev
	program python3 python3
	program openssl openssl
	program curl curl
	program git git
	program sshd openssh-server
	program ssh openssh-client
	program hg mercurial
	program svn subversion
	program fossil fossil
	program brz brz
	program lighttpd lighttpd
	program apache2 apache2
	program nginx nginx-light
	program caddy caddy
	program haproxy haproxy
	file /usr/lib/lighttpd/mod_openssl.so lighttpd-mod-openssl
	file /usr/lib/apache2/modules/mod_fcgid.so libapache2-mod-fcgid
	file /usr/lib/apache2/modules/mod_xsendfile.so libapache2-mod-xsendfile
	program spawn-fcgi spawn-fcgi
	program systemd-analyze systemd
	program strace strace
	program zsh zsh
	program fish fish
	program dpkg-buildpackage dpkg-dev
	program dh debhelper
	program lintian lintian
	program autopkgtest autopkgtest
	program rpmbuild rpm
	program rpmlint rpmlint
	program shellcheck shellcheck
	program mandoc mandoc
	program readelf binutils
	program xz xz-utils
	program go golang-go
	file /etc/ssl/certs/ca-certificates.crt ca-certificates
	END
}

header_there() {
	for dir in /usr/include /usr/local/include; do
		[ -e "$dir/$1" ] && return 0
	done
	return 1
}

missing() {
	wanted | while read -r kind what package; do
		case $kind in
		program) have "${what%% *}" ;;
		module) pkg-config --exists "$what" 2>/dev/null ;;
		header) header_there "$what" ;;
		file) [ -e "$what" ] ;;
		esac || echo "$package"
	done | sort -u
}

as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	else
		sudo "$@"
	fi
}

packages=$(missing | tr '\n' ' ')
if [ -n "$packages" ]; then
	if [ "$install" = no ]; then
		echo "run.sh: missing, and not installed because of --no-install: $packages"
	elif ! command -v apt-get >/dev/null 2>&1; then
		echo "run.sh: missing, and this is not Debian or Ubuntu: $packages"
	else
		echo "run.sh: installing $packages"
		log=${TMPDIR:-/tmp}/stoa-apt.$$
		DEBIAN_FRONTEND=noninteractive
		export DEBIAN_FRONTEND
		as_root apt-get update -qq >"$log" 2>&1 || tail -n 5 "$log"
		# shellcheck disable=SC2086
		if ! as_root apt-get install -y -qq --no-install-recommends $packages >"$log" 2>&1; then
			tail -n 5 "$log"
			echo "run.sh: not all at once; one by one"
			for p in $packages; do
				as_root apt-get install -y -qq --no-install-recommends "$p" >"$log" 2>&1 ||
					echo "run.sh: cannot install $p"
			done
		fi
		rm -f "$log"
	fi
fi

# ---------------------------------------------------------------- build

finish() {
	echo "$1 $2 $3" >"${STOA_TEST_COUNTS:-/dev/null}"
	echo "$1 passed, $2 failed, $3 skipped"
	[ "$2" -eq 0 ] && [ "$1" -gt 0 ]
	exit $?
}

# step LOG COMMAND...: its output to the log, shown only when it fails
step() {
	step_log=$1
	shift
	if ! "$@" >"$step_log" 2>&1; then
		echo "run.sh: failed: $*"
		tail -n 60 "$step_log"
		finish 0 1 0
	fi
}

if [ ! -x "$top/configure" ] || [ -n "$(find "$top/configure.ac" -newer "$top/configure")" ] ||
	[ ! -e "$top/build-aux/tap-driver.sh" ]; then
	(cd "$top" && step "${TMPDIR:-/tmp}/stoa-autogen.$$" sh ./autogen.sh) || finish 0 1 0
	rm -f "${TMPDIR:-/tmp}/stoa-autogen.$$"
fi
mkdir -p "$build" && build=$(cd "$build" && pwd) || finish 0 1 0
cd "$build" || finish 0 1 0
# The compiler and the flags decide whether an earlier build can go on.
asked_for="${CC:-cc}|$sanitizers|${CONFIGURE_FLAGS:-}|${CFLAGS:-}"
if [ ! -e Makefile ] || [ "$(cat asked-for 2>/dev/null)" != "$asked_for" ]; then
	[ ! -e Makefile ] || make -s clean >/dev/null 2>&1
	# shellcheck disable=SC2086
	step configure.out "$top/configure" ${CC:+CC="$CC"} $sanitizers ${CONFIGURE_FLAGS:-}
	printf '%s\n' "$asked_for" >asked-for
fi
sed -n '/^  stoa/,$p' configure.out 2>/dev/null
step make.out make -j"$jobs"
grep -E 'warning:' make.out

# ---------------------------------------------------------------- tests

# A test that hangs is a failed one; the longest takes some five minutes.
shell="/bin/sh"
if have timeout; then
	shell="timeout -k 20 ${STOA_TEST_TIMEOUT:-900} /bin/sh"
fi

# Results of an earlier run must not be counted.
find . \( -name '*.trs' -o -name test-suite.log \) -exec rm -f {} +
find tests -name '*.log' -exec rm -f {} + 2>/dev/null

if [ -n "$only" ]; then
	all=$(make -s --eval 'print-tests: ; @echo $(TESTS)' print-tests)
	chosen=
	for t in $all; do
		# shellcheck disable=SC2254
		case $t in
		*$only*) chosen="$chosen $t" ;;
		esac
	done
	if [ -z "$chosen" ]; then
		echo "run.sh: no test is called like $only"
		finish 0 0 0
	fi
	# check_PROGRAMS are built for `make check' only
	step check.out make -j"$jobs" check TESTS=
	make -j"$jobs" -k check T_LOG_COMPILER="$shell" TESTS="$chosen" >check.out 2>&1
else
	make -j"$jobs" -k check T_LOG_COMPILER="$shell" >check.out 2>&1
fi
rc=$?

results=$(find . -name '*.trs' | sort)
if [ -z "$results" ]; then
	tail -n 60 check.out
	echo "run.sh: no test ran"
	finish 0 1 0
fi
# shellcheck disable=SC2086
count() {
	cat $results | grep -E -c "^:test-result: ($1)( |\$)"
}
passed=$(count 'PASS')
failed=$(count 'FAIL|XPASS|ERROR')
skipped=$(count 'SKIP|XFAIL')

for r in $results; do
	if grep -E -q '^:test-result: (FAIL|XPASS|ERROR)' "$r"; then
		echo
		echo "=== ${r%.trs}"
		# what went wrong, with its notes; and the end
		awk '/^not ok|^Bail out/ { show = 1 } /^ok / { show = 0 } show' "${r%.trs}.log" | head -n 200
		echo "--- the end of its log:"
		tail -n 15 "${r%.trs}.log"
	fi
done
if [ "$skipped" -gt 0 ]; then
	echo
	echo "skipped:"
	for r in $results; do
		name=${r%.trs}
		grep -E -q '^:test-result: (SKIP|XFAIL)' "$r" || continue
		grep -E '^1\.\.0 # *SKIP|^ok .*# *SKIP|^not ok .*# *TODO' "$name.log" |
			sed "s,^.*# *SKIP *,  ${name#./}: ,; s,^not ok \([^#]*\)# *TODO,  ${name#./}: \1: to do:,"
	done
fi
if [ "$rc" -ne 0 ] && [ "$failed" -eq 0 ]; then
	tail -n 60 check.out
	echo "run.sh: make check failed without a failed test"
	failed=1
fi
echo
finish "$passed" "$failed" "$skipped"
