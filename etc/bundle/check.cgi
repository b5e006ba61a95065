#!/bin/sh
# If a browser shows you this text, the host does not run CGI programs in this
# folder: switch CGI on in its control panel, or move the folder into cgi-bin.
# If it says "500" or "Forbidden", this file or the folder lacks permissions:
# chmod 755 check.cgi stoa.cgi, see INSTALL.
#
# Says what is missing for Stoa. Delete it when nothing is.
#
# SPDX-License-Identifier: Apache-2.0
printf 'Content-Type: text/html; charset=utf-8\r\nCache-Control: no-store\r\n\r\n'
cd "$(dirname "${SCRIPT_FILENAME:-$0}")" || exit 1
here=$(pwd -P)
missing=0

text() {
	printf '%s' "$*" | sed 's/&/\&amp;/g; s/</\&lt;/g; s/>/\&gt;/g'
}

# yes WHAT [DETAIL], no WHAT ADVICE, note WHAT DETAIL: a line of the table
line() {
	printf '<tr class="%s"><td>%s</td><td>%s</td><td>%s</td></tr>\n' "$1" "$2" "$(text "$3")" "$(text "$4")"
}
yes() {
	line yes yes "$1" "${2:-}"
}
no() {
	missing=$((missing + 1))
	line no MISSING "$1" "$2"
}
note() {
	line note note "$1" "$2"
}

cat <<'END'
<!DOCTYPE html>
<html lang="en"><head><title>Stoa: what is missing</title><style>
body { font-family: sans-serif; margin: 2em } td { padding: .3em 1em .3em 0; vertical-align: top }
.no td:first-child { color: #b00; font-weight: bold } .yes td:first-child { color: #070 }
</style></head><body><h1>Stoa: what is missing</h1><table>
END

yes "CGI programs run"

for f in stoa.cgi private/stoa-fetch private/lib/stoa-fetch private/lib/ld.so; do
	if [ ! -e "$f" ]; then
		no "$f" "The file is not there: unpack or upload the archive again, in binary mode."
	elif [ ! -x "$f" ]; then
		no "$f may be executed" "Set its permissions to 755 (chmod 755 $f)."
	fi
done
version=$(env -i ./stoa.cgi --version 2>&1)
case $version in
"stoa.cgi "*) yes "stoa.cgi runs" "$version" ;;
*) no "stoa.cgi runs" "${version:-It does not start: is this host a Linux of another kind of processor?}" ;;
esac
version=$(env -i "$here/private/stoa-fetch" --version 2>&1)
case $version in
"stoa-fetch "*) yes "stoa-fetch runs" "$version" ;;
*) no "stoa-fetch runs" "${version:-It does not start.} All in private/lib must be there." ;;
esac

if [ -n "$STOA_CONF" ] && [ -n "$STOA_CACHE" ]; then
	yes "rewriting (.htaccess) works"
else
	no "rewriting (.htaccess) works" "The host must have mod_rewrite and allow .htaccess to use it; .htaccess must be in this folder (names that begin with a dot are hidden by some programs)."
	STOA_CONF=$here/private/stoa.conf
	STOA_CACHE=${DOCUMENT_ROOT:-$here}/../stoa-cache
fi
export STOA_CONF STOA_CACHE

# The cache: made here if it can be, as stoa.cgi would.
mkdir -p "$STOA_CACHE/mod" 2>/dev/null
cache=$(cd "$STOA_CACHE" 2>/dev/null && pwd -P)
root=$(cd "${CONTEXT_DOCUMENT_ROOT:-${DOCUMENT_ROOT:-$here}}" 2>/dev/null && pwd -P)
if [ -n "$cache" ] && [ -d "$cache/mod" ] && [ -w "$cache" ] && [ -w "$cache/mod" ]; then
	yes "the cache can be written" "$cache"
else
	no "the cache can be written" "Make the folder $STOA_CACHE, writable for this program (user $(id -un 2>/dev/null || id -u)); or name another one in .htaccess, behind STOA_CACHE:."
fi
case $cache/ in
/) ;;
"$root"/* | "$here"/*) no "the cache is outside of the web root" "It is in $cache. Name a folder in .htaccess, behind STOA_CACHE:, that no URL leads to." ;;
*) yes "the cache is outside of the web root" ;;
esac

# Through this link Apache sends what is in the cache itself.
if [ -n "$cache" ] && [ ! -e mod ] && [ ! -h mod ]; then
	ln -s "$cache/mod" mod 2>/dev/null
fi
if [ -n "$cache" ] && [ "$(cd mod 2>/dev/null && pwd -P)" = "$cache/mod" ]; then
	yes "Apache sends what is in the cache" "by the link named mod"
else
	note "Apache does not send what is in the cache" "stoa.cgi does, which is slower. A symbolic link named mod in this folder, to $STOA_CACHE/mod, would change that; this program could not make it."
fi

# A question to the source: any answer will do.
upstream=$(sed -n 's/^[[:space:]]*upstream[[:space:]]*=[[:space:]]*//p' "$STOA_CONF" 2>/dev/null)
if [ -z "$upstream" ]; then
	no "a source of modules" "Set upstream in private/stoa.conf."
else
	said=$(env -i STOA_CONF="$STOA_CONF" STOA_CACHE="$STOA_CACHE" \
		"$here/private/stoa-fetch" latest golang.org/x/text 2>/dev/null)
	rc=$?
	case $rc in
	0 | 10 | 11) yes "the source answers" ;;
	*) no "the source answers" "${said:-stoa-fetch ends with $rc.} If the host forbids connections to the outside, ask for outgoing HTTPS." ;;
	esac
fi
if git=$(git --version 2>/dev/null); then
	yes "git" "$git"
else
	note "git is not there" "It is needed only for sources that are git repositories."
fi

echo '</table>'
if [ "$missing" = 0 ]; then
	echo '<p>Nothing is missing. Delete check.cgi now, since it tells everybody where things are.</p>'
else
	echo "<p>Missing: $missing. Load this page again when you have changed something.</p>"
fi
echo '</body></html>'
