#!/bin/sh
# etc/quickstart.sh: builds Stoa and serves it with a web server, without any
# configuration, for as long as it runs.
#
# Promises: nothing is installed but Debian packages, which it names first;
# nothing is written but the build folder (and configure), the cache's folder
# and a temporary folder that goes with it; it listens on the loopback addresses
# only; and when it ends, everything that it started has ended.
#
# SPDX-License-Identifier: Apache-2.0

usage() {
	cat <<-'END'
	Usage: sh etc/quickstart.sh [OPTION]...
	Builds Stoa and serves Go modules at http://localhost:3000 until Ctrl-C.

	  --server NAME     the web server: lighttpd (the default), apache, nginx or caddy
	  --port N          the port, instead of 3000
	  --prefix PATH     serve below this path, such as /go
	  --cache DIR       where modules are kept (default: stoa in $XDG_CACHE_HOME,
	                    which is ~/.cache when unset)
	  --upstream LIST   where modules come from, as in GOPROXY (default: GOPROXY of
	                    the environment, else what "go env GOPROXY" says)
	  --conf FILE       a settings file, see stoa.conf(5) (default: none is read)
	  --no-install      do not install missing packages; say which they are
	  --build-only      build, and do not serve
	  --build-dir DIR   where to build (default: build-quickstart in the source tree)
	  --help            this text

	STOA_<KEY> variables of the environment are settings too.
	END
}

say() {
	printf 'quickstart: %s\n' "$*"
}

# usage_error TEXT: the caller's mistake
usage_error() {
	printf 'quickstart: %s\n' "$*" >&2
	exit 2
}

die() {
	printf 'quickstart: %s\n' "$*" >&2
	exit 1
}

# ---------------------------------------------------------------- options

set -f # nothing here is a pattern of file names
top=$(cd "$(dirname "$0")/.." && pwd -P) || exit 1
port=3000
server=lighttpd
prefix=
cache=
upstream=
conf=${STOA_CONF:-}
install=yes
serve=yes
build=$top/build-quickstart

while [ $# -gt 0 ]; do
	case $1 in
	--server=* | --port=* | --prefix=* | --cache=* | --upstream=* | --conf=* | --build-dir=*)
		option=${1%%=*}
		value=${1#*=}
		shift
		set -- "$option" "$value" "$@"
		continue
		;;
	--server | --port | --prefix | --cache | --upstream | --conf | --build-dir)
		[ $# -ge 2 ] || usage_error "$1 needs a value"
		[ -n "$2" ] || usage_error "$1 needs a value that is not empty"
		case $1 in
		--server) server=$2 ;;
		--port) port=$2 ;;
		--prefix) prefix=$2 ;;
		--cache) cache=$2 ;;
		--upstream) upstream=$2 ;;
		--conf) conf=$2 ;;
		--build-dir) build=$2 ;;
		esac
		shift
		;;
	--no-install) install=no ;;
	--build-only) serve=no ;;
	--help | -h)
		usage
		exit 0
		;;
	*)
		usage >&2
		usage_error "unknown option \"$1\""
		;;
	esac
	shift
done

# What it is called as a program and as a package.
case $server in
lighttpd) web_program=lighttpd web_package=lighttpd ;;
apache) web_program=apache2 web_package=apache2 ;;
nginx) web_program=nginx web_package=nginx-light ;;
caddy) web_program=caddy web_package=caddy ;;
*) usage_error "--server needs lighttpd, apache, nginx or caddy, not \"$server\"" ;;
esac

case $port in
*[!0-9]* | ??????*) usage_error "--port needs a number from 1 to 65535, not \"$port\"" ;;
esac
if [ "$port" -lt 1 ] || [ "$port" -gt 65535 ]; then
	usage_error "--port needs a number from 1 to 65535, not \"$port\""
fi
prefix=${prefix%/}
case $prefix in
'') ;;
*[!A-Za-z0-9/_-]* | *//*) usage_error "--prefix needs a path of letters, digits, - and _, such as /go" ;;
/*) ;;
*) usage_error "--prefix needs a path that begins with a slash, such as /go" ;;
esac

# absolute PATH: as the responder wants it
absolute() {
	case $1 in
	/*) printf '%s\n' "$1" ;;
	*) printf '%s\n' "$PWD/$1" ;;
	esac
}

build=$(absolute "$build")
if [ -n "$conf" ]; then
	conf=$(absolute "$conf")
	[ -r "$conf" ] || usage_error "cannot read the settings file $conf"
fi

# conf_has KEY: the settings file sets it outside any section
conf_has() {
	[ -n "$conf" ] && sed -n '/^[[:space:]]*\[/q; p' "$conf" |
		grep -q "^[[:space:]]*$1[[:space:]]*[=:]"
}

# ---------------------------------------------------------------- upstream

# Whether one entry of the list is the address that we are going to serve at.
is_ourselves() {
	case $1 in
	http://*) ;;
	*) return 1 ;;
	esac
	host=${1#http://}
	host=${host%%/*}
	host=${host##*@}
	case $host in
	*]) host=$host:80 ;;
	*:*) ;;
	*) host=$host:80 ;;
	esac
	case $host in
	localhost:"$port" | 127.*:"$port" | '[::1]':"$port" | 0.0.0.0:"$port" | '[::]':"$port") ;;
	*) return 1 ;;
	esac
}

# The list without passwords, for people.
shown() {
	printf '%s\n' "$upstream" | sed 's,//[^/@]*@,//,g'
}

check_upstream() {
	for entry in $(printf '%s\n' "$upstream" | tr ',|' '  '); do
		if is_ourselves "$entry"; then
			usage_error "the upstream ($from) is $(shown), which is the address that Stoa" \
				"is going to serve at: it would ask itself. Name another one with --upstream"
		fi
	done
}

# Whether modules may come straight from their repositories.
wants_direct() {
	case ,$(printf '%s' "$upstream" | tr '|' ','), in
	*,direct,*) ;;
	*) return 1 ;;
	esac
}

choose_upstream() {
	from=--upstream
	[ -z "$upstream" ] || return 0
	# The settings say it: they are not overruled.
	if [ -n "${STOA_UPSTREAM:-}" ]; then
		upstream=$STOA_UPSTREAM from=STOA_UPSTREAM
	elif conf_has upstream; then
		return 0
	elif [ -n "${GOPROXY:-}" ]; then
		upstream=$GOPROXY from='GOPROXY of the environment'
	elif command -v go >/dev/null 2>&1; then
		upstream=$(cd / && go env GOPROXY 2>/dev/null) from='go env GOPROXY'
	fi
	[ -n "$upstream" ] || usage_error "where do modules come from? There is no GOPROXY in the" \
		"environment and no go command to ask. Name a module proxy with --upstream URL"
}

# Before anything is installed or built.
if [ "$serve" = yes ]; then
	choose_upstream
	[ -z "$upstream" ] || check_upstream
fi

# ---------------------------------------------------------------- packages

PATH=$PATH:/usr/sbin:/usr/local/sbin
export PATH

has_program() {
	command -v "$1" >/dev/null 2>&1
}

has_library() {
	has_program pkg-config && pkg-config --exists "$1"
}

has_header() {
	for folder in /usr/include /usr/local/include; do
		[ ! -e "$folder/$1" ] || return 0
	done
	return 1
}

missing_packages() {
	compiler=${CC:-cc}
	has_program "${compiler%% *}" || echo gcc libc6-dev
	has_program make || echo make
	# A release has a configure script of its own.
	if [ ! -e "$top/configure" ] || [ -e "$top/.git" ]; then
		has_program autoreconf || echo autoconf
		has_program automake || echo automake
	fi
	has_program pkg-config || echo pkg-config
	has_library inih || echo libinih-dev
	has_library libcurl || echo libcurl4-openssl-dev
	has_library libcrypto || echo libssl-dev
	has_library libzip || echo libzip-dev
	has_library zlib || echo zlib1g-dev
	has_library jansson || echo libjansson-dev
	has_header fcgiapp.h || echo libfcgi-dev
	! wants_direct || has_program git || echo git
	[ "$serve" = no ] || has_program "$web_program" || echo "$web_package"
	[ "$serve" = no ] || [ -e /etc/ssl/certs/ca-certificates.crt ] || ! has_program apt-get ||
		echo ca-certificates
}

install_packages() {
	say "missing packages: $missing"
	[ "$install" = yes ] || die "not installed because of --no-install"
	has_program apt-get || die "this system has no apt-get; install what these Debian packages hold"
	case " $missing " in
	*" $web_package "*) say "note: the package $web_package also starts a server of its own on port 80" ;;
	esac
	sudo=
	if [ "$(id -u)" != 0 ]; then
		has_program sudo || die "run as root: apt-get install --no-install-recommends $missing"
		sudo=sudo
	fi
	say "running: ${sudo:+sudo }apt-get install --no-install-recommends $missing"
	$sudo apt-get update -qq || die "apt-get update failed"
	# shellcheck disable=SC2086
	$sudo env DEBIAN_FRONTEND=noninteractive \
		apt-get install -y -qq --no-install-recommends $missing ||
		die "the packages could not be installed"
}

missing=$(missing_packages | tr '\n' ' ')
missing=${missing% }
[ -z "$missing" ] || install_packages

# ---------------------------------------------------------------- build

child=

# step WHAT COMMAND...: in the build folder; its output only when it fails. In the
# background, because a shell puts signals off until a command has ended.
step() {
	what=$1
	shift
	(cd "$build" && exec "$@") >"$build/quickstart.log" 2>&1 &
	child=$!
	if wait "$child"; then
		child=
		rm -f "$build/quickstart.log"
		return 0
	fi
	child=
	tail -n 40 "$build/quickstart.log" >&2
	die "$what failed; the whole output is in $build/quickstart.log"
}

# shellcheck disable=SC2317,SC2329
stop_building() {
	[ -z "$child" ] || kill -s TERM "$child" 2>/dev/null
	die stopped
}

configure() {
	[ ! -e "$top/config.status" ] ||
		die "the source tree is configured in place; run \"make distclean\" in it first"
	[ -e "$top/configure" ] || step autogen.sh sh "$top/autogen.sh"
	# The relative name lets the tree lie below a folder with a blank in its name.
	case $build in
	"$top"/*/*) source=$top ;;
	"$top"/*) source=.. ;;
	*) source=$top ;;
	esac
	step configure "$source/configure"
}

build_all() {
	jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null) || jobs=2
	unset MAKEFLAGS MFLAGS
	mkdir -p "$build" || die "cannot make $build"
	if [ ! -e "$build/Makefile" ]; then
		say "building in $build; this takes a minute"
		configure
	fi
	step make make -j"$jobs" all
	say "built: $build"
}

trap stop_building INT TERM HUP
build_all
[ "$serve" = yes ] || exit 0

# ---------------------------------------------------------------- serve

cache_from() {
	[ -z "$cache" ] || return 0
	if [ -n "${STOA_CACHE:-}" ]; then
		cache=$STOA_CACHE
	elif conf_has cache; then
		cache=$(sed -n '/^[[:space:]]*\[/q
			s/^[[:space:]]*cache[[:space:]]*[=:][[:space:]]*//p' "$conf" | sed 's/[[:space:]]*$//')
	elif [ -n "${XDG_CACHE_HOME:-}" ]; then
		cache=$XDG_CACHE_HOME/stoa
	else
		[ -n "${HOME:-}" ] || usage_error "HOME is not set; name the cache's folder with --cache"
		cache=$HOME/.cache/stoa
	fi
}

cache_from
cache=$(absolute "$cache")
mkdir -p "$cache" || exit 1
cache=$(cd "$cache" && pwd -P) || exit 1
[ -w "$cache" ] || die "cannot write to the cache's folder $cache"

run=
web=
fcgi=
backends=

is_alive() {
	kill -0 "$1" 2>/dev/null || return 1
	case $(ps -o stat= -p "$1" 2>/dev/null) in
	'' | Z*) return 1 ;;
	esac
}

pause() {
	sleep 0.1 2>/dev/null || sleep 1
}

# gone TENTHS PID...: waits until they have ended
gone() {
	left=$1
	shift
	for pid; do
		while is_alive "$pid"; do
			[ "$left" -gt 0 ] || return 1
			left=$((left - 1))
			pause
		done
	done
}

# What the web server has started: its workers, and the responder that lighttpd
# starts. Helpers are the responder's, and end with it.
find_backends() {
	backends=$fcgi' '$(ps -A -o pid= -o ppid= | while read -r pid ppid; do
		[ "$ppid" != "$web" ] || echo "$pid"
	done)
}

# shellcheck disable=SC2317,SC2329
stop() {
	trap '' INT TERM HUP
	trap - EXIT
	find_backends
	if [ -n "$web" ]; then
		kill -s TERM "$web" 2>/dev/null
		gone 30 "$web" || kill -s KILL "$web" 2>/dev/null
		wait "$web" 2>/dev/null
	fi
	# The web server has passed the TERM on; a second one is harmless.
	for pid in $backends; do
		kill -s TERM "$pid" 2>/dev/null
	done
	# shellcheck disable=SC2086
	gone 40 $backends || for pid in $backends; do
		kill -s KILL "$pid" 2>/dev/null
	done
	[ -z "$run" ] || rm -rf "$run"
	exit "$1"
}

run=$(mktemp -d "${TMPDIR:-/tmp}/stoa-quickstart.XXXXXX") || exit 1
trap 'stop 1' EXIT
trap 'echo; say stopped; stop 0' INT TERM HUP

case $run in
*[[:space:]\"\\]*) die "TMPDIR has a blank, a quote or a backslash in its name" ;;
esac
case $server:$cache in
*[\"\\]*) die "the cache's folder has a quote or a backslash in its name" ;;
lighttpd:*) ;;
*[\$%{}]*) die "the cache's folder has a character in its name that $server takes for its own" ;;
esac

# escaped TEXT: for the right side of sed's s|...|...|
escaped() {
	printf '%s\n' "$1" | sed 's/[\\&|]/\\&/g'
}

has_ipv6() {
	grep -q '^0\{31\}1 ' /proc/net/if_inet6 2>/dev/null ||
		ifconfig lo0 2>/dev/null | grep -q '::1'
}

# fill FILE: one of etc/, with the names between at signs filled in
fill() {
	sed -e '/^[[:space:]]*#/d' \
		-e "s|@PORT@|$port|g" -e "s|@PREFIX@|$prefix|g" \
		-e "s|@CACHE@|$(escaped "$cache")|g" -e "s|@CONF@|$(escaped "${conf:-/dev/null}")|g" \
		-e "s|@FCGI@|$run/stoa.fcgi|g" -e "s|@SOCKET@|$run/socket|g" \
		-e "s|@RUN@|$run|g" -e "s|@SITE@|$run/site|g" -e "s|@EXTRA@|$run/extra|g" \
		-e "s|@UPSTREAM@|$run/upstream.conf|g" -e "s|@PIDFILE@|$run/pid|g" \
		-e "s|@ERRORLOG@|$run/log|g" -e "s|@ACCESSLOG@|$run/access.log|g" \
		-e "s|@MODULES@|$modules|g" "$top/etc/$1"
}

# Each configure_SERVER writes the configuration and sets $command, which keeps in
# the foreground. "localhost" may also stand for ::1.

# Without log files lighttpd, and the responder that it starts, write to
# standard error. A link stands for the responder, whose own path may have
# blanks.
configure_lighttpd() {
	ln -s "$build/fcgi/stoa.fcgi" "$run/stoa.fcgi"
	fill lighttpd/static-first.conf |
		sed -e '/^server\.errorlog/d' -e '/^server\.breakagelog/d' -e '/^server\.pid-file/d' \
			>"$run/conf"
	# shellcheck disable=SC2016
	! has_ipv6 || printf '$SERVER["socket"] == "[::1]:%s" { }\n' "$port" >>"$run/conf"
	command="lighttpd -D -f $run/conf"
}

configure_apache() {
	modules=
	for folder in /usr/lib/apache2/modules /usr/lib64/httpd/modules /usr/lib/httpd/modules; do
		[ ! -d "$folder" ] || modules=$folder
	done
	fill apache/apache.conf >"$run/conf"
	fill apache/static.conf >"$run/site/static.conf"
	fill apache/proxy-fcgi.conf >"$run/site/proxy-fcgi.conf"
	! has_ipv6 || printf 'Listen [::1]:%s\n<VirtualHost [::1]:%s>\nInclude "%s/site/*.conf"\n</VirtualHost>\n' \
		"$port" "$port" "$run" >"$run/extra/ipv6.conf"
	command="apache2 -f $run/conf -DFOREGROUND"
}

configure_nginx() {
	fill nginx/nginx.conf >"$run/conf"
	fill nginx/upstream-keep.conf >"$run/upstream.conf"
	fill nginx/static.conf >"$run/site/static.conf"
	fill nginx/fastcgi.conf >"$run/site/fastcgi.conf"
	! has_ipv6 || printf 'listen [::1]:%s;\n' "$port" >"$run/site/ipv6.conf"
	# Workers of another user could not read root's folders.
	[ "$(id -u)" != 0 ] || printf 'user root;\n' >>"$run/conf"
	printf 'daemon off;\n' >>"$run/conf"
	command="nginx -e $run/log -c $run/conf"
}

configure_caddy() {
	fill caddy/Caddyfile >"$run/conf"
	fill caddy/static.conf >"$run/site/static.conf"
	fill caddy/fastcgi.conf >"$run/site/fastcgi.conf"
	! has_ipv6 || sed -i 's/bind 127\.0\.0\.1$/& [::1]/' "$run/conf"
	command="env XDG_DATA_HOME=$run XDG_CONFIG_HOME=$run caddy run --adapter caddyfile --config $run/conf"
}

if [ -z "${STOA_HELPER:-}" ] && ! conf_has helper; then
	STOA_HELPER=$build/fetch/stoa-fetch
	export STOA_HELPER
fi
if [ -n "$upstream" ]; then
	STOA_UPSTREAM=$upstream
	export STOA_UPSTREAM
fi

url=http://localhost:$port$prefix

# ready: whether /readyz says so. Every Debian and Ubuntu has perl.
ready() {
	perl -MIO::Socket::INET -e '
		my $s = IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => $ARGV[0],
			Timeout => 5) or exit 1;
		print $s "GET $ARGV[1]/readyz?$ARGV[2] HTTP/1.0\r\n\r\n";
		my $line = <$s> // "";
		print while <$s>;
		exit($line =~ m{^HTTP/1\.[01] 200 } ? 0 : 1)' "$port" "$prefix" "$$" >"$run/answer" 2>/dev/null
}

not_started() {
	if grep -qi 'address already in use' "$run/log"; then
		printf 'quickstart: port %s is in use; choose another one with --port\n' "$port" >&2
	else
		tail -n 20 "$run/log" >&2
		sed -e '1,/^\r*$/d' "$run/answer" 2>/dev/null >&2
		echo "quickstart: $1" >&2
	fi
	stop 1
}

# Whoever answers at a busy port is somebody else: our own server's word first.
is_ours() {
	case $server in
	lighttpd) grep -q 'server started' "$run/log" && ready ;;
	*) ready && grep -q "readyz?$$" "$run/access.log" ;;
	esac
}

# Caddy would share it.
taken() {
	perl -MIO::Socket::INET -e 'exit(IO::Socket::INET->new(PeerAddr => "127.0.0.1",
		PeerPort => $ARGV[0], Timeout => 5) ? 0 : 1)' "$port"
}

# lighttpd starts the responder itself. Apache's user must be able to reach it.
start_responder() {
	STOA_CACHE=$cache STOA_PREFIX=$prefix/ STOA_CONF=${conf:-/dev/null} \
		"$build/fcgi/stoa.fcgi" --socket "$run/socket" >>"$run/log" 2>&1 </dev/null &
	fcgi=$!
	tries=100
	until [ -S "$run/socket" ]; do
		is_alive "$fcgi" || not_started "stoa.fcgi did not start"
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || not_started "stoa.fcgi did not start"
		pause
	done
	if [ "$(id -u)" = 0 ]; then
		chmod 711 "$run"
		chmod 666 "$run/socket"
	fi
}

: >"$run/log"
mkdir "$run/site" "$run/extra"
[ "$server" != caddy ] || ! taken ||
	die "port $port is in use; choose another one with --port"
modules=
case $server in
lighttpd) configure_lighttpd ;;
apache) configure_apache ;;
nginx) configure_nginx ;;
caddy) configure_caddy ;;
esac
[ "$server" = lighttpd ] || start_responder
$command >>"$run/log" 2>&1 </dev/null &
web=$!
tries=150
until is_ours; do
	is_alive "$web" || not_started "$server did not start"
	tries=$((tries - 1))
	[ "$tries" -gt 0 ] || not_started "Stoa is not ready"
	pause
done

if [ -n "$upstream" ]; then
	say "serving at $url from $(shown)"
else
	say "serving at $url, set up by $conf"
fi
say "cache: $cache"
say "log: $run/log"
say "Ctrl-C stops it. Use it with:"
printf '\n    GOPROXY=%s go mod download\n\n' "$url"

wait "$web"
tail -n 20 "$run/log" >&2
echo "quickstart: $server has ended" >&2
stop 1
