#!/bin/sh
# etc/bundle/bundle.sh: packs the archive for shared hosts; `make bundle' runs it.
#
#	bundle.sh SRCDIR NAME STOA.CGI STOA-FETCH
#
# in the folder that gets NAME.tar.gz and the unpacked folder "go". stoa.cgi is linked
# statically. stoa-fetch cannot be, since some libraries that libcurl needs exist as
# shared ones only: its libraries go with it, libc and its loader included.
#
# SPDX-License-Identifier: Apache-2.0
set -eu
src=$1 name=$2 cgi=$3 fetch=$4

rm -rf go
mkdir -p go/private/lib
cp "$src/etc/bundle/htaccess" go/.htaccess
cp "$src/etc/bundle/private-htaccess" go/private/.htaccess
cp "$src/etc/bundle/stoa.conf" go/private/
cp "$src/COPYING" go/private/
sed "s|@ARCH@|$(uname -m)|" "$src/etc/bundle/INSTALL" >go/INSTALL
install -m 755 "$src/etc/bundle/check.cgi" go/check.cgi
install -m 755 "$cgi" go/stoa.cgi
install -m 755 "$src/etc/bundle/stoa-fetch.sh" go/private/stoa-fetch
install -m 755 "$fetch" go/private/lib/stoa-fetch
ldd "$fetch" | sed -n 's/^[^/]*\(\/[^ ]*\) (0x.*/\1/p' | while read -r lib; do
	case $lib in
	*/ld-*) install -m 755 "$lib" go/private/lib/ld.so ;;
	*) install -m 755 "$lib" go/private/lib/ ;;
	esac
done
[ -e go/private/lib/ld.so ] || { echo "bundle: no loader among the libraries of $fetch" >&2; exit 1; }
strip go/stoa.cgi go/private/lib/stoa-fetch

tar --sort=name --owner=0 --group=0 --numeric-owner --mtime="@${SOURCE_DATE_EPOCH:-0}" \
	-cf - go | gzip -9n >"$name.tar.gz"
echo "sizes in kB, packed and installed:"
echo "  $name.tar.gz $(du -k "$name.tar.gz" | cut -f 1) $(du -sk go | cut -f 1)"
echo "  stoa.cgi $(du -k go/stoa.cgi | cut -f 1), stoa-fetch $(du -k go/private/lib/stoa-fetch | cut -f 1)," \
	"$(find go/private/lib -name '*.so*' | wc -l) libraries"
