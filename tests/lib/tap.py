"""What tap.sh is to shell, for tests that a shell cannot say: TAP, requests,
processes. tap.sh has made the folder $T and its stoa.conf, and ends what is left.

SPDX-License-Identifier: Apache-2.0
"""
import hashlib
import http.client
import os
import socket
import subprocess
import sys
import threading
import time

import fcgi
import procs

T = os.environ["T"]
CGI = os.environ["cgi_bin"]
FCGI = os.environ["fcgi_bin"]
SOCK = os.environ.get("fcgi_sock", T + "/stoa.sock")


class State:
    n = 0
    lock = threading.Lock()


def ok(claim, good, *notes):
    with State.lock:
        State.n += 1
        print("%sok %d - %s" % ("" if good else "not ", State.n, claim))
        if not good:
            for note in notes:
                print("#   " + str(note)[:1000].replace("\n", "\n#   "))
        sys.stdout.flush()
    return bool(good)


def equal(claim, got, wanted):
    return ok(claim, got == wanted, "got:    %r" % (got,), "wanted: %r" % (wanted,))


def skip(claim, reason):
    State.n += 1
    print("ok %d - %s # SKIP %s" % (State.n, claim, reason))


def done():
    text = ""
    if os.path.exists(T + "/err"):
        with open(T + "/err", errors="replace") as f:
            text = f.read()
    at = max(text.find("Sanitizer"), text.find("runtime error:"))
    if at >= 0:
        ok("no sanitizer has a complaint", False, text[max(0, at - 100):at + 900])
    print("1..%d" % State.n)


def wait_for(seconds, test):
    """Polls until the test is true; its value."""
    end = time.monotonic() + seconds
    while True:
        got = test()
        if got or time.monotonic() > end:
            return got
        time.sleep(0.01)


def base_env(more=None):
    env = {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], "STOA_CONF": T + "/stoa.conf"}
    for name in "ASAN_OPTIONS", "LSAN_OPTIONS":
        if name in os.environ:
            env[name] = os.environ[name]
    env.update(more or {})
    return env


def errors():
    return open(T + "/err", "ab")


def start_cgi(uri, method="GET", more=None):
    env = base_env(fcgi.environment(method, uri, more))
    with errors() as err:
        return subprocess.Popen([CGI], env=env, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=err)


def cgi(uri, method="GET", more=None):
    """(status, headers, body, how): how is "exit N", negative for a signal."""
    p = start_cgi(uri, method, more)
    out = p.communicate()[0]
    return fcgi.parse(out) + ("exit %d" % p.returncode,)


def via_fcgi(uri, method="GET", more=None, timeout=60.0, sock=None):
    try:
        return fcgi.get(sock or SOCK, uri, method, more, timeout)
    except OSError as e:
        return 0, {}, b"", type(e).__name__


def via_http(base, uri, method="GET", timeout=60.0):
    host = base.split("//")[1]
    c = http.client.HTTPConnection(host, timeout=timeout)
    try:
        c.request(method, uri)
        r = c.getresponse()
        body = r.read()
        return r.status, {k.lower(): v for k, v in r.getheaders()}, body, "end"
    except (OSError, http.client.HTTPException) as e:
        return 0, {}, b"", type(e).__name__
    finally:
        c.close()


def listening(path):
    """A Unix socket that listens, for a responder to inherit."""
    if os.path.exists(path):
        os.unlink(path)
    s = socket.socket(socket.AF_UNIX)
    s.bind(path)
    s.listen(1024)
    return s


def start_fcgi(more=None, sock=None, args=(), limits=None):
    """stoa.fcgi: on a listening socket that it inherits as standard input, or
    with --socket SOCK. limits: of its descriptors, the soft and the hard one."""
    with errors() as err:
        if sock is not None:
            return subprocess.Popen([FCGI, *args], env=base_env(more), stdin=sock.fileno(),
                                    stdout=subprocess.DEVNULL, stderr=err)
        limit = ["prlimit", "--nofile=%d:%d" % limits] if limits else []
        p = subprocess.Popen([*limit, FCGI, "--socket", SOCK, *args], env=base_env(more),
                             stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=err)
        wait_for(20, lambda: accepts(SOCK) or p.poll() is not None)
        return p


def accepts(path):
    """Whether somebody listens there: bind(2) alone makes the file, but refuses."""
    with socket.socket(socket.AF_UNIX) as s:
        try:
            s.connect(path)
        except OSError:
            return False
    return True


def stop(p, signal=15, seconds=5):
    """Seconds that it took, or None when it had to be killed."""
    start = time.monotonic()
    if p.poll() is None:
        p.send_signal(signal)
    try:
        p.wait(seconds)
        return time.monotonic() - start
    except subprocess.TimeoutExpired:
        p.kill()
        p.wait()
        return None


def helpers():
    return procs.find(T)


def asked(pattern="", run="upstream"):
    with open("%s/%s.run/requests" % (T, run)) as f:
        return [line.strip() for line in f if pattern in line]


def rules(*lines, run="upstream"):
    with open("%s/%s.run/rules.new" % (T, run), "w") as f:
        f.writelines(line + "\n" for line in lines)
    os.rename("%s/%s.run/rules.new" % (T, run), "%s/%s.run/rules" % (T, run))


def touch(name):
    with open(name, "w"):
        pass


def sum_of(data):
    return hashlib.sha256(data).hexdigest()


def file_sum(name):
    with open(name, "rb") as f:
        return sum_of(f.read())


def together(jobs):
    """Runs the functions at once, each in its thread; their values in order."""
    out = [None] * len(jobs)

    def one(i):
        try:
            out[i] = jobs[i]()
        except Exception as e:		# pylint: disable=broad-except
            out[i] = e
    threads = [threading.Thread(target=one, args=(i,)) for i in range(len(jobs))]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return out
