#!/bin/sh
# Modules from Fossil repositories are what the go command makes of them.
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"
need fossil go openssl "$PYTHON"
slow

"$PYTHON" "$top_srcdir/tests/vcs/fossil.py" "$T" "$fetch"
exit 0
