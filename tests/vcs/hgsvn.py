# tests/vcs/hgsvn.py TMP FETCH [NAME...]: Mercurial and Subversion repositories on servers
# of the loopback, compared with what the go command says of them.
# SPDX-License-Identifier: Apache-2.0
import os
import sys

import hgrepo
import svnrepo
from differ import tap
from onservers import compare, mod, stamp


# ---- Mercurial: each returns [(path behind the name, queries)]

def hg_pseudo(r, n, base="v0.0.0-", off=0):
    return f"{base}{stamp(int(r.times[n]) + off)}-{r.ids[n][:12]}"


def hg_plain(r):
    r.commit({"go.mod": mod(r.name), "a.go": "package a\n"})
    r.tag("v1.0.0")
    b = r.commit()
    r.tag("v1.1.0")
    r.hg("bookmark", "-r", r.ids[1], "mark")
    c = r.commit()
    return [("", ["v1.0.0", "v1.1.0", "v9.0.0", "tip", "default", "mark", "nothing", r.ids[b], r.ids[b][:12],
                  r.ids[b][:7], r.ids[b][:5], "2", hg_pseudo(r, c, "v1.1.1-0."), hg_pseudo(r, c),
                  hg_pseudo(r, c, "v1.2.1-0."), hg_pseudo(r, c, "v1.1.1-0.", 1), hg_pseudo(r, 1, "v1.1.1-0."),
                  hg_pseudo(r, 1, "v1.0.1-0."), hg_pseudo(r, c, "v1.0.0-"), hg_pseudo(r, c, "v1.0.1-0.")])]


def hg_untagged(r):
    b = r.commit({"a.go": "package a\n"})
    return [("", ["tip", "default", hg_pseudo(r, b), hg_pseudo(r, b, "v1.0.0-"), "v1.0.0"])]


def hg_empty(r):
    return [("", ["tip", "default", "v1.0.0"])]


def hg_folders(r):
    r.commit({"go.mod": mod(r.name), "LICENSE": "root\n", "sub/go.mod": mod(r.name + "/sub"), "sub/s.go": "package s\n",
              "deep/er/go.mod": mod(r.name + "/deep/er"), "deep/er/LICENSE": "own\n", "deep/er/d.go": "package d\n"})
    r.tag("sub/v1.0.0")
    r.tag("deep/er/v0.2.0-rc.1")
    b = r.commit()
    return [("", ["tip", "v1.0.0"]), ("/sub", ["v1.0.0", "tip", hg_pseudo(r, b, "v1.0.1-0.")]),
            ("/deep/er", ["v0.2.0-rc.1", "default", hg_pseudo(r, b, "v0.2.0-rc.1.0.")]), ("/none", ["tip", "v1.0.0"])]


def hg_majors(r):
    r.commit({"a.go": "package a\n"})
    r.tag("v1.0.0")
    r.tag("v2.0.0")
    r.commit({"v3/go.mod": mod(r.name + "/v3"), "v3/t.go": "package t\n"})
    r.tag("v3.0.0")
    r.commit({"go.mod": mod(r.name + "/v4")})
    r.tag("v4.0.0")
    b = r.commit()
    return [("", ["v1.0.0", "v2.0.0", "v2.0.0+incompatible", "v3.0.0+incompatible", "v4.0.0", "tip"]),
            ("/v2", ["v2.0.0", "tip"]), ("/v3", ["v3.0.0", "tip"]),
            ("/v4", ["v4.0.0", "tip", hg_pseudo(r, b, "v4.0.1-0."), hg_pseudo(r, b, "v4.0.0-")])]


def hg_contents(r):
    r.commit({"go.mod": mod(r.name), "LICENSE": "l\n", "vendor/x/x.go": "package x\n", "vendor/modules.txt": "m\n",
              "pkg/vendor/p.go": "package p\n", "link": ("link", "go.mod"), "run.sh": ("exec", "#!/bin/sh\n"),
              "d\u00e9/\u00fc.txt": "u\n", "crlf.txt": "a\r\nb\r\n", "nested/go.mod": "module other\n",
              "nested/n.go": "package n\n", "sub/.hg_archival.txt": "kept\n", ".hgignore": "^x$\n",
              "empty.txt": "", "with space.txt": "s\n", "bin.dat": bytes(range(256))})
    r.tag("v1.0.0")
    return [("", ["v1.0.0", "tip"])]


def hg_bad_names(r):
    r.commit({"go.mod": mod(r.name), "aux.txt": "x\n"})
    r.tag("v1.0.0")
    r.commit({"aux.txt": None, "A.go": "package a\n", "a.go": "package a\n"})
    r.tag("v1.1.0")
    r.commit({"A.go": None})
    r.tag("v1.2.0")
    return [("", ["v1.0.0", "v1.1.0", "v1.2.0"])]


def hg_retracted(r):
    r.commit({"go.mod": mod(r.name)})
    r.tag("v1.0.0")
    r.commit()
    r.tag("v1.1.0")
    r.commit({"go.mod": mod(r.name, "retract [v1.1.0, v1.2.0]\n")})
    r.tag("v1.2.0")
    b = r.commit()
    return [("", ["tip", "v1.1.0", "v1.0.0", hg_pseudo(r, b, "v1.0.1-0."), hg_pseudo(r, b, "v1.2.1-0.")])]


def hg_branches(r):
    r.commit({"go.mod": mod(r.name)})
    r.tag("v1.0.0")
    r.branch("stable")
    s = r.commit()
    r.tag("v1.0.1")
    r.update("default")
    d = r.commit()
    r.branch("old")
    o = r.commit()
    r.commit({"gone.txt": "x"}, more=["--close-branch"])
    r.update("default")
    m = r.merge(r.ids[s])
    r.update(r.ids[1])
    h = r.commit()
    return [("", ["v1.0.1", "stable", "old", "default", "tip", hg_pseudo(r, d, "v1.0.1-0."),
                  hg_pseudo(r, d, "v1.0.2-0."), hg_pseudo(r, m, "v1.0.2-0."), hg_pseudo(r, h, "v1.0.1-0."), r.ids[o]])]


def hg_tags(r):
    r.commit({"go.mod": mod(r.name)})
    r.tag("v1.0.0-rc.1")
    r.tag("v1.0.0+meta", 1)
    r.tag("v1.0", 1)
    r.commit()
    r.tag("v1.0.0")
    b = r.commit()
    r.tag("v1.1.0", b)
    r.tag("v1.1.0", 1, "-f")
    r.tag("v1.2.0", b)
    r.tag("v1.2.0", None, "--remove")
    r.tag("two words", b)
    r.tag("v0.0.0-20200101000000-000000000000", b)
    return [("", ["v1.0.0-rc.1", "v1.0.0", "v1.1.0", "v1.2.0", "v1.0.0+meta", "tip", r.ids[b], r.ids[1],
                  hg_pseudo(r, b, "v1.0.0-rc.1.0."), hg_pseudo(r, b, "v1.0.1-0."), hg_pseudo(r, 1, "v1.0.1-0.")])]


def hg_subrepo(r):
    r.commit({"go.mod": mod(r.name), ".hgsubstate": "0" * 40 + " third\n"})
    r.tag("v1.0.0")
    return [("", ["v1.0.0", "tip"])]


def hg_no_module(r):
    r.commit({"go.mod": "module other.example/x\n", "sub/go.mod": "// nothing\n"})
    r.tag("v1.0.0")
    r.tag("sub/v1.0.0", 1)
    return [("", ["v1.0.0", "tip"]), ("/sub", ["v1.0.0", "tip"])]


# ---- Subversion: each returns the folder that the page names, and what is asked

def svn_pseudo(r, n, base="v0.0.0-", off=0, digits=12):
    return f"{base}{stamp(r.times[n] + off)}-{n:0{digits}d}"


def svn_plain(r):
    r.commit({"trunk": ("dir",), "tags": ("dir",), "branches": ("dir",)})
    r.commit({"trunk/go.mod": mod(r.name), "trunk/a.go": "package a\n", "trunk/LICENSE": "l\n"})
    r.commit({"tags/v1.0.0/go.mod": mod(r.name), "tags/v1.1.0": "a file\n", "tags/v1.0": "another\n"})
    r.commit({"trunk/a.go": "package b\n", "trunk/sub/go.mod": mod(r.name + "/sub"), "trunk/sub/s.go": "package s\n"},
             micro=0)
    r.commit({"branches/x": "x\n"})
    return "/trunk", [
        ("", ["HEAD", "2", "4", "5", "99", "head", "v1.0.0", "v1.1.0", "nothing", "r4", svn_pseudo(r, 2),
              svn_pseudo(r, 4), svn_pseudo(r, 5), svn_pseudo(r, 4, off=1), svn_pseudo(r, 4, "v1.0.0-"),
              svn_pseudo(r, 4, "v1.1.1-0."), svn_pseudo(r, 4, "v1.0.1-0."), svn_pseudo(r, 4, digits=11)]),
        ("/sub", ["HEAD", svn_pseudo(r, 4), svn_pseudo(r, 2)]), ("/none", ["HEAD"])]


def svn_root(r):
    r.commit({"go.mod": mod(r.name), "a.go": "package a\n"}, micro=123456)
    r.commit({"sub/go.mod": mod(r.name + "/sub"), "sub/x.go": "package x\n"}, micro=500000)
    return "", [("", ["HEAD", svn_pseudo(r, 1), svn_pseudo(r, 2)]), ("/sub", ["HEAD", svn_pseudo(r, 2)])]


def svn_no_mod(r):
    r.commit({"a.go": "package a\n"})
    return "", [("", ["HEAD", svn_pseudo(r, 1)]), ("/v2", ["HEAD"])]


def svn_majors(r):
    r.commit({"go.mod": mod(r.name + "/v2"), "v3/go.mod": mod(r.name + "/v3"), "v3/x.go": "package x\n"})
    return "", [("/v2", ["HEAD", svn_pseudo(r, 1, "v2.0.0-")]), ("/v3", ["HEAD", svn_pseudo(r, 1, "v3.0.0-")]),
                ("", ["HEAD"])]


def svn_contents(r):
    r.commit({"go.mod": mod(r.name), "vendor/x/x.go": "package x\n", "vendor/modules.txt": "m\n",
              "d\u00e9/\u00fc.txt": "u\n", "a@b.txt": "at\n", "with space.txt": "s\n", "empty.txt": "",
              "hollow": ("dir",),
              "nested/go.mod": "module other\n", "nested/n.go": "package n\n", "bin.dat": bytes(range(256)),
              "native.txt": ("a\nb\n", {"svn:eol-style": "native"}),
              "crlf.txt": ("a\r\nb\r\n", {"svn:eol-style": "CRLF"}),
              "id.go": ("// $Id$ $Rev$\n", {"svn:keywords": "Id Rev"}),
              "run.sh": ("#!/bin/sh\n", {"svn:executable": "*"}),
              "a&<b>.txt": "escaped\n"})
    r.commit({"a&<b>.txt": None})
    r.commit({"go.mod": (mod(r.name) + "// $Rev$\n", {"svn:keywords": "Rev"})})
    return "", [("", [svn_pseudo(r, 1), svn_pseudo(r, 2), svn_pseudo(r, 3), "HEAD"])]


def svn_link(r):
    r.commit({"go.mod": mod(r.name), "link": ("link go.mod", {"svn:special": "*"})})
    return "", [("", [svn_pseudo(r, 1)])]


def svn_empty(r):
    return "", [("", ["HEAD", "0"])]


HG = [hg_plain, hg_untagged, hg_empty, hg_folders, hg_majors, hg_contents, hg_bad_names, hg_retracted, hg_branches,
      hg_tags, hg_subrepo, hg_no_module]
SVN = [svn_plain, svn_root, svn_no_mod, svn_majors, svn_contents, svn_link, svn_empty]


def prepare(tmp, only):
    """The cases, with their servers: ([(name, vcs, url, modules)], servers)"""
    cases, servers = [], []
    for kind, functions, there in (("hg", HG, hgrepo.there()), ("svn", SVN, svnrepo.there())):
        if not there:
            print(f"# no {kind} here")
            continue
        root = os.path.join(tmp, kind)
        os.makedirs(root)
        server = hgrepo.HgServer(tmp, root, tmp) if kind == "hg" else svnrepo.SvnServer(tmp, root)
        servers.append(server)
        for f in functions:
            name = f.__name__.replace("_", "-")
            if only and name not in only:
                continue
            if kind == "hg":
                cases.append((name, kind, f"{server.url}/{name}", f(hgrepo.HgRepo(root, tmp, name))))
            else:
                r = svnrepo.SvnRepo(name)
                at, modules = f(r)
                r.make(root)
                cases.append((name, kind, f"{server.url}/{name}{at}", modules))
        cases.append((f"{kind}-missing", kind, f"{server.url}/{kind}-missing", [("", ["tip", "HEAD", "v1.0.0"])]))
    return cases, servers


def main():
    tmp, fetch, only = sys.argv[1], sys.argv[2], sys.argv[3:]
    os.environ["LC_ALL"] = "C.UTF-8"
    cases, servers = prepare(tmp, only)
    try:
        code = tap(compare(tmp, fetch, cases, None if only or len(servers) < 2 else (51, 41)))
    finally:
        for s in servers:
            s.stop()
    sys.exit(code)


main()
