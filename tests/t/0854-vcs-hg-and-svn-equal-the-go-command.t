#!/bin/sh
# Modules from Mercurial and Subversion repositories are what the go command makes of
# them. Some of them, since hg starts slowly; all with STOA_TEST_SLOW.
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"
need git go openssl hg svn svnadmin svnserve "$PYTHON"
slow

some='hg-folders hg-retracted svn-plain svn-contents svn-link svn-empty'
[ -z "${STOA_TEST_SLOW:-}" ] || some=
# shellcheck disable=SC2086
"$PYTHON" "$top_srcdir/tests/vcs/hgsvn.py" "$T" "$fetch" $some
exit 0
