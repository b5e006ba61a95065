#!/bin/sh
# While clients keep both programs busy, a newer helper is installed and settings
# change, again and again: no request fails, each change gets a helper of its own,
# what the old ones had begun they finish, and then they leave.
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"
slow

start_upstream
conf "upstream = $up_url" 'helper_idle = 1s'

"$PYTHON" - <<'END'
import glob
import itertools
import shutil

from tap import *

CLIENTS, MODULES, VERSIONS, CHANGES = 8, 40, 40, 6
FETCH = os.environ["fetch"]
names = ["example.com/m%d@v1.%d.0" % (m, v) for m in range(MODULES) for v in range(VERSIONS)]
subprocess.run([sys.executable, os.environ["lib"] + "/mkmod", T + "/up", "--size", "3000", *names],
               check=True)
URIS = ["/%s/@v/%s.%s" % (*n.split("@"), k) for n in names for k in ("zip", "mod", "info")]
want = {u: file_sum(T + "/up" + u) for u in URIS}
# jobs last a while, so that each change meets some
rules('{"path": "", "delay": 0.05}')


def install():
    """As packages do: a new file takes the old one's name."""
    shutil.copy(FETCH, T + "/stoa-fetch.new")
    os.rename(T + "/stoa-fetch.new", T + "/stoa-fetch")


def configure(more=""):
    with open(T + "/stoa.conf") as f:
        lines = [line for line in f if line.split()[0] not in ("helper", "not_found_ttl")]
    with open(T + "/stoa.conf.new", "w") as f:
        f.writelines(lines + ["helper = %s/stoa-fetch\n" % T, more])
    os.rename(T + "/stoa.conf.new", T + "/stoa.conf")


install()
configure()
todo = iter(URIS)
lock = threading.Lock()
stopped = threading.Event()
served, failures = [], []


def client(ask):
    while not stopped.is_set():
        with lock:
            u = next(todo, None)
        if u is None:
            return
        a = ask(u)
        good = a[0] == 200 and sum_of(a[2]) == want[u]
        with lock:
            (served if good else failures).append((u, a[0], a[2][:200]))


p = start_fcgi()
threads = [threading.Thread(target=client, args=(ask,))
           for ask in [cgi, via_fcgi] * (CLIENTS // 2)]
for t in threads:
    t.start()
ok("requests are made", wait_for(20, lambda: len(served) >= CLIENTS))
changes = itertools.cycle([install, lambda: configure("not_found_ttl = 7s\n"),
                           install, lambda: configure("not_found_ttl = 8s\n")])
for i in range(CHANGES):
    seen, n = set(helpers()), len(served)
    next(changes)()
    ok("change %d: another helper" % (i + 1), wait_for(20, lambda: set(helpers()) - seen), helpers())
    ok("change %d: and requests go on" % (i + 1), wait_for(20, lambda: len(served) >= n + 2 * CLIENTS),
       len(served), n)
ok("the clients still have something to ask", not all(not t.is_alive() for t in threads))
stopped.set()
for t in threads:
    t.join(60)
print("# %d requests served" % len(served))
equal("no request failed", failures, [])
lines = [line for line in asked() if line[4:] in want]
equal("nothing was asked for twice", len(lines), len(set(lines)))
ok("all helpers leave by themselves", wait_for(20, lambda: not helpers()), helpers())
equal("and take their sockets along", glob.glob(T + "/cache/state/helper-*"), [])
equal("no staged file is left", os.listdir(T + "/cache/state/stage"), [])
ok("the responder stops", stop(p) is not None)
done()
END
