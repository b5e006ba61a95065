#!/bin/sh
# stoactl prune --vcs: bounds of age and of size; what is in use stays.
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"
need git "$PYTHON"

ctl=$top_builddir/admin/stoactl
export STOA_CONF="$T/stoa.conf" GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
conf "upstream = direct" "transports = file" "git_config = $T/gitconfig"
printf '[url "file://%s/"]\n\tinsteadOf = https://github.com/stoatest/\n' "$T/repos" >"$T/gitconfig"

run() {
	"$ctl" prune "$@" >"$T/o" 2>"$T/e"
	rc=$?
}

kept() {
	cat "$T"/cache/state/vcs/*.url 2>/dev/null | sed 's,.*/,,' | sort | tr '\n' ' '
}

folders() {
	find "$T/cache/state/vcs" -mindepth 1 -maxdepth 1 -type d -name '????????????????*' | wc -l | tr -d ' '
}

label() {
	grep -l "/$1\$" "$T"/cache/state/vcs/*.url
}

for m in one two three; do
	git init -q -b main "$T/repos/$m"
	printf 'module github.com/stoatest/%s\n' "$m" >"$T/repos/$m/go.mod"
	head -c 200000 /dev/urandom >"$T/repos/$m/data"
	git -C "$T/repos/$m" add .
	git -C "$T/repos/$m" -c user.name=a -c user.email=a@example.com commit -q -m 1
	git -C "$T/repos/$m" tag v1.0.0
	"$fetch" zip "github.com/stoatest/$m" v1.0.0
done
is "three are kept" "$(kept)$(folders)" "one three two 3"

for bad in '' '--vcs' '--max-age 1d' '--vcs --max-age x' \
	'--vcs --max-size 1Q' '--vcs --max-size' '--vcs --max-age 1d x'; do
	# shellcheck disable=SC2086
	run $bad
	is "\"prune $bad\" is refused" "$rc" 2
done
is "and nothing was removed" "$(kept)" "one three two "

run --vcs --max-age 1h --max-size 1G
is "what is young and small stays" "$rc $(kept)" "0 one three two "
touch -d '2 days ago' "$(label one)"
touch -d '1 day ago' "$(label two)"
run --vcs --max-age 36h --dry-run
like "--dry-run names it" "$rc $(cat "$T/o")" "0 would remove git:https://github.com/stoatest/one *"
is "and leaves it" "$(kept)$(folders)" "one three two 3"
run --vcs --max-age 36h
like "what nobody used for long goes" "$rc $(cat "$T/o")" "0 removed git:https://github.com/stoatest/one *"
is "with its folder" "$(kept)$(folders)" "three two 2"
run --vcs --max-size 450k --quiet
is "then the one that was used longest ago" "$rc $(kept)$(folders) $(cat "$T/o")" "0 three 1 "

# The helper waits for a server that says nothing, and has the repository's lock.
"$PYTHON" - "$T" <<-'END' &
	import os, socket, sys
	s = socket.create_server(("127.0.0.1", 0))
	with open(sys.argv[1] + "/port.new", "w") as f:
	    f.write(str(s.getsockname()[1]))
	os.rename(sys.argv[1] + "/port.new", sys.argv[1] + "/port")
	c, _ = s.accept()
	open(sys.argv[1] + "/started", "w").close()
	c.settimeout(60)
	while c.recv(4096):
	    pass
END
server=$!
ok "a server" wait_for 10 test -s "$T/port"
printf '[url "http://127.0.0.1:%s/"]\n\tinsteadOf = https://github.com/stoatest/\n' \
	"$(cat "$T/port")" >"$T/gitconfig.new"
mv "$T/gitconfig" "$T/gitconfig.old"
mv "$T/gitconfig.new" "$T/gitconfig"
STOA_TRANSPORTS=http STOA_LIST_TTL=0 "$fetch" query github.com/stoatest/three main >/dev/null 2>&1 &
helper=$!
ok "it is in use" wait_for 10 test -e "$T/started"
run --vcs --max-size 0
like "what is in use stays" "$rc $(cat "$T/o")" "0 in use git:https://github.com/stoatest/three *"
is "untouched" "$(kept)$(folders)" "three 1"
kill -s TERM "$helper"
wait "$helper" "$server"
mv "$T/gitconfig.old" "$T/gitconfig"
run --vcs --max-size 0
is "and goes later" "$rc $(kept)$(folders)" "0 0"
ok "what was published stays" [ -s "$T/cache/mod/github.com/stoatest/one/@v/v1.0.0.zip" ]
"$fetch" query github.com/stoatest/one main
ok "and it is fetched again when it is needed" [ "$(kept)" = "one " ]
done_testing
