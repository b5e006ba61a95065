#!/bin/sh
# list, @latest and queries: fresh ones are served without asking; stale ones at
# once, with one refresh in the background; older ones after a refresh; and when
# the source is down, whatever there is. Time is made by touch, not by waiting.
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"

mkmod "$T/up" --latest --branch main example.com/m@v1.0.0
start_upstream
conf "upstream = $up_url" 'list_ttl = 60s' 'list_stale = 600s'
start_fcgi

up="$T/up/example.com/m"
cached="$T/cache/mod/example.com/m/@v/list"

# aged SECONDS FILE
aged() {
	touch -d "-$1 seconds" "$2"
}

# count: how often this very thing was asked for (a refresh may bring along more)
count() {
	asked " $url\$"
}

is_asked() {
	[ "$(count)" -eq "$1" ]
}

has_new() {
	grep -q v1.1.0 "$1"
}

# mtime_is_new FILE: learnt within the last half minute
learnt_now() {
	[ "$(($(date +%s) - $(stat -c %Y "$1")))" -lt 30 ]
}

query() {
	find "$T/cache/state/query" -type f | head -n 1
}

for way in cgi fcgi; do
	# URL, the cached file, what it says at first, what later
	for what in list latest query; do
		new_cache
		stop_fcgi
		start_fcgi
		rm -rf "$T/up/example.com"
		mkmod "$T/up" --latest --branch main example.com/m@v1.0.0
		asked_nothing
		case $what in
		list) url=/example.com/m/@v/list cached="$T/cache/mod/example.com/m/@v/list" ;;
		latest) url=/example.com/m/@latest cached="$T/cache/mod/example.com/m/@latest" ;;
		query) url=/example.com/m/@v/main.info cached= ;;
		esac
		"$way" GET $url
		like "$way $what: the first" "$status $(body)" '200 *v1.0.0*'
		[ $what != query ] || cached=$(query)
		ok "$way $what: it is kept" [ -s "$cached" ]
		n=$(count)
		mkmod "$T/up" --latest --branch main example.com/m@v1.1.0

		"$way" GET $url
		like "$way $what: fresh" "$status $(body)" '200 *v1.0.0*'
		aged 50 "$cached"
		"$way" GET $url
		is "$way $what: fresh means that nobody is asked" "$status $(count)" "200 $n"
		age=$(header cache-control | sed -n 's/.*max-age=\([0-9]*\).*/\1/p')
		ok "$way $what: nobody may keep it for longer than it is fresh" [ "${age:-0}" -le 10 ]

		aged 70 "$cached"
		rule '{"path": "", "gate": "'"$T/gate"'"}'
		"$way" GET $url
		like "$way $what: stale is served at once" "$status $(body)" '200 *v1.0.0*'
		ok "$way $what: and asked for in the background" wait_for 10 is_asked $((n + 1))
		"$way" GET $url
		"$way" GET $url
		"$way" GET $url
		like "$way $what: meanwhile too" "$status $(body)" '200 *v1.0.0*'
		: >"$T/gate"
		if [ $what = list ]; then
			ok "$way $what: the new one arrives" wait_for 10 has_new "$cached"
		else
			ok "$way $what: the new one arrives" wait_for 10 grep -q v1.1.0 "$cached"
		fi
		ok "$way $what: learnt now" learnt_now "$cached"
		is "$way $what: by one request" "$(count)" $((n + 1))
		rm -f "$T/gate"
		no_rules
		"$way" GET $url
		like "$way $what: the new one is served" "$status $(body)" '200 *v1.1.0*'
		is "$way $what: and is fresh" "$(count)" $((n + 1))

		mkmod "$T/up" --latest --branch main example.com/m@v1.2.0
		aged 700 "$cached"
		"$way" GET $url
		like "$way $what: too old: the client waits" "$status $(body)" '200 *v1.2.0*'
		n=$(count)

		rule '{"path": "", "status": 500}'
		aged 100000 "$cached"
		"$way" GET $url
		like "$way $what: the source is down: what there is" "$status $(body)" '200 *v1.2.0*'
		ok "$way $what: it was asked" [ "$(count)" -gt "$n" ]
		n=$(count)
		"$way" GET $url
		is "$way $what: a source that is down is not asked each time" "$status $(count)" "200 $n"
		no_rules

		# of the @latest the cache still holds the version's files
		rule '{"path": "", "status": 404}'
		rm -rf "$T/cache/state/refused/"*
		aged 100000 "$cached"
		"$way" GET $url
		case $what in
		latest) like "$way $what: gone at the source" "$status $(body)" '200 *v1.2.0*' ;;
		*) like "$way $what: gone at the source" "$status $(body)" '404 not found: *404*' ;;
		esac
		n=$(count)
		no_rules

		aged 100000 "$cached"
		stop_fcgi
		start_fcgi STOA_OFFLINE=yes
		"$way" GET $url STOA_OFFLINE=yes
		like "$way $what: offline" "$status $(body)" '200 *v1.2.0*'
		is "$way $what: offline asks nobody" "$(count)" "$n"
	done
done
done_testing
