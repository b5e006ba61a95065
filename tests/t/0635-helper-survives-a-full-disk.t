#!/bin/sh
# The cache's file system is full, in the middle of a fetch or before it begins:
# the answer is an error that says so, nothing of the file stays, what is cached
# goes on being served, and the same helper works on when there is room again.
# SPDX-License-Identifier: Apache-2.0

# A small file system, in a namespace of its own that ends with us.
if [ -z "${STOA_TEST_SMALL_DISK:-}" ]; then
	for how in --mount '--mount --map-root-user'; do
		# shellcheck disable=SC2086
		if unshare $how mount -t tmpfs -o size=1m none /mnt 2>/dev/null; then
			export STOA_TEST_SMALL_DISK=yes
			exec unshare $how sh "$0"
		fi
	done
	echo "1..0 # SKIP no file system can be mounted here"
	exit 0
fi
. "${top_srcdir:-.}/tests/lib/tap.sh"

mount -t tmpfs -o size=8m none "$T/cache" || bail "cannot mount"
trap 'stop_all; umount -l "$T/cache"; tap_end' EXIT
mkmod "$T/up" example.com/small@v1.0.0 example.com/small@v1.1.0 example.com/small@v1.2.0 \
	example.com/small@v1.3.0
mkmod "$T/up" --size 20000000 example.com/large@v1.0.0
mkmod "$T/up" --size 3000000 example.com/fits@v1.0.0 example.com/fits@v1.1.0
start_upstream
conf "upstream = $up_url" 'helper_idle = 60s' 'log_level = error'
start_fcgi

"$PYTHON" - <<'END'
from tap import *

LARGE = "/example.com/large/@v/v1.0.0.zip"
FITS = ["/example.com/fits/@v/v1.%d.0.zip" % i for i in range(2)]
SMALL = ["/example.com/small/@v/v1.%d.0.zip" % i for i in range(4)]
LIST = "/example.com/small/@v/list"
WAYS = (("fcgi", via_fcgi), ("cgi", cgi))


def right(uri, a):
    return a[0] == 200 and sum_of(a[2]) == file_sum(T + "/up" + uri)


def room():
    s = os.statvfs(T + "/cache")
    return s.f_bavail * s.f_bsize


def staged():
    return os.listdir(T + "/cache/state/stage")


def forget():
    for at, _, files in os.walk(T + "/cache/state/refused"):
        for name in files:
            os.unlink(os.path.join(at, name))


def says_why(claim, a):
    return ok(claim, a[0] == 500 and a[2].startswith(b"local: ") and b"No space left" in a[2] and
              T.encode() not in a[2], a)


def is_published(uri):
    return os.path.exists(T + "/cache/mod" + uri)


ok("a file is fetched", right(SMALL[0], via_fcgi(SMALL[0])))
ok("and a list", right(LIST, via_fcgi(LIST)))
pid = helpers()
before = room()

# --- in the middle
for name, ask in WAYS:
    forget()
    says_why("%s, full in the middle of a zip: the answer says so" % name, ask(LARGE))
    equal("%s: nothing of it is staged" % name, staged(), [])
    ok("%s: or published" % name, not is_published(LARGE))
    # a refusal and its folders are a few pages
    ok("%s: its room is free again" % name, before - room() < 100000, before, room())
    ok("%s: a file that has room is fetched at once" % name, right(FITS[name == "cgi"], ask(FITS[name == "cgi"])))
    before = room()
equal("the same helper did it all", helpers(), pid)

# --- before it begins
with open(T + "/cache/filler", "wb", 0) as f:
    try:
        while True:
            f.write(b"\0" * 4096)
    except OSError:
        pass
equal("the disk is full", room(), 0)
os.utime(T + "/cache/mod" + LIST, (1, 1))
for name, ask in WAYS:
    says_why("%s, full before: the answer to a miss says so" % name, ask(SMALL[1]))
    ok("%s: and again" % name, ask(SMALL[1])[0] == 500)
    ok("%s: what is cached is served" % name, right(SMALL[0], ask(SMALL[0])))
    ok("%s: and the old list" % name, right(LIST, ask(LIST)))
    ok("%s: no part of it is published" % name, not is_published(SMALL[1]))
    equal("%s: nothing is staged" % name, staged(), [])
answers = together([lambda u=u, ask=ask: ask(u) for u in SMALL[1:] for _, ask in WAYS] +
                   [lambda: via_fcgi(SMALL[0])] * 10)
equal("many at once: misses are errors, hits are served", [a[0] for a in answers], [500] * 6 + [200] * 10)
equal("nothing is staged", staged(), [])

# --- without a helper that runs: another cannot but say the same
os.kill(pid[0], 9)
wait_for(5, lambda: not helpers())
a = cgi(SMALL[2])
ok("a helper that starts on a full disk", a[0] == 500 and a[2].startswith(b"local: "), a)

# --- room again
os.unlink(T + "/cache/filler")
forget()
for i, (name, ask) in enumerate(WAYS):
    ok("%s, with room again: it is fetched" % name, right(SMALL[1 + i], ask(SMALL[1 + i])))
held = [os.path.join(at, n)[len(T + "/cache/mod"):] for at, _, names in os.walk(T + "/cache/mod")
        for n in names if not n.endswith(".ziphash")]
equal("every published file is the upstream's", [f for f in held
      if file_sum(T + "/cache/mod" + f) != file_sum(T + "/up" + f)], [])
done()
END
stop_fcgi
