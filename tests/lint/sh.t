#!/bin/sh
# The shell scripts are good POSIX sh (or bash, where they say so).
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"
need shellcheck

cd "$top_srcdir" || exit 99
# SC1091: it does not follow tap.sh; SC2154, SC2034: variables that are tap.sh's.
for f in $(find autogen.sh .ci etc tests -type f 2>/dev/null | sort); do
	case $f in
	*.sh | *.t) shell='sh' ;;
	*)
		case $(head -n 1 "$f" | tr -d '\0') in
		'#!/bin/sh' | '#!/bin/sh '*) shell='sh' ;;
		'#!/bin/bash' | '#!/usr/bin/env bash') shell='bash' ;;
		*) continue ;;
		esac
		;;
	esac
	case $(head -n 1 "$f") in
	*bash*) shell='bash' ;;
	esac
	ok "$f" shellcheck --severity=warning --shell="$shell" --exclude=SC1091,SC2154,SC2034,SC3043 "$f"
done
done_testing
