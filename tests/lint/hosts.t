#!/bin/sh
# No file names a package registry: where modules come from is the user's to say.
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"

# Built here, so that this file does not name them either.
d=.
tld="org io cn com"
{
	for t in $tld; do
		echo "proxy${d}golang$d$t"
		echo "goproxy$d$t"
	done
	echo "registry${d}npmjs"
	echo "pypi${d}org"
	echo "crates${d}io"
	echo "deb${d}debian"
	echo "archive${d}ubuntu"
	# and whatever this machine uses
	if have go; then
		user_go env GOPROXY 2>/dev/null |
			sed 's/[,|]/\n/g' | sed -n 's,^[a-z]*://,,; s,^.*@,,; s,[:/].*,,p'
	fi
} | grep -E '\.' | grep -v -E '^(127\.|localhost)' | sort -u >"$T/hosts"
ok "there is a pattern" [ -s "$T/hosts" ]

cd "$top_srcdir" || exit 99
find . \( -name .git -o -name 'build*' -o -name autom4te.cache -o -name '*.tar.*' -o -name config.log \
	-o -name '*.log' -o -name '*.trs' -o -name '.deps' \) -prune -o -type f -size -2048k -print >"$T/files"
ok "there are files to look at" [ -s "$T/files" ]
found=$(tr '\n' '\0' <"$T/files" | xargs -0 grep -I -l -i -F -f "$T/hosts" --)
is "no file names a registry's host" "$found" ""
printf 'see proxy%sgolang.org\n' "$d" >"$T/probe"
ok "the pattern would find one" grep -q -i -F -f "$T/hosts" "$T/probe"
done_testing
