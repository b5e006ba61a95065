#!/bin/sh
# Redirects: followed up to ten, loops end, never from https to http; credentials
# go to the host that they are for and to no other.
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"
need openssl

mkmod "$T/up" example.com/m@v1.0.0 example.com/m@v1.1.0
url=/example.com/m/@v/v1.0.0.mod
want=$(file_sum "$T/up$url")
start_upstream
first=$up_url
start_upstream second "$T/up"
second=$up_url

# gives CLAIM STATUS: a fresh cache asks
gives() {
	new_cache
	cgi GET $url
	if [ "$2" = 200 ]; then
		is "$1" "$status $(body_sum)" "200 $want"
	else
		is "$1" "$status" "$2"
		nok "$1: nothing is published" published "$url"
	fi
}

new_conf "upstream = $first"
for n in 1 5 10; do
	no_rules
	rule '{"path": "", "hops": '$n'}'
	gives "$n redirects are followed" 200
done
no_rules
rule '{"path": "", "hops": 11}'
asked_nothing
gives "11 are too many" 502
like "11 are too many: the text says so" "$(body)" "upstream: *$first*redirect*"
is "11 are too many: ten were followed" "$(asked)" 11
no_rules
rule '{"path": "", "redirect": "{path}"}'
asked_nothing
gives "a loop ends" 502
ok "a loop ends soon" [ "$(asked)" -le 11 ]
for s in 301 302 303 307 308; do
	no_rules
	rule '{"path": "", "status": '$s', "redirect": "'"$second"'{path}"}'
	gives "$s to another port" 200
done
no_rules
rule '{"path": "", "redirect": "../@v/v1.0.0.mod", "times": 1}'
gives "a relative place" 200
for where in 'file:///etc/passwd' 'ftp://127.0.0.1/x' 'gopher://127.0.0.1/x' 'dict://127.0.0.1/x' \
	'//' 'http://' 'http://[::1' 'javascript:x' 'http://127.0.0.1:1/x'; do
	no_rules
	rule '{"path": "", "redirect": "'"$where"'"}'
	gives "redirected to $where" 502
	unlike "redirected to $where: no bytes of it" "$(body)" '*root:*'
done
no_rules
rule '{"path": "", "status": 302}'
gives "a redirect without a place" 502
no_rules

# credentials in the URL
new_conf "upstream = http://user:pass%20word@127.0.0.1:${first##*:}"
rule '{"path": "", "auth": "user:pass word"}'
gives "a name and password in the URL" 200
no_rules
rule '{"path": "", "redirect": "'"$second"'{path}"}'
asked_nothing second
gives "redirected to another host" 200
is "the other host was asked" "$(asked . second)" 1
nok "the other host got no credentials" grep -q -i authorization "$T/second.run/headers"
no_rules
rule '{"path": "", "redirect": "http://localhost:'"${first##*:}"'{path}", "times": 1}'
asked_nothing
gives "redirected to another name of the same host" 200
is "the other name got no credentials" "$(grep -c '"authorization"' "$T/upstream.run/headers")" 1

# a redirect to a store that takes a signed URL
no_rules
rule '{"path": "", "redirect": "'"$second"'{path}?signature=secret-word"}'
new_cache
asked_nothing second
STOA_CONF=$T/stoa.conf STOA_TRACE=all "$fetch" mod example.com/m v1.0.0 >"$T/traced" 2>&1
is "a signed URL is asked for" "$(asked . second)" 1
ok "a trace names the place" grep -q "GET $second$url" "$T/traced"
nok "a trace does not tell the signature" grep -q secret-word "$T/traced"

# credentials of a netrc file
no_rules
printf 'machine 127.0.0.1 login user password secret-word\n' >"$T/netrc"
chmod 600 "$T/netrc"
new_conf "upstream = $first" "netrc = $T/netrc"
rule '{"path": "", "auth": "user:secret-word"}'
gives "a netrc file" 200
no_rules
rule '{"path": "", "redirect": "http://localhost:'"${second##*:}"'{path}"}'
asked_nothing second
gives "a netrc file, redirected" 200
nok "a netrc file, redirected: no credentials for the other host" \
	grep -q -i authorization "$T/second.run/headers"
printf 'machine elsewhere.example login user password secret-word\ndefault login d password secret-word\n' >"$T/netrc"
no_rules
rule '{"path": "", "redirect": "http://localhost:'"${second##*:}"'{path}"}'
asked_nothing second
gives "a default entry, redirected" 200
nok "a default entry goes nowhere by a redirect" grep -q -i authorization "$T/second.run/headers"
no_rules

# what is asked for is all that is said
new_conf "upstream = $first"
asked_nothing
new_cache
cgi GET $url HTTP_AUTHORIZATION='Basic Y2xpZW50OnNlY3JldA==' HTTP_COOKIE=client-secret \
	HTTP_X_FORWARDED_FOR=192.0.2.1 HTTP_PROXY="http://127.0.0.1:1" http_proxy="http://127.0.0.1:1" \
	REMOTE_USER=client
is "a client's own headers: answered" "$status" 200
nok "a client's own headers do not reach the upstream" \
	grep -q -i -E 'authorization|cookie|client|192\.0\.2\.1' "$T/upstream.run/headers"
new_cache
cgi GET $url HTTP_PROXY="http://127.0.0.1:1"
is "a client's Proxy header is no setting" "$status" 200

# TLS
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$T/key.pem" -out "$T/cert.pem" -days 2 \
	-subj /CN=localhost -addext 'subjectAltName=DNS:localhost,IP:127.0.0.1' >/dev/null 2>&1
start_upstream tls "$T/up" --tls "$T/cert.pem" "$T/key.pem"
tls=$up_url
new_conf "upstream = $tls" "ca_file = $T/cert.pem"
gives "https with its own authority" 200
rule '{"path": "", "redirect": "'"$first"'{path}"}' tls
asked_nothing
gives "https to http is refused" 502
is "https to http is refused before it is asked" "$(asked)" 0
no_rules tls
rule '{"path": "", "hops": 3}' tls
gives "https to https" 200
no_rules tls
new_conf "upstream = $first" "ca_file = $T/cert.pem"
rule '{"path": "", "redirect": "'"$tls"'{path}"}'
gives "http to https" 200
no_rules
new_conf "upstream = $tls"
gives "an authority that is not trusted" 502
like "an authority that is not trusted: the stage" "$(body)" "upstream: *$tls*tls*"
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$T/key2.pem" -out "$T/cert2.pem" -days 2 \
	-subj /CN=other.example -addext 'subjectAltName=DNS:other.example' >/dev/null 2>&1
start_upstream othername "$T/up" --tls "$T/cert2.pem" "$T/key2.pem"
new_conf "upstream = $up_url" "ca_file = $T/cert2.pem"
gives "a certificate for another name" 502
done_testing
