#!/bin/sh
# Peers that say nothing, half of something, too much or nonsense: a good request
# still gets its answer, with four threads and more rude peers than that.
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"

mkmod "$T/cache/mod" --size 1000000 example.com/hit@v1.0.0
conf 'offline = yes' 'threads = 4'

"$PYTHON" - <<'END'
import struct

from fcgi import *
from tap import *

HIT = "/example.com/hit/@v/v1.0.0.zip"
WANT = file_sum(T + "/cache/mod" + HIT)
p = start_fcgi()


def good(claim, seconds=15):
    start = time.monotonic()
    a = via_fcgi(HIT, timeout=seconds)
    took = time.monotonic() - start
    ok(claim, a[0] == 200 and sum_of(a[2]) == WANT, a[0], a[3], took)


def raw(data, timeout=5.0):
    s = connect(SOCK, timeout)
    try:
        s.sendall(data)
        return answer(s)
    except OSError as e:
        return b"", b"", type(e).__name__
    finally:
        s.close()


def params(env):
    return b"".join(pair(k, v) for k, v in env.items())


ENV = environment("GET", HIT)
good("a good request")

# --- more of them than threads: a responder for each kind, all at the same time
def silent(s):
    pass


def half_sent(s):
    s.sendall(begin())


def cut_record(s):
    s.sendall(begin() + record(PARAMS, 1, params(ENV))[:30])


def kept(s):
    s.sendall(request(ENV, keep=True))
    answer(s)


def not_taken(s):
    s.sendall(request(ENV))


def against(name, rude, number, seconds):
    """Whether a good request succeeds in spite of so many rude peers, and how soon."""
    path = "%s/%s.sock" % (T, name)
    listener = listening(path)
    q = start_fcgi(sock=listener)
    peers = [connect(path, 30) for _ in range(number)]
    for s in peers:
        rude(s)
    start = time.monotonic()
    a = via_fcgi(HIT, timeout=seconds, sock=path)
    took = time.monotonic() - start
    for s in peers:
        s.close()
    b = via_fcgi(HIT, timeout=seconds, sock=path)
    stop(q)
    listener.close()
    return all(x[0] == 200 and sum_of(x[2]) == WANT for x in (a, b)), took, a[0], a[3]


def against_drips():
    path = T + "/drip.sock"
    listener = listening(path)
    q = start_fcgi(sock=listener)
    end = threading.Event()
    data = begin() + record(PARAMS, 1, params(ENV)) * 100

    def drip():
        try:
            s = connect(path)
            for i in range(len(data)):
                s.sendall(data[i:i + 1])
                if end.wait(0.2):
                    break
            s.close()
        except OSError:
            pass
    drips = [threading.Thread(target=drip) for _ in range(5)]
    for t in drips:
        t.start()
    start = time.monotonic()
    a = via_fcgi(HIT, timeout=60, sock=path)
    took = time.monotonic() - start
    end.set()
    for t in drips:
        t.join()
    stop(q)
    listener.close()
    return a[0] == 200 and sum_of(a[2]) == WANT, took, a[0], a[3]


KINDS = [("6 silent connections", silent, 6), ("6 half-sent requests", half_sent, 6),
         ("6 requests that end within a record", cut_record, 6),
         ("3 clients that do not take their answers", not_taken, 3),
         ("12 idle kept connections", kept, 12)]
out = together([lambda k=k, i=i: against("rude%d" % i, k[1], k[2], 60)
                for i, k in enumerate(KINDS)] + [against_drips])
for claim, got in zip([k[0] for k in KINDS] + ["5 requests that drip byte by byte"], out):
    ok("%s, 4 threads" % claim, isinstance(got, tuple) and got[0], got)
ok("idle kept connections are given up soon", out[4][1] < 5, out[4])

# --- what the protocol allows
s = connect(SOCK)
hows = []
for i in range(5):
    s.sendall(request(ENV, keep=True))
    out, _, how = answer(s)
    hows.append((how, parse(out)[0], sum_of(parse(out)[2]) == WANT))
equal("five requests on one connection", hows, [("end 0", 200, True)] * 5)
s.close()
data = begin()
for b in params(ENV):
    data += record(PARAMS, 1, bytes([b]))
data += record(PARAMS, 1) + record(STDIN, 1)
out, _, how = raw(data)
equal("parameters in records of one byte", (how, parse(out)[0]), ("end 0", 200))
out, _, how = raw(request(environment("GET", "/version"), body=b"x" * 5000000), 30)
equal("a body of 5 MB that nobody wants", (how, parse(out)[0]), ("end 0", 200))
padded = begin() + struct.pack(">BBHHBB", 1, PARAMS, 1, len(params(ENV)), 200, 0) + params(ENV) + \
    bytes(200) + record(PARAMS, 1) + record(STDIN, 1)
out, _, how = raw(padded)
equal("padding", (how, parse(out)[0]), ("end 0", 200))
out, _, how = raw(request(ENV, rid=300))
equal("another request number", (how, parse(out)[0]), ("end 0", 200))

# --- roles
for role in AUTHORIZER, FILTER, 0, 9, 65535:
    out, _, how = raw(request(ENV, role=role))
    ok("role %d is refused" % role, (how != "end 0" and not out) or parse(out)[0] >= 400,
       how, out[:200])
    ok("role %d gets no file" % role, WANT != sum_of(parse(out)[2]))

# --- aborted
out, _, how = raw(begin() + record(ABORT, 1))
ok("an abort in the middle ends the request", how != "timeout", how)
out, _, how = raw(begin() + record(PARAMS, 1, params(ENV)) + record(ABORT, 1))
ok("an abort within the parameters ends the request", how != "timeout", how)
out, _, how = raw(begin() + record(PARAMS, 1, params(ENV)) + record(PARAMS, 1) + record(ABORT, 1))
ok("an abort behind the parameters ends the request", how != "timeout", how)
good("after aborts")

# --- too much, and nonsense
for n in 8192, 65536, 1000000, 8000000:
    env = dict(ENV, REQUEST_URI="/" + "a" * n)
    out, _, how = raw(request(env), 20)
    ok("a URI of %d bytes" % n, parse(out)[0] in (400, 404, 414) or (not out and how != "timeout"),
       how, out[:200])
    env = dict(ENV, HTTP_COOKIE="a" * n)
    out, _, how = raw(request(env), 20)
    ok("a header of %d bytes" % n, parse(out)[0] in (200, 400, 431) or (not out and how != "timeout"),
       how, out[:200])
env = dict(ENV)
env.update(("HTTP_X_%d" % i, "v" * 50) for i in range(20000))
out, _, how = raw(request(env), 20)
ok("20000 headers", parse(out)[0] in (200, 400, 431) or (not out and how != "timeout"), how)
env = dict(ENV, REQUEST_URI="/example.com/hit/@v/v1.0.0.zip\0.mod")
out, _, how = raw(request(env))
ok("a NUL in the URI: the rest of it is no other file", parse(out)[0] in (200, 400, 404), how)
lengths = begin() + record(PARAMS, 1, b"\xff\xff\xff\xff\xff\xff\xff\xff" + b"A" * 100) + \
    record(PARAMS, 1) + record(STDIN, 1)
out, _, how = raw(lengths)
ok("lengths of 2 GB", how != "timeout" and parse(out)[0] != 200, how, out[:100])
for claim, data in (
        ("HTTP instead of FastCGI", b"GET / HTTP/1.0\r\n\r\n"),
        ("zeros", bytes(10000)),
        ("0xff", b"\xff" * 10000),
        ("another version of the protocol", b"\x02" + request(ENV)[1:]),
        ("parameters without a beginning", record(PARAMS, 1, params(ENV)) + record(PARAMS, 1)),
        ("a beginning twice", begin() + begin()),
        ("a second request on a busy connection", begin() + begin(rid=2)),
        ("an unknown record", struct.pack(">BBHHBB", 1, 77, 1, 0, 0, 0)),
        ("a management record that is unknown", struct.pack(">BBHHBB", 1, 77, 0, 0, 0, 0)),
        ("a short beginning", struct.pack(">BBHHBB", 1, BEGIN, 1, 2, 0, 0) + b"\0\1")):
    s = connect(SOCK)
    try:
        s.sendall(data)
        s.shutdown(socket.SHUT_WR)
        out, _, how = answer(s)
    except OSError as e:
        out, how = b"", type(e).__name__
    s.close()
    ok("nonsense: %s" % claim, how != "timeout" and (not out or parse(out)[0] != 200), how, out[:100])
    good("after it")
s = connect(SOCK)
s.sendall(request({}))
out, _, how = answer(s)
ok("no parameters at all", how == "end 0" and 400 <= parse(out)[0] < 600, how, out[:100])
s.close()
for _ in range(50):
    s = connect(SOCK)
    s.sendall(request(ENV))
    s.close()
good("after 50 clients that went away")
ok("the process is the same", p.poll() is None)
with open("/proc/%d/status" % p.pid) as f:
    rss = [int(line.split()[1]) for line in f if line.startswith("VmRSS")][0]
sanitized = "STOA_SANITIZERS 1" in open(os.environ["top_builddir"] + "/config.h").read()
if sanitized:
    skip("its memory stays small", "sanitizers take their own")
else:
    ok("its memory stays small", rss < 64 << 10, "%d kB" % rss)
fds = len(os.listdir("/proc/%d/fd" % p.pid))
ok("it has no descriptors left over", fds < 40, fds)
took = stop(p)
ok("it stops in time", took is not None and took < 2.5, took)
done()
END
