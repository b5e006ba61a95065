#!/bin/sh
# `make deb': lintian has nothing to say, the packages hold what they should, the
# snippets are taken by the web servers; and, where that is allowed, autopkgtest
# installs them and downloads a module. STOA_TEST_INSTALL=yes allows it.
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/pack.sh"
packing
need dpkg-buildpackage dh dh_installsysusers autoreconf xz
dpkg-checkbuilddeps -d 'debhelper-compat (= 13)' /dev/null 2>/dev/null || skip_all "no debhelper 13"

make_here "$T/deb.log" deb || { show_log "$T/deb.log" 60; bail "make deb failed"; }
sed -n '/^sizes/,$p' "$T/deb.log" | grep -v '^make' | sed 's/^/# /'
grep -E 'warning: ' "$T/deb.log" | grep -v '^dpkg-source\|^dpkg-buildpackage' >"$T/warnings"
is "no warning" "$(cat "$T/warnings")" ""
cp -R "$top_builddir/deb" "$T/deb"
cd "$T/deb" || exit 99
for p in stoa_*_*.deb stoa-doc_*_all.deb stoa-dbgsym_*.deb stoa_*.dsc stoa_*.changes; do
	ok "$p" [ -s "$p" ]
done
if have lintian; then
	lintian --allow-root ./*.changes >"$T/lintian" 2>&1
	is "lintian has nothing to say" "$? $(cat "$T/lintian")" "0 "
else
	skip "lintian (not on this machine)"
fi

dpkg-deb -x stoa_*_*.deb "$T/root"
dpkg-deb -e stoa_*_*.deb "$T/control"
is "the configuration files are conffiles" "$(sed 's|^/etc/||' "$T/control/conffiles" | sort | tr '\n' ' ')" \
	"apache2/conf-available/stoa.conf lighttpd/conf-available/90-stoa.conf nginx/snippets/stoa.conf stoa.conf "
for f in usr/bin/stoactl usr/libexec/stoa/stoa.fcgi usr/libexec/stoa/stoa.cgi \
	usr/libexec/stoa/stoa-fetch lib/systemd/system/stoa.socket usr/lib/sysusers.d/stoa.conf \
	usr/share/bash-completion/completions/stoa.fcgi usr/share/zsh/vendor-completions/_stoactl; do
	ok "/$f" [ -e "$T/root/$f" ]
done
ok "a folder for the cache" [ -d "$T/root/var/cache/stoa" ]
ok "a user of its own runs it" grep -q '^User=_stoa$' "$T/root/lib/systemd/system/stoa.service"
ok "and is made" grep -q '^u _stoa ' "$T/root/usr/lib/sysusers.d/stoa.conf"
nok "no script touches a web server" \
	grep -E 'apache|lighttpd|lighty|nginx|a2en|www-data' "$T/control/postinst" "$T/control/postrm"
is "the sample is the program's" "$(cat "$T/root/etc/stoa.conf")" "$("$T/root/usr/bin/stoactl" config --sample)"
ok "and is read without an error" "$T/root/usr/bin/stoactl" --conf "$T/root/etc/stoa.conf" config

# ---------------------------------------------------------------- snippets

# The snippets, with places of ours in them, and servers that include them.
snippet() {
	sed -e "s|/run/stoa/socket|$fcgi_sock|g" -e "s|/var/cache/stoa|$T/cache|g" \
		-e "s|include fastcgi_params|include /etc/nginx/fastcgi_params|" "$T/root/etc/$1" >"$T/snippet"
}
port=$("$PYTHON" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
http_url=http://127.0.0.1:$port
mkdir "$T/www"
chmod 755 "$T"
mkmod "$T/up" --size 50000 example.com/m@v1.0.0
conf "upstream = file://$T/up" "prefix = /go"
www_user=$(id -un)
[ "$(id -u)" != 0 ] || www_user=www-data

# snippet_works SERVER COMMAND...: starts it; it serves what stoa.fcgi knows, and
# when that has stopped, what is in the cache
snippet_works() {
	server=$1
	shift
	new_cache
	start_fcgi
	chmod 666 "$fcgi_sock"
	"$@" >"$T/server.out" 2>&1 &
	started $!
	server_pid=$!
	if ! wait_for 10 curl --silent --output /dev/null "$http_url/"; then
		cat "$T/server.out"
		fail "$server starts with its snippet"
	fi
	for f in v1.0.0.mod v1.0.0.info v1.0.0.zip list; do
		http GET "/go/example.com/m/@v/$f"
		is "$server: $f, $status" "$(body_sum)" "$(file_sum "$T/up/example.com/m/@v/$f")"
	done
	http GET /go/readyz
	is "$server: readyz" "$(body)" ready
	stop_fcgi
	rm -f "$fcgi_sock"
	for f in v1.0.0.mod v1.0.0.info v1.0.0.zip; do
		http GET "/go/example.com/m/@v/$f"
		is "$server alone: $f, $status" "$(body_sum)" "$(file_sum "$T/up/example.com/m/@v/$f")"
		case $f in
		*.mod) type='text/plain; charset=utf-8' ;;
		*.info) type=application/json ;;
		*) type=application/zip ;;
		esac
		is "$server alone: its type" "$(header Content-Type)" "$type"
		is "$server alone: its lifetime" "$(header Cache-Control)" "public, max-age=31536000, immutable"
	done
	http GET /go/example.com/m/@v/list
	like "$server alone: a list is not its own to send" "$status" '5*'
	stop "$server_pid"
}

if have_lighttpd; then
	snippet lighttpd/conf-available/90-stoa.conf
	[ ! -e /etc/lighttpd/conf-available/10-fastcgi.conf ] ||
		echo 'include "/etc/lighttpd/conf-available/10-fastcgi.conf"' >>"$T/other"
	cat - "$T/other" "$T/snippet" >"$T/lighttpd.conf" 2>/dev/null <<-END
	server.document-root = "$T/www"
	server.bind = "127.0.0.1"
	server.port = $port
	server.errorlog = "$T/lighttpd.log"
	server.upload-dirs = ( "$T/tmp" )
	END
	snippet_works lighttpd env PATH="$PATH:/usr/sbin" lighttpd -D -f "$T/lighttpd.conf"
else
	skip "lighttpd's snippet (no lighttpd)"
fi
nginx=$(PATH=$PATH:/usr/sbin command -v nginx)
if [ -n "$nginx" ] && [ -e /etc/nginx/fastcgi_params ]; then
	snippet nginx/snippets/stoa.conf
	cat >"$T/nginx.conf" <<-END
	pid $T/nginx.pid;
	error_log $T/nginx.log;
	daemon off;
	$([ "$(id -u)" != 0 ] || echo "user $www_user;")
	events { }
	http {
		access_log off;
		client_body_temp_path $T/tmp;
		fastcgi_temp_path $T/tmp/f;
		proxy_temp_path $T/tmp/p;
		scgi_temp_path $T/tmp/s;
		uwsgi_temp_path $T/tmp/u;
		server { listen 127.0.0.1:$port; root $T/www; include $T/snippet; }
	}
	END
	snippet_works nginx "$nginx" -c "$T/nginx.conf" -e "$T/nginx.log"
else
	skip "nginx's snippet (no nginx)"
fi
apache=$(PATH=$PATH:/usr/sbin command -v apache2)
mods=/usr/lib/apache2/modules
if [ -n "$apache" ] && [ -e $mods/mod_proxy_fcgi.so ]; then
	snippet apache2/conf-available/stoa.conf
	{
		for m in mpm_event authz_core env alias headers proxy proxy_fcgi mime; do
			echo "LoadModule ${m}_module $mods/mod_$m.so"
		done
		printf '%s\n' "ServerName test" "Listen 127.0.0.1:$port" "ErrorLog $T/apache.log" \
			"PidFile $T/apache.pid" "DocumentRoot $T/www" "TypesConfig /dev/null" \
			"<Directory />" "Require all denied" "</Directory>"
		[ "$(id -u)" != 0 ] || printf "%s\n" "User $www_user" "Group $www_user"
		# where sites are virtual hosts
		printf '%s\n' "Include $T/snippet" "<VirtualHost *:$port>" "DocumentRoot $T/www" "</VirtualHost>"
	} >"$T/apache.conf"
	snippet_works Apache "$apache" -X -f "$T/apache.conf"
	[ "$tap_failed" = 0 ] || show_log "$T/apache.log"
else
	skip "Apache's snippet (no apache2)"
fi

# ---------------------------------------------------------------- installed

if [ "${STOA_TEST_INSTALL:-}" != yes ] || [ "$(id -u)" != 0 ] || ! have autopkgtest; then
	skip "autopkgtest (needs root, autopkgtest and STOA_TEST_INSTALL=yes)"
elif [ -n "$(dpkg-query -W -f '${db:Status-Abbrev}' stoa 2>/dev/null | grep i)" ]; then
	skip "autopkgtest (stoa is installed on this machine)"
else
	env -u TMPDIR HOME="$tap_home" autopkgtest --no-built-binaries \
		./stoa_*_*.deb ./stoa-doc_*.deb ./stoa-*/ -- null >"$T/autopkgtest" 2>&1
	rc=$?
	is "autopkgtest downloads a module" "$rc" 0
	grep -a -E '^downloaded|^readyz|PASS|FAIL' "$T/autopkgtest" | sed 's/^/#   /'
	[ $rc = 0 ] || show_log "$T/autopkgtest" 60
	ok "purge" env PATH="$PATH:/usr/sbin:/sbin" dpkg --purge stoa stoa-doc
	places="/etc /var/cache /lib/systemd /usr/libexec /usr/share/doc"
	# shellcheck disable=SC2086
	is "leaves nothing" "$(find $places -name '*stoa*' 2>/dev/null)" ""
fi
done_testing
