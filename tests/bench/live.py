"""live.py: a real go command, a real upstream.

SPDX-License-Identifier: Apache-2.0
"""
import os
import shutil
import subprocess
import time

from lab import Failure, Side
from rows import Skip, cost

LIMIT = 600     # seconds for one go command


def go_environment(folder, goproxy):
    """The machine's own settings but for what must be fresh."""
    env = dict(os.environ, GOPROXY=goproxy, GOPATH=folder + "/gopath", GOMODCACHE=folder + "/mod",
               GOFLAGS="-modcacherw", GOTOOLCHAIN="local", GOWORK="off")
    env.pop("GOBIN", None)
    return env


class Live:
    def __init__(self, lab):
        self.lab = lab
        self.project = os.path.join(lab.top, "tests/data/live")
        self.n = 0
        if not os.path.isfile(self.project + "/go.mod"):
            raise Skip("tests/data/live has no go.mod")
        if not shutil.which("go"):
            raise Skip("no go command")
        self.goproxy = lab.run(["go", "env", "GOPROXY"])[0].strip()
        if self.goproxy in ("", "off", "direct"):
            raise Skip("GOPROXY of this machine names no proxy")

    def fresh(self, name):
        """A new folder, with the project in it."""
        self.n += 1
        folder = self.lab.path("live", "%s-%d" % (name, self.n))
        os.makedirs(folder + "/project")
        for f in ("go.mod", "go.sum"):
            shutil.copy(os.path.join(self.project, f), folder + "/project")
        return folder

    def go(self, goproxy, argv):
        """Seconds of one go command with nothing cached."""
        folder = self.fresh("go")
        began = time.monotonic()
        try:
            r = subprocess.run(["go"] + argv, cwd=folder + "/project", timeout=LIMIT,
                               env=go_environment(folder, goproxy), stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
        except subprocess.TimeoutExpired:
            raise Failure("go %s took more than %d s" % (" ".join(argv), LIMIT)) from None
        took = time.monotonic() - began
        shutil.rmtree(folder, ignore_errors=True)
        if r.returncode != 0:
            text = r.stderr.decode("utf-8", "replace")
            raise Failure("go %s: %s" % (" ".join(argv), text[-600:]))
        return took

    def serve(self):
        """Stoa with an empty cache, and the upstream of this machine."""
        self.n += 1
        cache = self.lab.path("live", "cache-%d" % self.n)
        conf = self.lab.path("live", "stoa.conf")
        os.makedirs(cache)
        with open(conf, "w", encoding="utf-8") as f:
            f.write("helper = %s\n" % self.lab.program("fetch/stoa-fetch"))
        names = {"PREFIX": "", "CACHE": cache, "CONF": conf,
                 "FCGI": self.lab.program("fcgi/stoa.fcgi")}
        server = self.lab.serve("live-%d" % self.n, self.lab.config("static-first.conf"), names,
                                {"GOPROXY": self.goproxy})
        return server, cache

    def through(self, argv, warm):
        """Cold, then warm with what the cold one left."""
        server, cache = self.serve()
        try:
            took = self.go(server.url(), argv)
            warm.append(self.go(server.url(), argv))
        finally:
            self.lab.stop(server)
            shutil.rmtree(cache, ignore_errors=True)
        return took

    def compare(self, argv, rounds, most):
        what = "go " + " ".join(argv)
        a, b, warm = Side(), Side(), Side()
        for i in range(rounds):
            if i % 2:
                b.values.append(self.go(self.goproxy, argv))
            a.values.append(self.through(argv, warm.values))
            if i % 2 == 0:
                b.values.append(self.go(self.goproxy, argv))
        yield cost(what + ", cold / straight", "s", 1, a, b, most)
        yield cost("  warm / straight", "s", 1, warm, b)


def live(lab, options):
    it = Live(lab)
    try:
        it.go(it.goproxy, ["mod", "download"])  # it answers, and has everything at hand
    except Failure as e:
        raise Skip("the upstream does not answer: %s" % " ".join(str(e).split())[:300]) from None
    rounds = max(3, min(options.rounds, 5))
    yield from it.compare(["mod", "download"], rounds, 2.0)
    yield from it.compare(["mod", "graph"], rounds, None)
