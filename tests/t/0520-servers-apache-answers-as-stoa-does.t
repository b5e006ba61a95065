#!/bin/sh
# Some 190 requests through apache in every mode of etc/apache, at the root and below a
# mount point, are answered as stoa.fcgi answers them when it is asked directly,
# but for what tests/matrix/differences lists.
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"

slow
PYTHONPATH="$lib:$top_srcdir/tests/matrix" "$PYTHON" "$top_srcdir/tests/matrix/matrix.py" apache
