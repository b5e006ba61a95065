#!/bin/sh
# If-None-Match, If-Modified-Since, Range and If-Range by RFC 9110; what does not
# parse is as if it were not there.
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"

mkmod "$T/cache/mod" --size 5000 example.com/m@v1.0.0
conf 'offline = yes'
start_fcgi
file="$T/cache/mod/example.com/m/@v/v1.0.0.zip"
url=/example.com/m/@v/v1.0.0.zip
touch -d '2024-05-06T07:08:09Z' "$file"
size=$(wc -c <"$file" | tr -d ' ')
whole=$(file_sum "$file")
date='Mon, 06 May 2024 07:08:09 GMT'

# part FROM LENGTH: the sum of so many bytes of the file
part() {
	tail -c +$(($1 + 1)) "$file" | head -c "$2" | sha256sum | cut -d ' ' -f 1
}

# ranged RANGE FROM LENGTH [VAR=VALUE]
ranged() {
	r=$1
	from=$2
	n=$3
	shift 3
	"$way" GET $url "HTTP_RANGE=$r" "$@"
	is "$way $r $*: status and place" "$status $(header content-range) $(header content-length)" \
		"206 bytes $from-$((from + n - 1))/$size $n"
	is "$way $r $*: bytes" "$(body_sum)" "$(part "$from" "$n")"
}

# all CLAIM [VAR=VALUE]...: the answer is the whole file
all() {
	claim=$1
	shift
	"$way" GET $url "$@"
	is "$way $claim: the whole" "$status $(header content-range)$(body_sum)" "200 $whole"
}

# unchanged CLAIM [VAR=VALUE]...
unchanged() {
	claim=$1
	shift
	"$way" GET $url "$@"
	is "$way $claim: 304 without a body" "$status $(wc -c <"$T/body" | tr -d ' ')" "304 0"
	is "$way $claim: with the tag" "$(header etag)" "$tag"
}

for way in cgi fcgi; do
	"$way" GET $url
	tag=$(header etag)
	is "$way: the date" "$(header last-modified)" "$date"
	is "$way: ranges are offered" "$(header accept-ranges)" bytes

	unchanged "the same tag" "HTTP_IF_NONE_MATCH=$tag"
	unchanged "the same tag, weak" "HTTP_IF_NONE_MATCH=W/$tag"
	unchanged "in a list" "HTTP_IF_NONE_MATCH=\"a\", W/\"b,c\" ,$tag"
	unchanged "any" "HTTP_IF_NONE_MATCH=*"
	unchanged "the tag decides, not the date" "HTTP_IF_NONE_MATCH=$tag" \
		'HTTP_IF_MODIFIED_SINCE=Mon, 01 Jan 2001 00:00:00 GMT'
	unchanged "the same date" "HTTP_IF_MODIFIED_SINCE=$date"
	unchanged "a later date" "HTTP_IF_MODIFIED_SINCE=Tue, 07 May 2024 07:08:09 GMT"
	unchanged "a date of RFC 850" "HTTP_IF_MODIFIED_SINCE=Monday, 06-May-24 07:08:09 GMT"
	unchanged "a date of asctime" "HTTP_IF_MODIFIED_SINCE=Mon May  6 07:08:09 2024"
	"$way" HEAD $url "HTTP_IF_NONE_MATCH=$tag"
	is "$way HEAD with the same tag" "$status" 304

	all "another tag" 'HTTP_IF_NONE_MATCH="other"'
	all "another tag, though the date is the same" 'HTTP_IF_NONE_MATCH="other"' \
		"HTTP_IF_MODIFIED_SINCE=$date"
	all "an earlier date" 'HTTP_IF_MODIFIED_SINCE=Sun, 05 May 2024 07:08:09 GMT'

	ranged bytes=0-0 0 1
	ranged bytes=0-99 0 100
	ranged bytes=100-199 100 100
	ranged bytes=4000- 4000 $((size - 4000))
	ranged bytes=-1 $((size - 1)) 1
	ranged bytes=-100 $((size - 100)) 100
	ranged bytes=-999999 0 "$size"
	ranged "bytes=10-$((size + 100))" 10 $((size - 10))
	ranged "bytes=0-9223372036854775807" 0 "$size"
	ranged bytes=5-9 5 5 "HTTP_IF_RANGE=$tag"
	ranged bytes=5-9 5 5 "HTTP_IF_RANGE=$date"
	all "If-Range with another tag" HTTP_RANGE=bytes=5-9 'HTTP_IF_RANGE="other"'
	all "If-Range with a weak tag" HTTP_RANGE=bytes=5-9 "HTTP_IF_RANGE=W/$tag"
	all "If-Range with another date" HTTP_RANGE=bytes=5-9 \
		'HTTP_IF_RANGE=Tue, 07 May 2024 07:08:09 GMT'
	for r in "bytes=$size-" "bytes=$((size + 5))-$((size + 9))" bytes=-0 bytes=9223372036854775807-; do
		"$way" GET $url "HTTP_RANGE=$r"
		is "$way $r is not satisfiable" "$status $(header content-range)" "416 bytes */$size"
		unlike "$way $r: not cached for ever" "$(header cache-control)" '*immutable*'
	done
	"$way" HEAD $url HTTP_RANGE=bytes=0-9
	case $status in
	200) is "$way HEAD ignores ranges" "$(header content-length)" "$size" ;;
	*) is "$way HEAD answers as GET would" "$status $(header content-length)" "206 10" ;;
	esac
	is "$way HEAD has no body" "$(wc -c <"$T/body" | tr -d ' ')" 0
	unchanged "a range of what has not changed" "HTTP_IF_NONE_MATCH=$tag" HTTP_RANGE=bytes=0-9

	# broken ones: tests/data/brokenheaders has NAME<tab>VALUE
	n=0
	while IFS='	' read -r name value; do
		case $name in '' | '#'*) continue ;; esac
		n=$((n + 1))
		"$way" GET $url "$name=$value"
		is "$way broken: $name: $value" "$status $(body_sum)" "200 $whole"
	done <"$top_srcdir/tests/data/brokenheaders"
	ok "$way: there are broken ones" [ $n -ge 40 ]

	big=$("$PYTHON" -c 'print("x" * 100000)')
	all "a header of 100 kB" "HTTP_COOKIE=$big"
	all "a tag of 100 kB" "HTTP_IF_NONE_MATCH=\"$big\""
	all "a range of 100 kB" "HTTP_RANGE=bytes=$big"
done
done_testing
