#!/bin/sh
# Random repositories are what the go command makes of them: 10 at every run, more with
# STOA_TEST_WALK=500. STOA_TEST_SEED brings a run back.
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"
need git go "$PYTHON"
slow

# shellcheck disable=SC2086
"$PYTHON" "$top_srcdir/tests/vcs/git_random.py" "$T" "$fetch" "${STOA_TEST_WALK:-10}" ${STOA_TEST_SEED:-}
exit 0
