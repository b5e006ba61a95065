#!/bin/sh
# `make rpm': rpmlint has nothing to say, and the packages hold what they should.
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/pack.sh"
packing
need rpmbuild autoconf automake xz

make_here "$T/rpm.log" rpm || { show_log "$T/rpm.log" 60; bail "make rpm failed"; }
sed -n '/^sizes/,$p' "$T/rpm.log" | grep -v '^make' | sed 's/^/# /'
mkdir "$T/rpm"
cp "$top_builddir"/rpm/RPMS/*/*.rpm "$top_builddir"/rpm/SRPMS/*.rpm "$T/rpm" || bail "no packages"
cd "$T/rpm" || exit 99
if have rpmlint; then
	rpmlint -r "$top_srcdir/etc/rpm/stoa.rpmlintrc" "$top_srcdir/etc/rpm/stoa.spec" ./*.rpm \
		>"$T/rpmlint" 2>&1
	is "rpmlint succeeds" "$?" 0
	like "it looked at all" "$(cat "$T/rpmlint")" "*3 packages and 1 specfiles checked; 0 errors, 0 warnings*"
	[ "$tap_failed" = 0 ] || show_log "$T/rpmlint"
else
	skip "rpmlint (not on this machine)"
fi

set -- stoa-[0-9]*.*64.rpm
[ -e "$1" ] || set -- stoa-[0-9]*[!c].rpm
rpm -qp --qf '[%{FILEMODES:perms} %{FILEUSERNAME} %{FILENAMES}\n]' "$1" >"$T/files"
for f in /usr/bin/stoactl /usr/libexec/stoa/stoa.fcgi /usr/libexec/stoa/stoa.cgi \
	/usr/libexec/stoa/stoa-fetch /usr/lib/systemd/system/stoa.socket \
	/usr/lib/sysusers.d/stoa.conf /usr/share/man/man7/stoa.7.gz; do
	ok "$f" grep -q " root $f\$" "$T/files"
done
ok "the cache belongs to the user" grep -q '^drwxr-xr-x stoa /var/cache/stoa$' "$T/files"
is "its one configuration file is kept" "$(rpm -qpc "$1")" /etc/stoa.conf
nok "nothing is a web server's" grep -E '/(httpd|apache|nginx|lighttpd)' "$T/files"
nok "no script touches one" sh -c "rpm -qp --scripts $1 | grep -E 'apache|httpd|nginx|lighttpd'"
done_testing
