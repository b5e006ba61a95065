#!/bin/sh
# Responders and helpers are killed with SIGKILL 200 times under load, at random
# instants: each answer is whole and right, or an error; the cache never holds a
# wrong file; in the end every file can be had. STOA_TEST_SEED repeats a run.
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"
slow

start_upstream
conf "upstream = $up_url" 'helper_idle = 1s' 'fetch_max = 8'

"$PYTHON" - <<'END'
import random

from tap import *

KILLS = 200
SECONDS = 45		# at most, with whatever number of kills by then
MODULES, VERSIONS = 20, 20
seed = int(os.environ.get("STOA_TEST_SEED") or random.SystemRandom().randrange(1 << 32))
print("# STOA_TEST_SEED=%d" % seed)
rnd = random.Random(seed)

names = ["example.com/m%d@v1.%d.0" % (m, v) for m in range(MODULES) for v in range(VERSIONS)]
subprocess.run([sys.executable, os.environ["lib"] + "/mkmod", T + "/up", "--size", "30000", *names],
               check=True)
URIS = ["/%s/@v/%s.%s" % (*n.split("@"), k) for n in names for k in ("info", "mod", "zip")]
LISTS = ["/example.com/m%d/@v/list" % m for m in range(MODULES)]
want = {u: file_sum(T + "/up" + u) for u in URIS + LISTS}
# bodies take some time, so that kills meet them
rules('{"path": "zip$", "chunk": 5000, "chunk_delay": 0.01}',
      '{"path": "", "chunk": 40, "chunk_delay": 0.003}')

listener = listening(SOCK)
lock = threading.Lock()
stopped = threading.Event()
children = {}		# pid -> Popen of the stoa.cgi under way
responder = [start_fcgi(sock=listener)]
wrong, counts = [], {"right": 0, "error": 0, "cut": 0}
kinds = {"stoa.fcgi": 0, "stoa.cgi": 0, "stoa-fetch": 0}


def is_right(uri, body):
    if uri in LISTS:
        # what the cache holds may not be all; what the source says must be there
        return sorted(body.split()) == sorted(open(T + "/up" + uri, "rb").read().split())
    return sum_of(body) == want[uri]


def judge(way, uri, status, headers, body, whole):
    if not whole:
        kind = "cut"		# the web server sees that, and cuts its own answer
    elif status == 200:
        if len(body) == int(headers.get("content-length", -1)) and is_right(uri, body):
            kind = "right"
        else:
            kind = "wrong"
            wrong.append((way, uri, status, headers, body[:60]))
    elif status >= 500 and body:
        kind = "error"
    else:
        kind = "wrong"
        wrong.append((way, uri, status, headers, body[:60]))
    with lock:
        if kind in counts:
            counts[kind] += 1


def ask_cgi(uri):
    p = start_cgi(uri)
    with lock:
        children[p.pid] = p
    out = p.communicate()[0]
    with lock:
        del children[p.pid]
    judge("cgi", uri, *fcgi.parse(out), p.returncode == 0)


def ask_fcgi(uri):
    status, headers, body, how = via_fcgi(uri)
    judge("fcgi", uri, status, headers, body, how == "end 0")


def client(number):
    mine = random.Random(seed + number)
    while not stopped.is_set():
        uri = mine.choice(URIS) if mine.random() < 0.95 else mine.choice(LISTS)
        (ask_cgi if number % 2 else ask_fcgi)(uri)


def kill_one():
    """Ends one process of ours, at a random choice; True when there was one."""
    what = rnd.choice(["stoa.fcgi", "stoa.fcgi", "stoa.cgi", "stoa-fetch", "stoa-fetch"])
    if what == "stoa.fcgi":
        p = responder[0]
        p.kill()
        p.wait()
        responder[0] = start_fcgi(sock=listener)
    elif what == "stoa.cgi":
        with lock:
            if not children:
                return False
            rnd.choice(sorted(children.items()))[1].kill()
    else:
        pids = helpers()
        if not pids:
            return False
        try:
            os.kill(rnd.choice(sorted(pids)), 9)
        except ProcessLookupError:
            return False
    kinds[what] += 1
    return True




def emptied():
    """What is published goes aside, at once, so that there are misses again."""
    try:
        os.rename(T + "/cache/mod/example.com", "%s/aside/%d" % (T, len(os.listdir(T + "/aside"))))
    except FileNotFoundError:
        pass


os.mkdir(T + "/aside")
clients = [threading.Thread(target=client, args=(i,)) for i in range(8)]
for c in clients:
    c.start()
start = time.monotonic()
while sum(kinds.values()) < KILLS and time.monotonic() - start < SECONDS:
    time.sleep(rnd.random() * 0.12)
    if kill_one() and sum(kinds.values()) % 8 == 0:
        emptied()
stopped.set()
for c in clients:
    c.join()
print("# killed: %r; answers: %r; %.1f s" % (kinds, counts, time.monotonic() - start))
killed = sum(kinds.values())
ok("%d processes were killed" % killed, killed >= KILLS / 2)
ok("of each kind some", all(kinds.values()), kinds)
ok("no answer was wrong", not wrong, *wrong[:10])
ok("some answers were right", counts["right"] >= 20, counts)
ok("no helper outlives what it was started for", wait_for(20, lambda: not helpers()), helpers())


def strange_files(top):
    """Files below a folder that stands for mod/example.com which are not the upstream's."""
    bad = []
    for at, _, files in os.walk(top):
        for name in files:
            f = os.path.join(at, name)
            uri = "/example.com" + f[len(top):]
            if name.endswith(".ziphash"):
                continue
            if name == "list":
                with open(f, "rb") as b:
                    if not is_right(uri, b.read()):
                        bad.append(f)
            elif uri not in want or file_sum(f) != want[uri]:
                bad.append(f)
    return bad


bad = strange_files(T + "/cache/mod/example.com")
for i in os.listdir(T + "/aside"):
    bad += strange_files(T + "/aside/" + i)
ok("every file that was ever in the cache is the upstream's", not bad, *bad[:10])
rules()
for at, _, files in os.walk(T + "/cache/state/refused"):
    for name in files:
        os.unlink(os.path.join(at, name))
answers = [(u, via_fcgi(u)) for u in URIS + LISTS]
bad = [(u, a[0], a[2][:100]) for u, a in answers if a[0] != 200 or not is_right(u, a[2])]
ok("afterwards every file can be had", not bad, *bad[:10])
ok("the responder stops", stop(responder[0]) is not None)
done()
END
