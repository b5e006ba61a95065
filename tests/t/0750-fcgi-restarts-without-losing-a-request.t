#!/bin/sh
# SIGQUIT and a socket that outlives the process: restarts under load, with
# fetches in flight, lose no request; and a graceful stop can be hurried.
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"

versions=$(for i in 0 1 2 3 4 5; do echo "example.com/m@v1.$i.0"; done)
# shellcheck disable=SC2086
mkmod "$T/up" --size 1000 $versions
mkmod "$T/cache/mod" --size 30000 example.com/hit@v1.0.0
mkmod "$T/cache/mod" --size 20000000 example.com/big@v1.0.0
start_upstream
conf "upstream = $up_url" "threads = 8"

"$PYTHON" - <<'END'
import signal

from tap import *

HIT = "/example.com/hit/@v/v1.0.0.zip"
RESTARTS = 5
sock = listening(SOCK)
want = file_sum(T + "/cache/mod" + HIT)
over = threading.Event()
served, lost = [], []


def load(keep):
    n, s = 0, None
    while not over.is_set():
        try:
            s = s or fcgi.connect(SOCK)
            s.sendall(fcgi.request(fcgi.environment("GET", HIT), keep=keep))
            out, _, how = fcgi.answer(s)
            status, _, body = fcgi.parse(out)
            good, why = how == "end 0" and status == 200 and sum_of(body) == want, (status, how)
        except OSError as e:
            good, why = False, repr(e)
        n += 1
        if not good:
            lost.append(why)
        if not keep or not good:
            s.close()
            s = None
    served.append(n)


# threads of stoa.fcgi: 8; clients: 12, and a fetch
rules('{"path": "", "delay": 1.2}')
threads = [threading.Thread(target=load, args=(False,)) for _ in range(12)]
p = start_fcgi(sock=sock)
for t in threads:
    t.start()
fetched, took = [], []
for i in range(RESTARTS):
    miss = threading.Thread(target=lambda: fetched.append(
        via_fcgi("/example.com/m/@v/v1.%d.0.zip" % i)))
    miss.start()
    ok("fetch %d is in flight" % i, wait_for(10, lambda: asked("v1.%d.0.zip" % i)))
    took.append(stop(p, signal.SIGQUIT, 20))
    p = start_fcgi(sock=sock)
    miss.join()
equal("every fetch in flight has its answer", [(f[0], f[3]) for f in fetched],
      [(200, "end 0")] * RESTARTS)
ok("the stops waited for them", None not in took and min(took) > 0.9, took)
time.sleep(0.2)
over.set()
for t in threads:
    t.join()
ok("there was load", sum(served) > 500, served)
print("# %d requests, %d restarts, stops took %s s"
      % (sum(served), RESTARTS, " ".join("%.2f" % t for t in took)))
equal("no request was lost", lost, [])

# SIGTERM is for those who are in a hurry, but what has arrived is answered
rules()
over.clear()
del served[:], lost[:]
threads = [threading.Thread(target=load, args=(False,)) for _ in range(12)]
for t in threads:
    t.start()
for i in range(RESTARTS):
    time.sleep(0.2)
    stop(p, signal.SIGTERM)
    p = start_fcgi(sock=sock)
time.sleep(0.2)
over.set()
for t in threads:
    t.join()
equal("nor by SIGTERM, when no fetch is in flight", lost, [])

# a request that is being written while the stop begins
stop(p)
p = start_fcgi(sock=sock)
s = fcgi.connect(SOCK)
data = fcgi.request(fcgi.environment("GET", HIT))
s.sendall(data[:20])
time.sleep(0.1)
p.send_signal(signal.SIGQUIT)
time.sleep(0.1)
s.sendall(data[20:])
out, _, how = fcgi.answer(s)
equal("half a request is waited for", (fcgi.parse(out)[0], how), (200, "end 0"))
s.close()
p.wait(10)

# a kept connection on which a request arrives with the stop
p = start_fcgi(sock=sock)
s = fcgi.connect(SOCK)
s.sendall(fcgi.request(fcgi.environment("GET", HIT), keep=True))
fcgi.answer(s)
p.send_signal(signal.SIGSTOP)
s.sendall(fcgi.request(fcgi.environment("GET", HIT), keep=True))
p.send_signal(signal.SIGQUIT)
p.send_signal(signal.SIGCONT)
out, _, how = fcgi.answer(s)
equal("a request on a kept connection is answered", (fcgi.parse(out)[0], how), (200, "end 0"))
s.close()
p.wait(10)

# what does not end
rules('{"path": "v1.5.0", "gate": "%s/never"}' % T)
p = start_fcgi(sock=sock)
silent = fcgi.connect(SOCK)
box = []
t = threading.Thread(target=lambda: box.append(via_fcgi("/example.com/m/@v/v1.5.0.zip")))
t.start()
ok("a fetch is stalled", wait_for(10, lambda: asked("v1.5.0.zip")))
p.send_signal(signal.SIGQUIT)
time.sleep(2.5)
ok("a graceful stop waits for it", p.poll() is None)
took = stop(p, signal.SIGTERM)
ok("and a SIGTERM after it does not", took is not None and took < 2, took)
t.join(10)
ok("its client is told", box[0][0] == 503, box[0][:2])
silent.close()

p = start_fcgi(sock=sock)
silent = [fcgi.connect(SOCK) for _ in range(4)]
via_fcgi("/healthz")
took = stop(p, signal.SIGQUIT)
ok("silent connections do not hold it up", took is not None and took < 2, took)
done()
END
