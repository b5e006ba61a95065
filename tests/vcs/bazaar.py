# tests/vcs/bazaar.py TMP FETCH [NAME...]: Bazaar branches on a server of the loopback,
# compared with what the go command says of them.
# SPDX-License-Identifier: Apache-2.0
import itertools
import os
import sys

import bzrrepo
from differ import tap
from onservers import CONTENTS, compare, mod, stamp
from others import H, Lab
from served import DENIED, want


# Each returns [(path behind the name, queries)]

def bzr_pseudo(r, n, base="v0.0.0-", off=0, digits=12):
    return f"{base}{stamp(r.times[n] + off)}-{n:0{digits}d}"


def bzr_plain(r):
    r.commit({"go.mod": mod(r.name), "a.go": "package a\n"})
    r.tag("v1.0.0")
    r.tag("v1.0.1-rc.1")
    r.commit({"a.go": "package b\n"}, zone=-12600)
    r.tag("v1.1.0")
    r.tag("other")
    c = r.commit()
    return [("", ["v1.0.0", "v1.0.1-rc.1", "v1.1.0", "v9.0.0", "2", "3", "9", "nothing", "other",
                  bzr_pseudo(r, c), bzr_pseudo(r, c, off=1), bzr_pseudo(r, c, "v1.1.1-0."),
                  bzr_pseudo(r, 2, "v1.0.1-0."), bzr_pseudo(r, c, digits=11), bzr_pseudo(r, c, "v1.0.0-")])]


def bzr_folders(r):
    r.commit({"go.mod": mod(r.name), "sub/go.mod": mod(r.name + "/sub"), "sub/s.go": "package s\n"})
    r.tag("sub/v1.0.0")
    return [("", ["1", "v1.0.0"]), ("/sub", ["v1.0.0", "1", bzr_pseudo(r, 1)]), ("/none", ["1"])]


def bzr_contents(r):
    r.commit({"go.mod": mod(r.name), **CONTENTS})
    return [("", ["1"])]


def bzr_majors(r):
    r.commit({"a.go": "package a\n"})
    r.tag("v2.0.0")
    r.commit({"go.mod": mod(r.name + "/v4")})
    r.tag("v4.0.0")
    return [("", ["v2.0.0", "v2.0.0+incompatible", "v4.0.0"]), ("/v4", ["v4.0.0", "2"])]


def bzr_empty(r):
    return [("", ["1", "v1.0.0"])]


ALL = [bzr_plain, bzr_folders, bzr_contents, bzr_majors, bzr_empty]


def prepare(tmp, root, only):
    server = bzrrepo.BzrServer(root)
    cases = []
    for f in ALL:
        name = f.__name__.replace("_", "-")
        if not only or name in only:
            cases.append((name, "bzr", f"{server.url}/{name}", f(bzrrepo.BzrRepo(root, tmp, name))))
    cases.append(("bzr-missing", "bzr", f"{server.url}/none", [("", ["1"])]))
    return cases, server


def hostile(tmp, fetch, root, url):
    lab = Lab(tmp, fetch)
    r = bzrrepo.BzrRepo(root, tmp, "m")
    r.commit({"go.mod": mod("m")})
    r.tag("v1.0.0")
    r.bzr("checkout", "-q", "--lightweight", r.dir, os.path.join(root, "elsewhere"))
    s = lab.stoa("elsewhere", "bzr", url + "/elsewhere", STOA_TRANSPORTS="http")
    bad = want("exit code", s.run("query", f"{H}/m", "1"), DENIED, s.said)
    yield "a branch that leads to a folder of this machine", bad + want("what was published", s.has(H), False)
    s = lab.stoa("transports", "bzr", url + "/m")
    yield "not without transports", want("exit code", s.run("query", f"{H}/m", "1"), DENIED, s.said)

    s = lab.stoa("kept", "bzr", url + "/m", STOA_TRANSPORTS="http", STOA_LIST_TTL="0")
    bad = want("exit code", s.run("query", f"{H}/m", "1"), 0, s.said)
    for q in "-1", "--help", f"branch:{r.dir}", r.dir, "last:1", "revid:null:", "date:today", "1..1", "..", "nothing":
        bad += want(q, s.run("--", "query", f"{H}/m", q) != 0, True, s.said)
    yield "queries that it would take for more than names", bad
    r.commit()
    yield "what is new is pulled", want("exit code", s.run("query", f"{H}/m", "2"), 0, s.said)
    folder = os.path.join(s.cache, "state/vcs")
    kept = [d for d in os.listdir(folder) if len(d) == 64][0]
    with open(os.path.join(folder, kept, "branch/.bzr/branch/last-revision"), "w") as f:
        f.write("nonsense")
    yield "a damaged branch is made anew", want("exit code", s.run("query", f"{H}/m", "v1.0.0"), 0, s.said)


def main():
    tmp, fetch, only = sys.argv[1], sys.argv[2], sys.argv[3:]
    os.environ["LC_ALL"] = "C.UTF-8"
    root = os.path.join(tmp, "repos")
    os.makedirs(root)
    path = os.path.join(tmp, "bin")
    os.makedirs(path)
    os.symlink(bzrrepo.there(), os.path.join(path, "bzr"))
    cases, server = prepare(tmp, root, only)
    try:
        code = tap(itertools.chain(compare(tmp, fetch, cases, None if only else (15, 10), path),
                                   hostile(tmp, os.path.abspath(fetch), root, server.url)))
    finally:
        server.stop()
    sys.exit(code)


main()
