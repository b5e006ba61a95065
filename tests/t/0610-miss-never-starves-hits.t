#!/bin/sh
# fetch_max bounds the helpers of all processes; more misses than threads do not
# keep hits from being served; who waits for longer than fetch_wait gets a 503.
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"

mkmod "$T/up" example.com/m@v1.0.0 example.com/m@v1.0.1 example.com/m@v1.0.2 example.com/m@v1.0.3 \
	example.com/m@v1.0.4 example.com/m@v1.0.5 example.com/m@v1.0.6 example.com/m@v1.0.7 \
	example.com/m@v1.0.8 example.com/m@v1.0.9
mkmod "$T/cache/mod" example.com/hit@v1.0.0
start_upstream
conf "upstream = $up_url" 'helper_idle = 1s' 'fetch_max = 2'

"$PYTHON" - <<'END'
import json
import threading

from tap import *

HIT = "/example.com/hit/@v/v1.0.0.zip"
ZIPS = ["/example.com/m/@v/v1.0.%d.zip" % i for i in range(10)]
want = {u: file_sum(T + "/up" + u) for u in ZIPS}
want[HIT] = file_sum(T + "/cache/mod" + HIT)


def right(u, answer):
    return answer[0] == 200 and sum_of(answer[2]) == want[u]


def in_background(jobs):
    box = []
    t = threading.Thread(target=lambda: box.extend(together(jobs)))
    t.start()
    return t, box


def most_active():
    with open(T + "/upstream.run/headers") as f:
        return max(json.loads(line)["active"] for line in f)


def hold(name):
    rules('{"path": "m/@v", "gate": "%s/%s"}' % (T, name))


# --- more misses than threads, all stalled
hold("gate1")
p = start_fcgi({"STOA_THREADS": "8"})
t, box = in_background([lambda u=u: via_fcgi(u) for u in ZIPS])
ok("two helpers ask the upstream", wait_for(10, lambda: len(asked()) >= 2))
hits = [via_fcgi(HIT, timeout=20) for _ in range(100)]
ok("a hundred hits are served while all misses are stalled", all(right(HIT, h) for h in hits),
   [h[0] for h in hits if h[0] != 200])
ok("the misses are still stalled", t.is_alive())
equal("two requests at the upstream", len(asked()), 2)
ok("at most two helpers run", 1 <= len(helpers()) <= 2, helpers())
touch(T + "/gate1")
t.join(60)
good = [u for u, a in zip(ZIPS, box) if right(u, a)]
busy = [a for a in box if a[0] == 503]
ok("the misses that waited are served", len(good) >= 7, [(a[0], a[2][:80]) for a in box])
equal("the others were told to come again", len(good) + len(busy), len(ZIPS))
ok("they were told when", all(int(a[1].get("retry-after", 0)) > 0 for a in busy),
   [a[1] for a in busy])
ok("they were told why", all(a[2].startswith(b"busy: ") for a in busy), [a[2] for a in busy])
equal("never more than two requests at once at the upstream", most_active(), 2)
out = [via_fcgi(u) for u in ZIPS]
ok("all succeed afterwards", all(right(u, a) for u, a in zip(ZIPS, out)), [a[0] for a in out])
ok("it stops in time", stop(p) is not None)

# --- the bound holds for CGI processes and a responder together
subprocess.run(["rm", "-rf", T + "/cache/mod/example.com/m"], check=True)
before = len(asked())
hold("gate2")
p = start_fcgi({"STOA_THREADS": "16"})
t, box = in_background([lambda u=u: via_fcgi(u) for u in ZIPS[:5]] +
                       [lambda u=u: cgi(u) for u in ZIPS[5:]])
ok("all ten run or wait", wait_for(10, lambda: len(asked()) - before >= 2 and
                                    len(procs.find(T, "stoa.cgi")) == 5))
hits = [cgi(HIT) for _ in range(20)] + [via_fcgi(HIT) for _ in range(20)]
ok("hits are served by both", all(right(HIT, h) for h in hits))
equal("two requests at the upstream, from all processes together", len(asked()) - before, 2)
touch(T + "/gate2")
t.join(60)
ok("all ten are served in turn", all(right(u, a) for u, a in zip(ZIPS, box)),
   [(a[0], a[2][:80]) for a in box])
equal("never more than two at once, from all processes together", most_active(), 2)

# --- waiting has an end
subprocess.run(["rm", "-rf", T + "/cache/mod/example.com/m"], check=True)
hold("gate3")
before = len(asked())
t, box = in_background([lambda u=u: via_fcgi(u) for u in ZIPS[:2]])
ok("two are stalled", wait_for(10, lambda: len(asked()) - before == 2))
start = time.monotonic()
late = cgi(ZIPS[5], more={"STOA_FETCH_WAIT": "1s"})
took = time.monotonic() - start
equal("beyond fetch_wait: 503", late[0], 503)
ok("beyond fetch_wait: Retry-After", int(late[1].get("retry-after", 0)) > 0, late[1])
ok("beyond fetch_wait: the text says what to do", late[2].startswith(b"busy: "), late[2])
ok("it waited, and not for ever", 0.9 <= took < 10, took)
same, same_box = in_background([lambda: cgi(ZIPS[0], more={"STOA_FETCH_WAIT": "1s"})])
ok("who waits for another's fetch of the same file goes on waiting",
   not wait_for(1.5, lambda: not same.is_alive()))
equal("and asks nobody", len(asked()) - before, 2)
touch(T + "/gate3")
t.join(60)
same.join(60)
ok("the two are served", all(right(u, a) for u, a in zip(ZIPS, box)))
ok("and so is who waited", right(ZIPS[0], same_box[0]), same_box)
equal("busy is not remembered", cgi(ZIPS[5])[0], 200)
stop(p)

# --- few descriptors: a limit that can be raised, and one that cannot
def stalled_by(soft, hard):
    """What 120 misses get that a responder started with these limits lets wait,
    and whether hits are served meanwhile."""
    subprocess.run(["rm", "-rf", T + "/cache/mod/example.com/m"], check=True)
    gate = "gate-%d-%d" % (soft, hard)
    hold(gate)
    before = len(asked())
    p = start_fcgi({"STOA_THREADS": "16"}, limits=(soft, hard))
    t, box = in_background([lambda u=u: via_fcgi(u) for u in 12 * ZIPS])
    wait_for(10, lambda: len(asked()) - before >= 2)
    hits = [via_fcgi(HIT, timeout=20) for _ in range(20)]
    ok("descriptors %d to %d: hits are served" % (soft, hard),
       t.is_alive() and all(right(HIT, h) for h in hits), [h[0] for h in hits])
    touch(T + "/" + gate)
    t.join(60)
    stop(p)
    return [a[0] for a in box]


statuses = stalled_by(100, 4096)
equal("all wait when the limit can be raised", set(statuses), {200})
statuses = stalled_by(200, 200)
equal("some are told to come again when it cannot", set(statuses), {200, 503})

ok("no helper is left", wait_for(5, lambda: not helpers()), helpers())
done()
END
