#!/bin/sh
# Repositories over http and ssh with right, wrong and missing credentials; hostile
# servers and repositories; damaged ones; what is run, and how often.
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"
need git "$PYTHON"
slow

"$PYTHON" "$top_srcdir/tests/vcs/served.py" "$T" "$fetch"
exit 0
