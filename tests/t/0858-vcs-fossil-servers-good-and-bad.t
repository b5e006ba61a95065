#!/bin/sh
# Fossil over TLS and ssh, with rights and without; hostile servers, addresses and names; a
# damaged repository.
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"
need fossil openssl "$PYTHON"
slow

"$PYTHON" "$top_srcdir/tests/vcs/fossilbad.py" "$T" "$fetch"
exit 0
