# tests/vcs/fossil.py TMP FETCH [NAME...]: Fossil repositories on a server of the loopback,
# compared with what the go command says of them.
# SPDX-License-Identifier: Apache-2.0
import os
import sys

import fossilrepo
from differ import tap
from onservers import CONTENTS, compare, mod, stamp


# Each returns [(path behind the name, queries)]

def fossil_pseudo(r, n, base="v0.0.0-", off=0):
    return f"{base}{stamp(r.times[n] + off)}-{r.ids[n][:12]}"


def fossil_plain(r):
    r.commit({"go.mod": mod(r.name), "a.go": "package a\n"})
    r.tag("v1.0.0")
    b = r.commit()
    r.tag("v1.1.0")
    r.tag("v1.1.1+meta")
    c = r.commit(more=["--branch", "side-way"])
    r.update("trunk")
    return [("", ["v1.0.0", "v1.1.0", "v1.1.1", "v9.0.0", "trunk", "tip", "side-way", "nothing", r.ids[b],
                  r.ids[b][:12], r.ids[b][:7], r.ids[b][:3], fossil_pseudo(r, b), fossil_pseudo(r, c),
                  fossil_pseudo(r, c, off=1), fossil_pseudo(r, b, "v1.0.1-0."), fossil_pseudo(r, b, "v1.0.0-"),
                  fossil_pseudo(r, b)[:-1], "2024-01-01"])]


def fossil_folders(r):
    r.commit({"go.mod": mod(r.name), "LICENSE": "root\n",
              "sub/go.mod": mod(r.name + "/sub"), "sub/s.go": "package s\n"})
    r.tag("sub/v1.0.0")
    return [("", ["trunk"]), ("/sub", ["v1.0.0", "trunk", fossil_pseudo(r, 1)]), ("/none", ["trunk"])]


def fossil_majors(r):
    r.commit({"a.go": "package a\n"})
    r.tag("v2.0.0")
    r.commit({"v3/go.mod": mod(r.name + "/v3"), "v3/t.go": "package t\n", "go.mod": mod(r.name + "/v4")})
    r.tag("v4.0.0")
    return [("", ["v2.0.0", "v2.0.0+incompatible", "trunk", fossil_pseudo(r, 1)]),
            ("/v4", ["v4.0.0", "trunk", fossil_pseudo(r, 2, "v4.0.0-")]), ("/v3", ["trunk"])]


def fossil_contents(r):
    r.fossil("settings", "allow-symlinks", "on")
    r.commit({"go.mod": mod(r.name), **CONTENTS})
    return [("", ["trunk"])]


def fossil_sha3(r):
    r.commit({"go.mod": mod(r.name)})
    r.tag("v1.0.0")
    return [("", ["v1.0.0", "trunk", r.ids[1], r.ids[1][:40], r.ids[1][:12], fossil_pseudo(r, 1)])]


def fossil_empty(r):
    return [("", ["trunk", "v1.0.0"])]


def fossil_retracted(r):
    r.commit({"go.mod": mod(r.name, "retract v0.0.0-20000101000000-000000000000\n")})
    r.commit({"go.mod": mod(r.name, "retract [v0.0.0-0, v0.9.9]\n")})
    return [("", [r.ids[1], "trunk"])]


ALL = [fossil_plain, fossil_folders, fossil_majors, fossil_contents, fossil_sha3, fossil_empty, fossil_retracted]


def prepare(tmp, root, only):
    server = fossilrepo.FossilServer(tmp, root)
    cases = []
    for f in ALL:
        name = f.__name__.replace("_", "-")
        if not only or name in only:
            r = fossilrepo.FossilRepo(root, tmp, name, "sha3" if f is fossil_sha3 else "sha1")
            cases.append((name, "fossil", f"{server.url}/{name}", f(r)))
    cases.append(("fossil-missing", "fossil", f"{server.url}/none", [("", ["trunk"])]))
    return cases, server


def main():
    tmp, fetch, only = sys.argv[1], sys.argv[2], sys.argv[3:]
    os.environ["LC_ALL"] = "C.UTF-8"
    root = os.path.join(tmp, "repos")
    os.makedirs(root)
    cases, server = prepare(tmp, root, only)
    try:
        code = tap(compare(tmp, fetch, cases, None if only else (30, 10)))
    finally:
        server.stop()
    sys.exit(code)


main()
