#!/bin/sh
# SIGTERM: a request in flight gets its answer, the process ends within two
# seconds, nothing of it is left; and what stops it in the middle of a fetch.
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"

mkmod "$T/up" --size 100000 example.com/m@v1.0.0 example.com/m@v1.1.0 example.com/m@v1.2.0
mkmod "$T/cache/mod" --size 20000000 example.com/hit@v1.0.0
start_upstream
conf "upstream = $up_url"

"$PYTHON" - <<'END'
import signal

from tap import *

HIT = "/example.com/hit/@v/v1.0.0.zip"
ZIP = "/example.com/m/@v/v1.0.0.zip"


def gone(p):
    return wait_for(3, lambda: not helpers() and p.poll() is not None)


# idle
p = start_fcgi()
equal("a hit", via_fcgi(HIT)[0], 200)
took = stop(p)
ok("an idle one stops at once", took is not None and took < 2, took)
equal("with a good exit status", p.returncode, 0)
ok("its socket is gone", not os.path.exists(SOCK))

for name, number in ("SIGINT", signal.SIGINT), ("SIGHUP", signal.SIGHUP):
    p = start_fcgi()
    via_fcgi("/healthz")
    took = stop(p, number)
    ok("%s stops it as well" % name, took is not None and took < 2, took)

# a fetch in flight that ends soon
rules('{"path": "", "gate": "%s/gate"}' % T)
p = start_fcgi()
box = []
t = threading.Thread(target=lambda: box.append(via_fcgi(ZIP)))
t.start()
ok("a fetch is in flight", wait_for(10, lambda: asked("v1.0.0.zip")))
start = time.monotonic()
p.send_signal(signal.SIGTERM)
touch(T + "/gate")
p.wait(10)
took = time.monotonic() - start
t.join(10)
equal("it gets its answer", (box[0][0], sum_of(box[0][2]), box[0][3]),
      (200, file_sum(T + "/up" + ZIP), "end 0"))
ok("the process ends within two seconds", took < 2, took)
ok("no process is left", gone(p), helpers())

# a fetch in flight that does not end
rules('{"path": "", "gate": "%s/never"}' % T)
p = start_fcgi()
box = []
t = threading.Thread(target=lambda: box.append(via_fcgi("/example.com/m/@v/v1.1.0.zip")))
t.start()
ok("a fetch is stalled", wait_for(10, lambda: asked("v1.1.0.zip")))
took = stop(p)
ok("the process ends within two seconds all the same", took is not None and took < 2.5, took)
t.join(10)
ok("its client gets an error", box[0][0] >= 500 or box[0][3] != "end 0", box[0][:2])
ok("no helper is left", gone(p), helpers())
rules()
p = start_fcgi()
equal("nothing of it is remembered against the next process",
      via_fcgi("/example.com/m/@v/v1.1.0.zip")[0], 200)

# a client that takes its answer slowly
s = fcgi.connect(SOCK)
s.sendall(fcgi.request(fcgi.environment("GET", HIT)))
first = s.recv(1000)
ok("a big answer has begun", first)
box = []
t = threading.Thread(target=lambda: box.append(stop(p)))
t.start()
size = len(first)
while True:
    piece = s.recv(1 << 20)
    if not piece:
        break
    size += len(piece)
t.join()
ok("a big answer is finished", size > 20000000, size)
ok("and the stop is in time", box[0] is not None and box[0] < 2.5, box)
s.close()

# a client that does not take it at all
p = start_fcgi()
s = fcgi.connect(SOCK)
s.sendall(fcgi.request(fcgi.environment("GET", HIT)))
s.recv(1000)
took = stop(p)
ok("a client that takes nothing does not hold it up", took is not None and took < 2.5, took)
s.close()

# kept and silent connections
p = start_fcgi()
kept = [fcgi.connect(SOCK) for _ in range(20)]
for s in kept[:10]:
    s.sendall(fcgi.request(fcgi.environment("GET", "/healthz"), keep=True))
    fcgi.answer(s)
took = stop(p)
ok("idle connections do not hold it up", took is not None and took < 2, took)
for s in kept:
    s.close()

# SIGKILL leaves nothing that hinders
p = start_fcgi()
p.kill()
p.wait()
ok("a killed one leaves its socket", os.path.exists(SOCK))
p = start_fcgi()
answer = wait_for(5, lambda: via_fcgi("/healthz")[0] == 200)
ok("the next one takes it over", answer)
q = subprocess.Popen([FCGI, "--socket", SOCK], env=base_env(), stdin=subprocess.DEVNULL,
                     stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
text = q.communicate(timeout=10)[1]
ok("a second one refuses to take the socket of a living one",
   q.returncode != 0 and SOCK.encode() in text, q.returncode, text)
equal("which goes on serving", via_fcgi("/healthz")[0], 200)
stop(p)
done()
END
