"""project.py: a project of many modules, a go command with nothing cached, and
stoa with an empty cache before an upstream.

SPDX-License-Identifier: Apache-2.0
"""
import os
import shutil
import subprocess
import threading
import time

from lab import Failure, Side, family, memory_kb, read
from rows import Row, Skip, cost

LIMIT = 600     # seconds for one go command
MOST_KB = 24 << 10  # of a helper


class Upstream:
    """Where modules come from; ca is the file of its authority, "" for the system's."""

    def __init__(self, name, url, ca=""):
        self.name = name
        self.url = url
        self.ca = ca


def go_environment(folder, goproxy, ca=""):
    """The machine's own settings but for what must be fresh."""
    env = dict(os.environ, GOPROXY=goproxy, GOPATH=folder + "/gopath", GOMODCACHE=folder + "/mod",
               GOFLAGS="-modcacherw", GOTOOLCHAIN="local", GOWORK="off")
    env.pop("GOBIN", None)
    if ca:
        env["SSL_CERT_FILE"] = ca
    return env


class HelperMemory:
    """The most that a helper of a server's responder has held, looked at while a
    block runs: helpers leave when nobody asks them anything."""

    def __init__(self, server):
        self.server = server
        self.most = 0
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.watch)

    def look(self):
        for p in family(self.server.process.pid):
            try:
                if read("/proc/%d/comm" % p).strip() == "stoa-fetch":
                    self.most = max(self.most, memory_kb(p).get("VmHWM", 0))
            except OSError:
                pass    # it has ended

    def watch(self):
        while not self.over.wait(0.2):
            self.look()

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()


class Project:
    """The project of tests/data/live. Each go command has a folder of its own."""

    def __init__(self, lab):
        self.lab = lab
        self.source = os.path.join(lab.top, "tests/data/live")
        self.n = 0
        if not os.path.isfile(self.source + "/go.mod"):
            raise Skip("tests/data/live has no go.mod")
        if not shutil.which("go"):
            raise Skip("no go command")

    def fresh(self, name):
        """A new folder, with the project in it."""
        self.n += 1
        folder = self.lab.path("live", "%s-%d" % (name, self.n))
        os.makedirs(folder + "/project")
        for f in ("go.mod", "go.sum"):
            shutil.copy(os.path.join(self.source, f), folder + "/project")
        return folder

    def timed(self, argv, folder, env):
        """Seconds of one command in a fresh folder, which is left."""
        began = time.monotonic()
        try:
            r = subprocess.run(argv, cwd=folder + "/project", timeout=LIMIT, env=env,
                               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE, check=False)
        except subprocess.TimeoutExpired:
            raise Failure("%s took more than %d s" % (" ".join(argv), LIMIT)) from None
        took = time.monotonic() - began
        if r.returncode != 0:
            text = r.stderr.decode("utf-8", "replace")
            raise Failure("%s: %s" % (" ".join(argv), text[-600:]))
        return took

    def go(self, goproxy, argv, ca=""):
        """Seconds of one go command with nothing cached."""
        folder = self.fresh("go")
        try:
            return self.timed(["go"] + argv, folder, go_environment(folder, goproxy, ca))
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def straight(self, upstream, argv):
        return self.go(upstream.url, argv, upstream.ca)

    def settings(self, upstream, database=True):
        """The name of a stoa.conf for it."""
        database = database and not upstream.ca     # ours has none
        conf = self.lab.path("live", upstream.name + (".conf" if database else "-off.conf"))
        os.makedirs(self.lab.path("live"), exist_ok=True)
        with open(conf, "w", encoding="utf-8") as f:
            f.write("helper = %s\nupstream = %s\n" % (self.lab.program("fetch/stoa-fetch"), upstream.url))
            if upstream.ca:
                f.write("ca_file = %s\n" % upstream.ca)
            if not database:
                f.write("sumdb = off\n")
        return conf

    def serve(self, upstream, config="static-first.conf", database=True):
        """Stoa behind lighttpd with an empty cache: the server and the cache."""
        self.n += 1
        cache = self.lab.path("live", "cache-%d" % self.n)
        os.makedirs(cache)
        names = {"PREFIX": "", "CACHE": cache, "CONF": self.settings(upstream, database),
                 "FCGI": self.lab.program("fcgi/stoa.fcgi"), "CGI": self.lab.program("cgi-bin/stoa.cgi")}
        return self.lab.serve("live-%d" % self.n, self.lab.config(config), names), cache

    def through(self, upstream, argv, config="static-first.conf", warm=None, kb=None, database=True):
        """Seconds of a cold command. To the lists are added: of a warm one after
        it, and the most memory of the helper."""
        server, cache = self.serve(upstream, config, database)
        try:
            with HelperMemory(server) as memory_of:
                took = self.go(server.url(), argv)
            if kb is not None:
                kb.append(memory_of.most)
            if warm is not None:
                warm.append(self.go(server.url(), argv))
        finally:
            self.lab.stop(server)
            shutil.rmtree(cache, ignore_errors=True)
        return took

    def fill(self, upstream, folder):
        """Seconds of stoactl warm for all that go.sum names, in folder/cache."""
        env = dict(os.environ, STOA_CONF=self.settings(upstream), STOA_CACHE=folder + "/cache")
        os.makedirs(folder + "/cache")
        argv = [self.lab.program("admin/stoactl"), "warm", "--zips", "--quiet", "go.sum"]
        return self.timed(argv, folder, env)

    def warmed(self, upstream):
        """Seconds of stoactl warm with an empty cache."""
        folder = self.fresh("warm")
        try:
            return self.fill(upstream, folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def in_turns(rounds, measures):
    """A Side for each function; the first of a round changes."""
    sides = [Side() for _ in measures]
    for i in range(rounds):
        order = list(range(len(measures)))
        for k in order[i % 2:] + order[:i % 2]:
            sides[k].values.append(measures[k]())
    return sides


def memory(what, kb):
    if not all(kb):
        raise Failure("no helper was seen")
    most = max(kb)
    return Row(what, "%d kB" % most, "", None, "", "<= %d kB" % MOST_KB, most <= MOST_KB)


def compare(it, upstream, argv, rounds, most, warm_most=None):
    """Cold and straight; with warm_most also warm."""
    what = "go %s, %s" % (" ".join(argv), upstream.name)
    warm, kb = Side(), []
    a, b = in_turns(rounds, (
        lambda: it.through(upstream, argv, warm=warm.values if warm_most else None, kb=kb),
        lambda: it.straight(upstream, argv)))
    yield cost(what + ": cold / straight", "s", 1, a, b, most)
    if warm_most:
        yield cost("  warm / straight", "s", 1, warm, b, warm_most)
    yield memory("  memory of the helper", kb)


def verified(it, upstream, argv, rounds, most):
    """What the checksum database adds."""
    a, b = in_turns(rounds, (lambda: it.through(upstream, argv),
                             lambda: it.through(upstream, argv, database=False)))
    yield cost("go %s, cold: with / without the database" % " ".join(argv), "s", 1, a, b, most)


def filled(it, upstream, rounds, most):
    a, b = in_turns(rounds, (lambda: it.warmed(upstream),
                             lambda: it.straight(upstream, ["mod", "download"])))
    yield cost("stoactl warm, %s / go mod download" % upstream.name, "s", 1, a, b, most)
