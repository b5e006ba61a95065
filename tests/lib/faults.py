#!/usr/bin/env python3
"""Walks the system calls that change something, and makes each of them fail, one
a request, in both responders and in the helper. Prints TAP. For a build with
--enable-fault-injection; tap.sh has made $T, a folder of modules is in $T/up.

After each failing request: the answer is the right file or an error that is not
an absence; every file in the cache is the source's, whole; what was published
before is there; and the next request is answered with the right file.

SPDX-License-Identifier: Apache-2.0
"""
import os
import re
import shutil
import subprocess
import sys

import fcgi
from tap import FCGI, SOCK, State, accepts, ok, wait_for

T = os.environ["T"]
AT = "example.com/!up/m/@v/"
BEFORE = AT + "v1.0.0.zip"	# published before
KINDS = {
    "info": AT + "v1.1.0.info", "mod": AT + "v1.1.0.mod", "zip": AT + "v1.1.0.zip",
    "list": AT + "list", "latest": "example.com/!up/m/@latest", "query": AT + "main.info",
}
FAULTS = ["ENOSPC", "EIO", "EDQUOT", "EINTR", "kill", "short"]
QUICK = ["ENOSPC", "kill", "short"]
MOST = 400


def source(name):
    with open(T + "/up/" + name, "rb") as f:
        return f.read()


def request(name, **more):
    env = {"PATH": os.environ["PATH"], "STOA_CONF": T + "/stoa.conf", **more}
    env.update(fcgi.environment("GET", "/" + name))
    p = subprocess.run([os.environ["cgi_bin"]], env=env, stdin=subprocess.DEVNULL,
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60, check=False)
    status, _, body = fcgi.parse(p.stdout) if p.stdout else (0, {}, b"")
    return status, body, p.stderr.decode(errors="replace")


def request_fcgi(name, **more):
    """To a stoa.fcgi of its own."""
    if os.path.exists(SOCK):
        os.unlink(SOCK)
    env = {"PATH": os.environ["PATH"], "STOA_CONF": T + "/stoa.conf", **more}
    status, body = 0, b""
    with subprocess.Popen([FCGI, "--socket", SOCK], env=env, stdin=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as p:
        wait_for(20, lambda: accepts(SOCK) or p.poll() is not None)
        try:
            s = fcgi.connect(SOCK)
            s.sendall(fcgi.request(fcgi.environment("GET", "/" + name)))
            out, _, how = fcgi.answer(s)
            if how == "end 0":
                status, _, body = fcgi.parse(out)
            s.close()
        except OSError:
            pass
        p.terminate()
        err = p.stderr.read().decode(errors="replace")
    return status, body, err


def is_right(name, body):
    if name.endswith("/list"):
        return sorted(body.split()) == sorted(source(name).split())
    return body == source(name)


def fresh():
    shutil.rmtree(T + "/cache", ignore_errors=True)
    shutil.copytree(T + "/seed", T + "/cache")


def wrong_files():
    for at, _, names in os.walk(T + "/cache/mod"):
        for name in names:
            full = os.path.join(at, name)
            rel = os.path.relpath(full, T + "/cache/mod")
            with open(full, "rb") as f:
                data = f.read()
            if rel.endswith(".ziphash"):
                good = len(data) == 47 and data.startswith(b"h1:")
            else:
                good = os.path.exists(T + "/up/" + rel) and is_right(rel, data)
            if not good:
                yield "%s: %d bytes" % (rel, len(data))


def one(program, n, fault, name):
    """None when there is no such call; else what is wrong."""
    fresh()
    ask = request_fcgi if program == "stoa.fcgi" else request
    status, body, err = ask(name, STOA_TEST_FAIL="%s:%d:%s" % (program, n, fault))
    if "strike %d " % n not in err:
        return None
    bad = list(wrong_files())
    call = re.search(r"strike \d+ (\w+)", err).group(1)
    dead = program != "stoa-fetch" and (fault == "kill" or status == 0 or call == "write")
    if status == 200 and not is_right(name, body) and not dead:
        bad.append("a wrong body")
    if status in (404, 410) or (status not in (200, 500, 502, 503, 504) and not dead):
        bad.append("status %d" % status)
    if not os.path.exists(T + "/cache/mod/" + BEFORE):
        bad.append("what was published is gone")
    # a failure of ours is remembered for a second
    shutil.rmtree(T + "/cache/state/refused", ignore_errors=True)
    status, body, err = request(name)
    if status != 200 or not is_right(name, body):
        bad.append("the next request: %d %r" % (status, body[:200]))
    bad += ["afterwards: " + w for w in wrong_files()]
    return ["%s at call %d (%s): %s" % (fault, n, call, b) for b in bad]


def main():
    fresh_status, _, err = request(BEFORE)
    if fresh_status != 200:
        ok("the seed is published", False, err)
        return
    shutil.copytree(T + "/cache", T + "/seed")
    total = 0
    for program in ("stoa-fetch", "stoa.cgi", "stoa.fcgi"):
        for kind, name in KINDS.items():
            for fault in FAULTS if kind in ("zip", "info") else QUICK:
                bad, n = [], 0
                while n < MOST:
                    found = one(program, n + 1, fault, name)
                    if found is None:
                        break
                    n += 1
                    bad += found
                total += n
                ok("%s, %s: %s at each of %d calls" % (program, kind, fault, n),
                   n > 0 and n < MOST and not bad, *bad[:10])
    print("# %d requests with a failing call" % total)
    print("1..%d" % State.n)


sys.exit(main())
