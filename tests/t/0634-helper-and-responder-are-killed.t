#!/bin/sh
# With jobs under way the responder is killed, or the helper, or both: what a
# helper had begun is asked for once, clients of other processes are served, no
# lock stays, and whoever asks again gets everything.
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"

start_upstream
conf "upstream = $up_url" 'helper_idle = 1s'

"$PYTHON" - <<'END'
from tap import *

N = 6
names = ["example.com/%s%d@v1.0.0" % (k, i) for k in ("r", "h", "b") for i in range(N)]
subprocess.run([sys.executable, os.environ["lib"] + "/mkmod", T + "/up", *names], check=True)


def zips(kind):
    return ["/example.com/%s%d/@v/v1.0.0.zip" % (kind, i) for i in range(N)]


want = {u: file_sum(T + "/up" + u) for k in "rhb" for u in zips(k)}
listener = listening(SOCK)


def right(u, answer):
    return answer[0] == 200 and sum_of(answer[2]) == want[u]


def begin(kind):
    """Jobs that the upstream holds until it is told: half for stoa.cgi, half for
    stoa.fcgi, which has started the helper. The responder, the clients, answers."""
    rules('{"path": "/%s.*zip$", "gate": "%s/gate-%s"}' % (kind, T, kind))
    p = start_fcgi(sock=listener)
    box = {}

    def ask(u, how):
        box[u] = how(u)
    uris = zips(kind)
    first = threading.Thread(target=ask, args=(uris[0], via_fcgi))
    first.start()
    ok("%s: the responder starts the helper" % kind, wait_for(10, lambda: asked("/" + kind)))
    rest = [threading.Thread(target=ask, args=(u, cgi if i % 2 else via_fcgi))
            for i, u in enumerate(uris[1:], 1)]
    for t in rest:
        t.start()
    ok("%s: all jobs are under way" % kind, wait_for(10, lambda: len(asked("/" + kind)) == N))
    equal("%s: in one helper" % kind, len(helpers()), 1)
    return p, [first] + rest, box


def end(kind, threads):
    touch("%s/gate-%s" % (T, kind))
    for t in threads:
        t.join(30)
    ok("%s: nobody waits any more" % kind, not any(t.is_alive() for t in threads))


def afterwards(kind, questions):
    """A new responder has everything."""
    p = start_fcgi(sock=listener)
    answers = together([lambda u=u: via_fcgi(u) for u in zips(kind)])
    ok("%s: afterwards all are served" % kind, all(map(right, zips(kind), answers)),
       [(a[0], a[2][:100]) for a in answers])
    equal("%s: the upstream was asked as often as it had to be" % kind, len(asked("/" + kind)), questions)
    ok("%s: the responder stops" % kind, stop(p) is not None)
    ok("%s: no helper is left" % kind, wait_for(5, lambda: not helpers()), helpers())
    equal("%s: no staged file is left" % kind, os.listdir(T + "/cache/state/stage"), [])


# --- the responder: the helper finishes what it has, for whoever asks again
p, threads, box = begin("r")
p.kill()
p.wait()
ok("r: its clients see the end", wait_for(5, lambda: sum(not t.is_alive() for t in threads) == N // 2))
equal("r: the helper works on", len(helpers()), 1)
end("r", threads)
ok("r: the clients of stoa.cgi are served", all(right(u, box[u]) for u in zips("r")[1::2]), box)
ok("r: the helper leaves when it has done its jobs", wait_for(5, lambda: not helpers()), helpers())
ok("r: they are all in the cache", all(os.path.exists(T + "/cache/mod" + u) for u in zips("r")))
afterwards("r", N)

# --- the helper: responders ask another
p, threads, box = begin("h")
old = helpers()
os.kill(old[0], 9)
ok("h: all jobs are asked again", wait_for(10, lambda: len(asked("/h")) == 2 * N), asked("/h"))
ok("h: by another helper", helpers() and helpers() != old, helpers())
end("h", threads)
ok("h: all clients are served", all(right(u, box[u]) for u in zips("h")), box)
ok("h: the responder stops", stop(p) is not None)
afterwards("h", 2 * N)

# --- both: stoa.cgi asks another helper
p, threads, box = begin("b")
old = helpers()
p.kill()
os.kill(old[0], 9)
p.wait()
ok("b: stoa.cgi asks again", wait_for(10, lambda: len(asked("/b")) == N + N // 2), asked("/b"))
ok("b: another helper", helpers() and helpers() != old, helpers())
end("b", threads)
ok("b: the clients of stoa.cgi are served", all(right(u, box[u]) for u in zips("b")[1::2]), box)
ok("b: the helper leaves", wait_for(5, lambda: not helpers()), helpers())
afterwards("b", 2 * N)
done()
END
