#!/bin/sh
# The units are good, confine what they start, and allow what it does; a socket
# that systemd holds starts stoa.fcgi; etc/spawn-fcgi/stoa.sh starts, restarts
# under load and stops it.
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"

units=$top_builddir/etc/systemd
mkmod "$T/up" example.com/m@v1.0.0 example.com/m@v1.1.0 example.com/m@v1.2.0
start_upstream
conf "upstream = $up_url"

# ---------------------------------------------------------------- units

if have systemd-analyze; then
	mkdir "$T/units"
	cp "$units/stoa.socket" "$T/units"
	sed "s|^ExecStart=.*|ExecStart=$fcgi_bin|" "$units/stoa.service" >"$T/units/stoa.service"
	ok "the service names the program that is installed" \
		grep -q '^ExecStart=/.*/libexec/stoa/stoa\.fcgi$' "$units/stoa.service"
	systemd-analyze verify --man=no "$T/units/stoa.service" "$T/units/stoa.socket" >"$T/verify" 2>&1
	is "systemd-analyze verify is content" "$? $(cat "$T/verify")" "0 "
	sed -i 's/^LimitNOFILE/LimitNoFiles/' "$T/units/stoa.service"
	systemd-analyze verify --man=no "$T/units/stoa.service" >"$T/verify" 2>&1
	like "and would find a wrong name" "$(cat "$T/verify")" "*LimitNoFiles*"
	systemd-analyze security --offline=true --no-pager "$units/stoa.service" >"$T/security" 2>&1
	score=$(sed -n 's/.*exposure level for stoa.service: \([0-9.]*\).*/\1/p' "$T/security")
	say "systemd-analyze security: $score (0 is best, 10 is worst)"
	ok "the service is confined: $score of at most 1.5" awk "BEGIN { exit !(${score:-10} <= 1.5) }"
else
	skip "units (no systemd-analyze on this machine)"
fi

# What a hit, a miss and a stop call, against the service's filter.
if sanitized || ! have strace || ! have systemd-analyze; then
	skip "the system calls (no strace, no systemd-analyze, or sanitizers)"
else
	"$PYTHON" "$lib/withsocket.py" --fd 0 --unix "$fcgi_sock" -- env STOA_CONF="$T/stoa.conf" \
		strace -f -qq -o "$T/trace" "$fcgi_bin" 2>>"$T/err" &
	started $!
	wait_for 10 listens "$fcgi_sock"
	fcgi GET /readyz
	is "ready, traced" "$status" 200
	fcgi GET /example.com/m/@v/v1.0.0.zip
	is "a miss, traced" "$status" 200
	fcgi GET /example.com/m/@v/v1.0.0.zip
	is "a hit, traced" "$status" 200
	fcgi GET /example.com/m/@v/list
	is "a list, traced" "$status" 200
	pid=$(sed -n '1s/ .*//p' "$T/trace")
	kill -QUIT "$pid"
	wait_for 10 is_dead "$pid"
	ok "all of it ran" grep -q 'socketpair\|accept4' "$T/trace"
	"$PYTHON" - "$units/stoa.service" "$T/trace" >"$T/forbidden" <<-'END'
	import functools, re, subprocess, sys
	@functools.lru_cache(None)
	def members(name):
	    if not name.startswith("@"):
	        return {name}
	    out = subprocess.run(["systemd-analyze", "syscall-filter", name],
	                         stdout=subprocess.PIPE, text=True, check=True).stdout
	    names = [w.strip() for w in out.splitlines()[1:] if w.strip() and "#" not in w]
	    return set().union(*map(members, names))
	allowed = set()
	for line in open(sys.argv[1]):
	    if line.startswith("SystemCallFilter="):
	        words = line.split("=", 1)[1].strip()
	        sets = set().union(*map(members, words.lstrip("~").split()))
	        allowed = allowed - sets if words[0] == "~" else allowed | sets
	used = set(re.findall(r"^\d+ +([a-z_0-9]+)\(", open(sys.argv[2]).read(), re.M))
	assert len(allowed) > 200 and len(used) > 30, (len(allowed), len(used))
	print(" ".join(sorted(used - allowed)))
	END
	is "the service's filter allows every system call" "$? $(cat "$T/forbidden")" "0 "
fi

# ---------------------------------------------------------------- a socket of systemd's

if have systemd-socket-activate; then
	rm -f "$fcgi_sock"
	systemd-socket-activate -l "$fcgi_sock" -E STOA_CONF="$T/stoa.conf" \
		${ASAN_OPTIONS:+-E ASAN_OPTIONS="$ASAN_OPTIONS"} "$fcgi_bin" 2>>"$T/err" &
	pid=$!
	started "$pid"
	wait_for 10 listens "$fcgi_sock"
	like "nothing runs before the first request" "$(tr '\0' ' ' <"/proc/$pid/cmdline")" \
		"systemd-socket-activate *"
	fcgi GET /example.com/m/@v/v1.1.0.mod
	is "the first request starts it and is answered" "$status" 200
	like "by stoa.fcgi" "$(tr '\0' ' ' <"/proc/$pid/cmdline")" "*stoa.fcgi *"
	kill -QUIT "$pid"
	ok "it stops" wait_for 10 is_dead "$pid"
	ok "the socket is not its to remove" is_socket "$fcgi_sock"
else
	skip "socket activation (no systemd-socket-activate on this machine)"
fi

# ---------------------------------------------------------------- spawn-fcgi

if have spawn-fcgi; then
	fcgi_sock=$T/run/socket
	cat >"$T/defaults" <<-END
	RUN=$T/run
	RUN_AS=
	CONF=$T/stoa.conf
	LOG=$T/err
	FCGI=$fcgi_bin
	END
	export DEFAULTS="$T/defaults"
	script="sh $top_builddir/etc/spawn-fcgi/stoa.sh"
	like "status: not running" "$($script status; echo $?)" "*not running*3"
	ok "start" $script start
	first=$(cat "$T/run/pid")
	started "$first"
	like "status: running" "$($script status; echo $?)" "*running, as $first*0"
	nok "a second start is refused" $script start
	wait_for 5 fcgi GET /healthz
	fcgi GET /example.com/m/@v/v1.2.0.mod
	is "it answers" "$status" 200
	(
		n=0
		bad=0
		while [ ! -e "$T/enough" ]; do
			fcgi GET /example.com/m/@v/v1.2.0.mod
			n=$((n + 1))
			[ "$status" = 200 ] || bad=$((bad + 1))
		done
		echo "$n $bad" >"$T/load"
	) &
	load=$!
	ok "restart, under load" $script restart
	touch "$T/enough"
	wait "$load"
	second=$(cat "$T/run/pid")
	started "$second"
	isnt "is another process" "$first" "$second"
	ok "the first one has ended" is_dead "$first"
	say "requests, and failed ones: $(cat "$T/load")"
	like "no request failed" "$(cat "$T/load")" "[1-9]* 0"
	fcgi GET /healthz
	is "the second one answers" "$status" 200
	ok "stop" $script stop
	ok "it has ended" is_dead "$second"
	nok "the socket is gone" is_socket "$fcgi_sock"
	nok "the process number is gone" is_file "$T/run/pid"
	echo 1 >"$T/run/pid"
	nok "a number that is another program's now is not believed" $script status
	ok "stop when nothing runs" $script stop
	sed -i "s|^CONF=.*|CONF=$T/missing.conf|" "$T/defaults"
	nok "a start that fails says so" $script start
	nok "and leaves no socket" is_socket "$fcgi_sock"
	ok "what is no stoa.fcgi was left alone" kill -0 1
else
	skip "spawn-fcgi's script (no spawn-fcgi on this machine)"
fi
done_testing
