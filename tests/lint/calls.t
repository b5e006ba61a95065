#!/bin/sh
# Calls that need care are made by their owners only.
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"
"$PYTHON" "$top_srcdir/tests/lint/calls.py"
