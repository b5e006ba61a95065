# tests/lib/pack.sh: what the tests of packages share; sourced after tap.sh.
#
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh

# The make that runs the tests must not lend its options or its jobs to ours.
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES GNUMAKEFLAGS DESTDIR

# make_here LOG ARG...: make in the build folder, one test at a time: all of
# them make the tarball first.
make_here() {
	tap_log=$1
	shift
	flock "$top_builddir/.pack.lock" make -C "$top_builddir" "$@" >"$tap_log" 2>&1
}

# show_log LOG: the end of it, as a note
show_log() {
	tail -n "${2:-30}" "$1" | sed 's/^/#   /'
}

# size FILE: in kB, rounded up
size() {
	echo $((($(wc -c <"$1") + 1023) / 1024))
}

# These need tools that only developers have, and what they build is the same
# with every compiler and option of ours.
packing() {
	sanitized && skip_all "packages are not built with sanitizers"
	slow
	need flock make
}
