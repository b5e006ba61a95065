#!/bin/sh
# What `make dist' makes is built and installed with a compiler, make, pkg-config
# and the libraries: no autoconf, no python, no mandoc, no perl.
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/pack.sh"
packing
need xz tar automake autoconf

make_here "$T/dist.log" dist || { show_log "$T/dist.log"; bail "make dist failed"; }
set -- "$top_builddir"/stoa-*.tar.xz
ok "one tarball" [ $# = 1 ]
say "the tarball: $(size "$1") kB"
mkdir "$T/src"
tar -C "$T/src" -xf "$1"
top=$(echo "$T"/src/*)

is "configure is in it" "$(head -n 1 "$top/configure")" "#! /bin/sh"
is "nothing of git is" "$(find "$top" -name '.git*')" ""
tracked=$(git -C "$top_srcdir" ls-files 2>/dev/null | grep -v -e '^\.gitignore$' -e '^\.ci/')
if [ -n "$tracked" ] && [ -z "$(git -C "$top_srcdir" status --short 2>/dev/null)" ]; then
	is "everything that git tracks is" \
		"$(echo "$tracked" | while read -r f; do [ -e "$top/$f" ] || echo "$f"; done)" ""
else
	skip "everything that git tracks is (no repository, or changes in it)"
fi

# A PATH of what POSIX has, and of what is said to be needed.
mkdir "$T/bin"
for p in cc gcc ld as ar ranlib nm strip make pkg-config pkgconf \
	sh awk basename cat chmod cmp comm cp cut date dd diff dirname echo ed env expr false \
	find fold grep egrep fgrep head hostname id install join ln ls mkdir mkfifo mktemp mv \
	od paste printf pwd readlink rm rmdir sed sleep sort stat tail tee test touch tr true \
	tsort uname uniq wc xargs; do
	real=$(command -v "$p") && case $real in /*) ln -s "$real" "$T/bin/$p" ;; esac
done
PATH_BEFORE=$PATH
lacks() {
	! PATH=$T/bin command -v "$1" >/dev/null
}
for p in autoconf automake m4 perl python3 mandoc git; do
	ok "no $p while it is built" lacks "$p"
done

mkdir "$T/build"
cd "$T/build" || exit 99
chmod -R a-w "$top"
ok "configure" env -i PATH="$T/bin" "$top/configure" --prefix=/usr --sysconfdir=/etc --localstatedir=/var
ok "make" env -i PATH="$T/bin" make -j2
grep 'warning:' "$T/ok.out" >"$T/warnings"
is "without a warning" "$(cat "$T/warnings")" ""
ok "make install-strip" env -i PATH="$T/bin" make install-strip DESTDIR="$T/root"
PATH=$PATH_BEFORE
chmod -R u+w "$top"
for f in bin/stoactl libexec/stoa/stoa.fcgi libexec/stoa/stoa.cgi libexec/stoa/stoa-fetch \
	share/man/man5/stoa.conf.5 share/man/man7/stoa.7 share/doc/stoa/README.md \
	share/doc/stoa/examples/stoa.conf.sample lib/systemd/system/stoa.socket \
	lib/systemd/system/stoa.service lib/sysusers.d/stoa.conf; do
	ok "/usr/$f" [ -s "$T/root/usr/$f" ]
done
is "all files are below /usr" "$(ls "$T/root")" usr
like "it runs" "$("$T/root/usr/bin/stoactl" version)" "stoactl (stoa) [0-9]*"
is "nothing in it names where it was built" \
	"$(grep -rlF -e "$T" -e "$top_srcdir" "$T/root" | sed "s|^$T/||")" ""
done_testing
