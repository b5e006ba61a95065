#!/bin/sh
# The manual pages are good mdoc.
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"
need mandoc

pages=$(find "$top_srcdir/man" "$top_builddir/man" -name '*.[1-9]' 2>/dev/null | sort -u)
[ -n "$pages" ] || skip_all "no manual pages yet"
for p in $pages; do
	ok "${p##*/}" mandoc -Tlint -W warning "$p"
done
done_testing
