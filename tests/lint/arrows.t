#!/bin/sh
# Includes go downward only (DESIGN, "Includes go downward only").
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"
"$PYTHON" "$top_srcdir/tests/lint/arrows.py"
