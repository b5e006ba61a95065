"""lab.py: the folder, web servers and load of one run of the benchmark.

All that is made lies in one temporary folder; all that is started is ended by
its number when the Lab is closed, also after Ctrl-C. Only 127.0.0.1 is used.

SPDX-License-Identifier: Apache-2.0
"""
import http.client
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import tempfile
import time

TICK = os.sysconf("SC_CLK_TCK")
STATIC_PART = '\n$HTTP["request-method"]'


class Failure(Exception):
    """Something cannot be measured; the text says why."""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def write(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(data if isinstance(data, bytes) else data.encode())


def children(pid):
    """Of all threads of a process."""
    try:
        names = ["/proc/%d/task/%s/children" % (pid, t) for t in os.listdir("/proc/%d/task" % pid)]
        return [int(p) for name in names for p in read(name).split()]
    except OSError:
        return []


def family(pid):
    """The process and all that it has started."""
    return [pid] + [p for child in children(pid) for p in family(child)]


def cpu_seconds(pid):
    """Of a process, or of all in a list."""
    if isinstance(pid, list):
        return sum(map(cpu_seconds, pid))
    try:
        fields = read("/proc/%d/stat" % pid).rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICK


def memory_kb(pid):
    """VmRSS, VmHWM and RssAnon in kB."""
    found = dict(re.findall(r"(?m)^(VmRSS|VmHWM|RssAnon):\s+(\d+) kB", read("/proc/%d/status" % pid)))
    return {name: int(value) for name, value in found.items()}


class Server:
    """A lighttpd, and the responder that it started if any."""

    def __init__(self, name, port, process):
        self.name = name
        self.port = port
        self.process = process

    def url(self, path=""):
        return "http://127.0.0.1:%d%s" % (self.port, path)

    def responder(self):
        """The process number of the program that lighttpd started."""
        pids = children(self.process.pid)
        if len(pids) != 1:
            raise Failure("%s: lighttpd has %d children instead of one" % (self.name, len(pids)))
        return pids[0]

    def get(self, path):
        """Status, headers but Date, body."""
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            c.request("GET", path)
            r = c.getresponse()
            body = r.read()
            return r.status, sorted(h for h in r.getheaders() if h[0].lower() != "date"), body
        finally:
            c.close()

    def drain(self, path):
        """Reads a large answer without keeping it; its size."""
        size = 0
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as s:
            s.sendall(b"GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n" % path.encode())
            block = bytearray(1 << 20)
            while True:
                n = s.recv_into(block)
                if n == 0:
                    return size
                size += n


class Lab:
    def __init__(self, top, build):
        self.top = top
        self.build = build
        self.dir = tempfile.mkdtemp(prefix="stoa-bench-")
        self.servers = []
        self.p99 = (0, 0)

    def close(self):
        for server in list(self.servers):
            self.stop(server)
        shutil.rmtree(self.dir, ignore_errors=True)

    def path(self, *names):
        return os.path.join(self.dir, *names)

    def program(self, name):
        return os.path.join(self.build, name)

    def config(self, name):
        """A configuration of etc/lighttpd as it is."""
        return read(os.path.join(self.top, "etc/lighttpd", name))

    def config_without_static(self, name):
        """The same without the part in which lighttpd sends files itself."""
        text = self.config(name)
        if STATIC_PART not in text:
            raise Failure("etc/lighttpd/%s has no part that begins with %s" % (name, STATIC_PART.strip()))
        return text[:text.index(STATIC_PART)] + "\n"

    def serve(self, name, text, names, env=None):
        """Starts lighttpd with the names between at signs filled in."""
        for _ in range(5):
            port = free_port()
            server = self.try_serve(name, text, dict(names, PORT=str(port)), port, env)
            if server:
                return server
        raise Failure("%s: lighttpd does not start: %s" % (name, read(self.path(name + ".err"))[-500:]))

    def try_serve(self, name, text, names, port, env):
        names = dict(names, ERRORLOG=self.path(name + ".log"), PIDFILE=self.path(name + ".pid"),
                     SOCKET=self.path(name + ".sock"))
        text = re.sub(r"@([A-Z]+)@", lambda m: names[m.group(1)], text)
        conf = self.path(name + ".conf")
        write(conf, text)
        with open(self.path(name + ".err"), "wb") as err:
            process = subprocess.Popen(
                ["lighttpd", "-D", "-f", conf], stdin=subprocess.DEVNULL, stdout=err, stderr=err,
                env=dict(os.environ, **(env or {})), start_new_session=True)
        server = Server(name, port, process)
        self.servers.append(server)
        until = time.monotonic() + 10
        while time.monotonic() < until and process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                return server
            except OSError:
                time.sleep(0.02)
        self.stop(server)
        return None

    def stop(self, server):
        """Ends lighttpd and, if it left it behind, its responder."""
        pids = children(server.process.pid)
        server.process.terminate()
        try:
            server.process.wait(5)
        except subprocess.TimeoutExpired:
            server.process.kill()
            server.process.wait(5)
        until = time.monotonic() + 3
        while time.monotonic() < until and any(os.path.exists("/proc/%d" % p) for p in pids):
            time.sleep(0.02)
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.servers.remove(server)

    def run(self, argv, env=None, timeout=60, cwd=None):
        """A program's standard output and error; a failure is ours too."""
        try:
            r = subprocess.run(argv, env=env, cwd=cwd, timeout=timeout, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        except subprocess.TimeoutExpired:
            raise Failure("%s did not end within %d s" % (os.path.basename(argv[0]), timeout)) from None
        out, err = r.stdout.decode("utf-8", "replace"), r.stderr.decode("utf-8", "replace")
        if r.returncode != 0:
            raise Failure("%s: status %d: %s" % (os.path.basename(argv[0]), r.returncode, (err or out)[-400:]))
        return out, err

    def load(self, a, b, slices, connections):
        """Two servers, each with a file of paths, asked in turns by load.c: for
        each two slices the answers and seconds of the one and of the other.
        What 99 % of the answers of each took at most is in self.p99."""
        argv = [self.program("tests/bench/load"), str(slices), str(connections)]
        for server, paths in (a, b):
            argv += [str(server.port), paths]
        out, _ = self.run(argv, timeout=60 + slices)
        lines = [tuple(map(float, line.split())) for line in out.splitlines()]
        self.p99 = lines.pop()
        return lines


class Side:
    """One of two things that are compared: what its rounds gave."""

    def __init__(self, values=()):
        self.values = list(values)

    def median(self):
        return statistics.median(self.values)


def ratios(a, b):
    return [x / y for x, y in zip(a.values, b.values)]


def ratio(a, b):
    """The median of the rounds' ratios: the two sides of a round lie next to
    each other in time, so what else the machine does falls out of most."""
    return statistics.median(ratios(a, b))


def spread(a, b):
    """The middle half of the ratios, and how many there are."""
    r = sorted(ratios(a, b))
    return "%.2f..%.2f/%d" % (r[len(r) // 4], r[-1 - len(r) // 4], len(r))
