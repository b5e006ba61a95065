"""live.py: a real go command, a real upstream.

SPDX-License-Identifier: Apache-2.0
"""
from lab import Failure
from project import Project, Upstream, compare, filled, verified
from rows import Skip


def live_upstream(it):
    """This machine's own, when it answers."""
    goproxy = it.lab.run(["go", "env", "GOPROXY"])[0].strip()
    if goproxy in ("", "off", "direct"):
        raise Skip("GOPROXY of this machine names no proxy")
    upstream = Upstream("live", goproxy)
    try:
        it.straight(upstream, ["mod", "graph"])
    except Failure as e:
        raise Skip("the upstream does not answer: %s" % " ".join(str(e).split())[:300]) from None
    return upstream


def live(lab, options):
    it = Project(lab)
    upstream = live_upstream(it)
    rounds = max(3, options.rounds)
    yield from compare(it, upstream, ["mod", "graph"], rounds, 2.0)
    yield from verified(it, upstream, ["mod", "graph"], rounds, 1.5)
    it.straight(upstream, ["mod", "download"])  # has everything at hand
    yield from compare(it, upstream, ["mod", "download"], rounds, 1.15)
    yield from verified(it, upstream, ["mod", "download"], rounds, 1.15)
    yield from filled(it, upstream, rounds, 1.0)
