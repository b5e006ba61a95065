#!/bin/sh
# Mercurial over ssh and Subversion with passwords, with right, wrong and missing
# credentials; hostile servers; a damaged repository.
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"
need hg svn svnadmin svnserve openssl "$PYTHON"
slow

"$PYTHON" "$top_srcdir/tests/vcs/others.py" "$T" "$fetch"
exit 0
