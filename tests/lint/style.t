#!/bin/sh
# The house style, as far as a script can see it.
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"
"$PYTHON" "$top_srcdir/tests/lint/style.py"
