#!/bin/sh
# Random repositories are what the go command makes of them: 2 at every run, 500 with
# STOA_TEST_SLOW. STOA_TEST_SEED brings a run back.
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"
need git go "$PYTHON"
slow

n=2
[ -z "${STOA_TEST_SLOW:-}" ] || n=500
# shellcheck disable=SC2086
"$PYTHON" "$top_srcdir/tests/vcs/git_random.py" "$T" "$fetch" "$n" ${STOA_TEST_SEED:-}
exit 0
