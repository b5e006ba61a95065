#!/bin/sh
# Where a module's repository is: known hosts, go-import pages, paths with a suffix, as
# the go command finds it.
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"
need git go openssl "$PYTHON"
slow

"$PYTHON" "$top_srcdir/tests/vcs/discovery.py" "$T" "$fetch"
exit 0
