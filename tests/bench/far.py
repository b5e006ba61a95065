"""far.py: the same upstream each time, on loopback: the live project's modules,
recorded once in the folder of the build and served by origin.go over TLS and
HTTP/2, with and without 30 ms before each answer.

SPDX-License-Identifier: Apache-2.0
"""
import contextlib
import os
import shutil
import subprocess
import time

from lab import Failure, read
from live import live_upstream
from project import Project, Upstream, compare, filled, go_environment, in_turns
from rows import cost

GRAPH = ["mod", "graph"]
DOWNLOAD = ["mod", "download"]


def record(it):
    """The folder of the modules, in the layout of a proxy: what go commands ask for,
    and all that go.sum names."""
    kept = os.path.join(it.lab.build, "modules")
    if not os.path.isdir(kept):
        upstream = live_upstream(it)
        folder = it.fresh("record")
        for argv in (GRAPH, DOWNLOAD):
            it.timed(["go"] + argv, folder, go_environment(folder, upstream.url))
        it.fill(upstream, folder)
        shutil.rmtree(kept + ".new", ignore_errors=True)
        shutil.copytree(folder + "/mod/cache/download", kept + ".new")
        shutil.copytree(folder + "/cache/mod", kept + ".new", dirs_exist_ok=True)
        os.rename(kept + ".new", kept)
        shutil.rmtree(folder)
    return kept


@contextlib.contextmanager
def origin(it, name, pause):
    """The Upstream, while it runs."""
    program, run = it.lab.path("origin"), it.lab.path("origin-" + pause)
    if not os.path.exists(program):
        env = dict(os.environ, GOTOOLCHAIN="local", GOCACHE=it.lab.path("gocache"))
        it.lab.run(["go", "build", "-o", program, os.path.join(it.lab.top, "tests/bench/origin.go")],
                   env=env, timeout=300, cwd=it.lab.dir)
    os.makedirs(run)
    with subprocess.Popen([program, record(it), pause, run], stdin=subprocess.PIPE) as p:
        try:
            until = time.monotonic() + 10
            while not os.path.exists(run + "/port"):
                if p.poll() is not None or time.monotonic() > until:
                    raise Failure("origin.go does not start")
                time.sleep(0.02)
            yield Upstream(name, "https://127.0.0.1:" + read(run + "/port").strip(), run + "/ca.pem")
        finally:
            p.stdin.close()
            shutil.rmtree(run)


def plain_cgi(it, upstream, rounds):
    a, b = in_turns(rounds, (lambda: it.through(upstream, GRAPH, config="cgi.conf"),
                             lambda: it.straight(upstream, GRAPH)))
    yield cost("go mod graph, %s: plain CGI, cold / straight" % upstream.name, "s", 1, a, b, 3.0)


def far(lab, options):
    it = Project(lab)
    with origin(it, "30 ms away", "30ms") as upstream:
        it.straight(upstream, DOWNLOAD)     # what is read later is in memory
        yield from compare(it, upstream, GRAPH, options.rounds, 1.3)
        yield from plain_cgi(it, upstream, options.rounds)
        yield from compare(it, upstream, DOWNLOAD, options.rounds, 1.3)
        yield from filled(it, upstream, options.rounds, 1.0)


def near(lab, options):
    it = Project(lab)
    with origin(it, "0 ms away", "0ms") as upstream:
        it.straight(upstream, DOWNLOAD)
        yield from compare(it, upstream, GRAPH, options.rounds, None, 1.2)
        yield from compare(it, upstream, DOWNLOAD, options.rounds, None, 1.2)
