#!/bin/sh
# Modules from Mercurial and Subversion repositories are what the go command makes of
# them. Some of the Mercurial ones; all with STOA_TEST_SLOW.
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"
need git go openssl hg svn svnadmin svnserve "$PYTHON"
slow

some='hg-plain hg-folders hg-branches svn-plain svn-root svn-no-mod svn-majors svn-contents svn-link svn-empty'
[ -z "${STOA_TEST_SLOW:-}" ] || some=
# shellcheck disable=SC2086
"$PYTHON" "$top_srcdir/tests/vcs/hgsvn.py" "$T" "$fetch" $some
exit 0
