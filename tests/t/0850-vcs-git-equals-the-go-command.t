#!/bin/sh
# Modules from git repositories are what the go command makes of them: lists, @latest,
# versions, times, origins, go.mod files, hashes and refusals.
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"
need git go "$PYTHON"
slow

"$PYTHON" "$top_srcdir/tests/vcs/git_differential.py" "$T" "$fetch"
exit 0
