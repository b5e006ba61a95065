#!/bin/sh
# One lingering helper serves the misses of all responders of a cache, leaves by
# itself, is replaced when it dies, when its program or the configuration
# changes, and is done without where no socket can be made.
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"

start_upstream
conf "upstream = $up_url" 'helper_idle = 1s'

"$PYTHON" - <<'END'
import glob
import shutil

from tap import *

N = 60
names = ["example.com/m%d@v1.0.0" % i for i in range(N)]
subprocess.run([sys.executable, os.environ["lib"] + "/mkmod", T + "/up", *names], check=True)
ZIPS = ["/%s/@v/%s.zip" % tuple(n.split("@")) for n in names]
want = {u: file_sum(T + "/up" + u) for u in ZIPS}
rest = list(ZIPS)


def fresh(n):
    """Zips that nobody has asked for yet."""
    global rest
    got, rest = rest[:n], rest[n:]
    return got


def right(u, answer):
    return answer[0] == 200 and sum_of(answer[2]) == want[u]


def all_right(claim, uris, answers):
    return ok(claim, all(right(u, a) for u, a in zip(uris, answers)),
              [(a[0], a[2][:100]) for u, a in zip(uris, answers) if not right(u, a)])


def sockets():
    return sorted(glob.glob(T + "/cache/state/helper-*"))


# --- one for all
rules('{"path": "m/@v|m[0-9]", "delay": 0.2}')
p = start_fcgi()
uris = fresh(12)
answers = together([lambda u=u: via_fcgi(u) for u in uris[:6]] +
                   [lambda u=u: cgi(u) for u in uris[6:]])
all_right("first requests of both programs are served", uris, answers)
# stoa.fcgi passes a leash that a CGI program does not, but settings are the same
equal("one helper served them all", len(helpers()), 1)
equal("it has one socket", len(sockets()), 1)
equal("one request at the upstream for each", len(asked(".zip")), len(uris))
first = helpers()
uris = fresh(2)
all_right("the next miss is served", uris, together([lambda u=u: via_fcgi(u) for u in uris]))
equal("by the same helper", helpers(), first)
ok("it leaves by itself when idle", wait_for(10, lambda: not helpers()), helpers())
equal("and takes its socket along", sockets(), [])
uris = fresh(1)
all_right("a miss after that starts another", uris, [via_fcgi(uris[0])])
ok("another one", helpers() and helpers() != first)

# --- a stale socket
os.kill(helpers()[0], 9)
ok("it is dead", wait_for(5, lambda: not helpers()))
equal("its socket is still there", len(sockets()), 1)
uris = fresh(1)
all_right("a stale socket is no obstacle", uris, [cgi(uris[0])])

# --- killed at work: its jobs are asked again
rules('{"path": "zip$", "gate": "%s/gate"}' % T)
uris = fresh(6)
box = []
t = threading.Thread(target=lambda: box.extend(together(
    [lambda u=u: via_fcgi(u) for u in uris[:3]] + [lambda u=u: cgi(u) for u in uris[3:]])))
before = len(asked(".zip"))
t.start()
ok("six jobs are under way", wait_for(10, lambda: len(asked(".zip")) - before == 6))
old = helpers()
os.kill(old[0], 9)
ok("the jobs are asked again", wait_for(10, lambda: len(asked(".zip")) - before == 12))
ok("by a fresh helper", len(helpers()) == 1 and helpers() != old, helpers())
touch(T + "/gate")
t.join(30)
all_right("a helper that is killed costs its jobs nothing but time", uris, box)

# --- a hanging source holds up nobody else
ok("the helper leaves", wait_for(10, lambda: not helpers()))
rules('{"path": "%s", "gate": "%s/gate2"}' % (ZIPS[59][1:], T),
      '{"path": "%s", "chunk": 1, "chunk_delay": 0.5}' % ZIPS[58][1:])
slow = [threading.Thread(target=lambda u=u: box.append((u, via_fcgi(u)))) for u in ZIPS[58:]]
box = []
for s in slow:
    s.start()
ok("two slow ones are under way", wait_for(10, lambda: asked("m58/@v") and asked("m59/@v")))
uris = fresh(10)
answers = together([lambda u=u: via_fcgi(u) for u in uris])
all_right("ten others are served meanwhile", uris, answers)
ok("the slow ones are still under way", not box)
equal("all by one helper", len(helpers()), 1)

# --- the stop of the responder that started it
took = stop(p)
ok("the responder stops in time with jobs under way", took is not None and took < 2.5, took)
for s in slow:
    s.join(10)
ok("whoever waited was told", len(box) == 2 and all(a[0] in (0, 503) for u, a in box), box)
ok("no helper outlives the responder that started it", wait_for(3, lambda: not helpers()),
   helpers())
touch(T + "/gate2")

# --- two caches side by side
rules()
other = {"STOA_CACHE": T + "/cache2"}
os.mkdir(T + "/cache2")
uris = fresh(2)
answers = together([lambda: cgi(uris[0]), lambda: cgi(uris[1], more=other)])
all_right("two caches are filled side by side", uris, answers)
equal("each by a helper of its own", len(helpers()), 2)
ok("each holds its own", os.path.exists(T + "/cache2/mod" + uris[1]) and
   not os.path.exists(T + "/cache/mod" + uris[1]))

# --- other settings, another program: another helper, no failed request
failures = []
stopped = threading.Event()
served = []


def keep_asking(mine):
    for u in mine:
        a = cgi(u)
        (served if right(u, a) else failures).append((u, a[0], a[2][:100]))
        if stopped.is_set():
            break


mine = fresh(16)
t = threading.Thread(target=keep_asking, args=(mine,))
t.start()
ok("requests are made", wait_for(10, lambda: len(served) >= 2))
seen = set(helpers())
with open(T + "/stoa.conf", "a") as f:
    f.write("# changed\nnot_found_ttl = 7s\n")
ok("changed settings get a helper of their own",
   wait_for(10, lambda: set(helpers()) - seen), helpers())
seen |= set(helpers())
shutil.copy2(os.environ["fetch"], T + "/fetch.new")
text = open(T + "/stoa.conf").read().replace(os.environ["fetch"], T + "/stoa-fetch")
os.rename(T + "/fetch.new", T + "/stoa-fetch")
with open(T + "/conf.new", "w") as f:
    f.write(text)
os.rename(T + "/conf.new", T + "/stoa.conf")
ok("another program gets one", wait_for(10, lambda: set(helpers()) - seen), helpers())
seen |= set(helpers())
shutil.copy(os.environ["fetch"], T + "/fetch.new")
os.rename(T + "/fetch.new", T + "/stoa-fetch")
ok("a newer version of it gets one", wait_for(10, lambda: set(helpers()) - seen) or
   not t.is_alive(), helpers())
t.join(30)
equal("no request failed meanwhile", failures, [])
ok("all of them leave by themselves", wait_for(10, lambda: not helpers()), helpers())

# --- no socket to be had
u = fresh(1)[0]
cgi(u)
name = sockets()[0]
ok("it leaves", wait_for(10, lambda: not helpers()))
os.mkdir(name)
open(name + "/in-the-way", "w").close()
uris = fresh(2)
all_right("where no socket can be made, a helper for each miss serves", uris,
          [cgi(u) for u in uris])
equal("and none lingers", helpers(), [])
shutil.rmtree(name)
done()
END
