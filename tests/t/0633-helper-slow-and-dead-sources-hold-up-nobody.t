#!/bin/sh
# Zips that arrive at a byte a second, sources that take connections and say
# nothing, with and without TLS, and one that refuses them: in one helper with a
# hundred other jobs, they hold up none of these.
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"

start_upstream
conf "upstream = $up_url" 'helper_idle = 1s' 'idle_timeout = 120s' 'connect_timeout = 120s'

"$PYTHON" - <<'END'
from tap import *

SLOW, DEAD, OTHERS = 4, 6, 100
names = ["example.com/m%d@v1.0.0" % i for i in range(SLOW + OTHERS)]
subprocess.run([sys.executable, os.environ["lib"] + "/mkmod", T + "/up", *names], check=True)
ZIPS = ["/%s/@v/%s.zip" % tuple(n.split("@")) for n in names]
want = {u: file_sum(T + "/up" + u) for u in ZIPS}
rules('{"path": "/m[0-%d]/@v.*zip$", "chunk": 1, "chunk_delay": 1}' % (SLOW - 1))

# connections are taken by the kernel, and nobody reads them
servers = {name: socket.create_server(("127.0.0.1", 0), backlog=64)
           for name in ("mute", "mutetls", "gone")}
ports = {name: s.getsockname()[1] for name, s in servers.items()}
servers["gone"].close()
with open(T + "/stoa.conf", "a") as f:
    for name, port in ports.items():
        scheme = "https" if name == "mutetls" else "http"
        f.write('[module "%s.example"]\nupstream = %s://127.0.0.1:%d\n' % (name, scheme, port))

p = start_fcgi()
dead = ["/%s.example/m%d/@v/v1.0.0.zip" % (name, i) for name in ("mute", "mutetls")
        for i in range(DEAD)]
trouble = {}


def ask(u):
    trouble[u] = via_fcgi(u)


slow = [threading.Thread(target=ask, args=(u,)) for u in ZIPS[:SLOW]]
stuck = [threading.Thread(target=ask, args=(u,)) for u in dead]
for t in slow + stuck:
    t.start()
ok("the slow ones are under way", wait_for(10, lambda: len(asked(".zip")) == SLOW))


def connected():
    """Connections to the silent sources (/proc/net/tcp: address, state 01)."""
    with open("/proc/net/tcp") as f:
        ends = [tuple(line.split()[2:4]) for line in f]
    return [ends.count(("0100007F:%04X" % ports[name], "01")) for name in ("mute", "mutetls")]


# those with TLS wait for one handshake, which all of them could use
ok("the dead ones too", wait_for(10, lambda: connected() == [DEAD, 1]), connected())
uris = ZIPS[SLOW:]
answers = together([lambda u=u, how=(via_fcgi, cgi)[i % 2]: how(u) for i, u in enumerate(uris)])
equal("a hundred others are served", [(u, a[0]) for u, a in zip(uris, answers)
                                      if a[0] != 200 or sum_of(a[2]) != want[u]], [])
equal("while none of the slow and dead ones has ended", trouble, {})
equal("all in one helper", len(helpers()), 1)
a = via_fcgi("/gone.example/m/@v/v1.0.0.zip")
ok("a source that refuses connections is an answer at once", a[0] == 502 and b"connect" in a[2], a)
ok("the slow and dead ones are still under way", all(t.is_alive() for t in slow + stuck))
ok("the responder stops in time", stop(p) is not None)
for t in slow + stuck:
    t.join(20)
ok("whoever waited is told", len(trouble) == SLOW + len(dead) and
   all(a[0] in (0, 503) for a in trouble.values()), trouble)
ok("the helper ends with it", wait_for(5, lambda: not helpers()), helpers())
for s in servers.values():
    s.close()
done()
END
