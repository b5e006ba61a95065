#!/bin/sh
# 500 clients at once, half by stoa.cgi, half by stoa.fcgi, five for each of a
# hundred files that nobody has: all are served, by one helper, which asks the
# upstream once for each and for at most fetch_max at a time.
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"
slow

start_upstream
conf "upstream = $up_url" 'helper_idle = 1s' 'fetch_max = 40'

"$PYTHON" - <<'END'
import json

from tap import *

FILES, EACH, MOST = 100, 5, 40
names = ["example.com/m%d@v1.0.0" % i for i in range(FILES)]
subprocess.run([sys.executable, os.environ["lib"] + "/mkmod", T + "/up", "--size", "20000", *names],
               check=True)
ZIPS = ["/%s/@v/%s.zip" % tuple(n.split("@")) for n in names]
want = {u: file_sum(T + "/up" + u) for u in ZIPS}
rules('{"path": "zip$", "gate": "%s/gate"}' % T)
listener = listening(SOCK)
p = start_fcgi(sock=listener)
half = FILES * EACH // 2
asks = [(ZIPS[i % FILES], via_fcgi if i < half else cgi) for i in range(FILES * EACH)]


def open_gate():
    """When all of stoa.cgi run, and the upstream has as many questions as it gets."""
    came = wait_for(60, lambda: len(procs.find(T, "stoa.cgi")) == half and len(asked()) >= MOST)
    seen = helpers()
    touch(T + "/gate")
    return came, seen


out = together([lambda u=u, ask=ask: ask(u) for u, ask in asks] + [open_gate])
came, seen = out.pop()
ok("all came before the first was served", came)
equal("one helper has all jobs", len(seen), 1)
bad = [(u, a[0], a[2][:100]) for (u, _), a in zip(asks, out)
       if not isinstance(a, tuple) or a[0] != 200 or sum_of(a[2]) != want[u]]
equal("all %d are served" % len(asks), bad, [])
equal("each file was asked for once", sorted(asked()), sorted("GET " + u for u in ZIPS))
with open(T + "/upstream.run/headers") as f:
    active = max(json.loads(line)["active"] for line in f)
ok("at most %d at a time" % MOST, active <= MOST, active)
equal("no staged file is left", os.listdir(T + "/cache/state/stage"), [])
ok("the helper leaves", wait_for(10, lambda: not helpers()), helpers())
ok("the responder stops", stop(p) is not None)
done()
END
