#!/bin/sh
# Behind lighttpd: the go command over TLS and HTTP/2, nothing of the tree but the
# immutable files, passwords, and nobody who can choose what address is logged;
# with PROXY headers from a real haproxy.
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"

slow
need openssl
PYTHONPATH="$lib:$top_srcdir/tests/matrix" "$PYTHON" "$top_srcdir/tests/matrix/matrix.py" \
	--part checks lighttpd
