#!/bin/sh
# The wall: responders link no network, zip, JSON or crypto library.
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"
need readelf

# linked FILE: its libraries, without the C library's own and sanitizers'
linked() {
	readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' |
		grep -E -v '^(libc|libm|libpthread|libgcc_s|libasan|libubsan|libclang_rt[^.]*|ld-.*)\.so' |
		sed 's/\.so.*//' | sort | tr '\n' ' '
}

for p in "$cgi_bin" "$fcgi_bin" "$fetch" "$top_builddir/admin/stoactl"; do
	ok "${p##*/} is there" [ -x "$p" ]
done
case $(linked "$cgi_bin") in
'' | 'libinih ') pass "stoa.cgi links libc and libinih" ;;
*) fail "stoa.cgi links libc and libinih, but also $(linked "$cgi_bin")" ;;
esac
case $(linked "$fcgi_bin") in
'' | 'libfcgi ' | 'libfcgi libinih ') pass "stoa.fcgi links libc, libinih and libfcgi" ;;
*) fail "stoa.fcgi links libc, libinih and libfcgi, but also $(linked "$fcgi_bin")" ;;
esac
for p in "$fetch" "$top_builddir/admin/stoactl"; do
	other=$(linked "$p" | tr ' ' '\n' |
		grep -E -v '^(libcurl|libcurl-gnutls|libcrypto|libssl|libzip|libz|libjansson|libinih|libsqlite3|)$')
	is "${p##*/} links nothing that HACKING does not name" "$other" ""
done
# Unix sockets they do know: the web server's, and the helper's
calls='getaddrinfo|gethostbyname.*|getnameinfo|sendto|inet_.*|res_.*|SSL_.*|curl_.*|zip_.*|json_.*'
is "the responders call no network function" "$(readelf -s -W "$top_builddir"/cgi-bin/*.o \
	"$top_builddir"/fcgi/*.o "$top_builddir/common/libcommon.a" |
	awk '$7 == "UND" { sub(/@.*/, "", $8); print $8 }' | grep -E -x "$calls" | sort -u)" ""
done_testing
