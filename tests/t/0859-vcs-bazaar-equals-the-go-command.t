#!/bin/sh
# Modules from Bazaar branches are what the go command makes of them; and branches that mean
# no good.
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"
need brz go openssl "$PYTHON"
slow

"$PYTHON" "$top_srcdir/tests/vcs/bazaar.py" "$T" "$fetch"
exit 0
