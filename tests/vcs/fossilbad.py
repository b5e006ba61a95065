# tests/vcs/fossilbad.py TMP FETCH: Fossil over TLS and ssh, with rights and without, allowed
# and not; and servers, addresses and names that mean no good.
# SPDX-License-Identifier: Apache-2.0
import os
import shutil
import subprocess
import sys

import fossilrepo
from differ import tap
from others import H, Lab, left, over_ssh
from served import AUTH, DENIED, NOT_FOUND, TIMEOUT, UPSTREAM, Rude, garbage, half_way, hang, want
from web import certificate


def make(tmp, root):
    r = fossilrepo.FossilRepo(root, tmp, "one")
    r.commit({"go.mod": f"module {H}/m\n"})
    r.tag("v1.0.0")
    r.commit()
    return r


def rules(lab, url):
    s = lab.stoa("rules", "fossil", url, STOA_TRANSPORTS="http")
    del s.env["STOA_VCS"]
    bad = want("public", s.run("query", f"{H}/m", "trunk"), DENIED, s.said)
    bad += want("what was fetched", os.path.exists(os.path.join(s.cache, "state/vcs")) and
                [d for d in os.listdir(os.path.join(s.cache, "state/vcs")) if len(d) == 64] or [], [])
    s.env["STOA_PRIVATE"] = H
    bad += want("private", s.run("query", f"{H}/m", "trunk"), 0, s.said)
    yield "by itself for private modules only", bad

    s = lab.stoa("transports", "fossil", url)
    yield "not without transports", want("exit code", s.run("query", f"{H}/m", "trunk"), DENIED, s.said)
    bad = []
    for i, odd in enumerate(("ssh://%2doProxyCommand=touch/x", "ssh://u@-oProxyCommand=touch/x", "file:///x",
                             "https://127.0.0.1/x?fossil=/bin/touch", "ssh://127.0.0.1/x?fossil=/bin/touch",
                             "--help", "-R://x", "https://a$(touch)b/x")):
        s = lab.stoa(f"odd{i}", "fossil", odd)
        bad += want(odd, s.run("list", f"{H}/m") in (DENIED, NOT_FOUND), True, s.said)
    yield "addresses that are none", bad


def kept(lab, r, url):
    s = lab.stoa("kept", "fossil", url, STOA_TRANSPORTS="http", STOA_LIST_TTL="0")
    user = dict(r.env, HOME=s.dir, FOSSIL_HOME=s.dir)
    subprocess.run(["fossil", "settings", "--global", "proxy", "http://127.0.0.1:1/"], env=user, cwd=s.dir, check=True)
    yield "no configuration of the user's", want("exit code", s.run("query", f"{H}/m", "trunk"), 0, s.said)

    folder = os.path.join(s.cache, "state/vcs")
    file = os.path.join(folder, [d for d in os.listdir(folder) if len(d) == 64][0], "repository")
    was = os.stat(file).st_ino
    n = r.commit()
    bad = want("exit code", s.run("query", f"{H}/m", r.ids[n]), 0, s.said)
    yield "what is new is pulled", bad + want("the same file", os.stat(file).st_ino, was)
    bad = []
    for q in ("--help", "-R", "tag:trunk", "rid:1", "root:trunk", "repository", "../repository", file, ".", "a b",
              "nothing"):
        bad += want(q, s.run("--", "query", f"{H}/m", q) != 0, True, s.said)
    yield "queries that it would take for more than names", bad
    # open until the end, so that a new file cannot have its number
    with open(file, "r+b", buffering=0) as f:
        f.seek(100)
        f.write(b"\xff" * 8192)
        bad = want("exit code", s.run("query", f"{H}/m", "v1.0.0"), 0, s.said)
        bad += want("another file", os.stat(file).st_ino != was, True)
    yield "a damaged repository is made anew", bad


def over_tls(lab, root):
    d = os.path.join(lab.tmp, "tls")
    os.makedirs(d)
    crt, key = certificate(d, ["localhost"])
    server = fossilrepo.FossilServer(lab.tmp, root, "--cert", crt, "--pkey", key)
    try:
        url = server.url.replace("http://127.0.0.1", "https://localhost") + "/one"
        both = os.path.join(d, "both.crt")
        with open(both, "w") as f:
            for part in crt, lab.crt:
                with open(part) as text:
                    f.write(text.read())
        for claim, trusted, insecure, code in (("a certificate that is trusted", both, None, 0),
                                               ("one that is not", lab.crt, None, UPSTREAM),
                                               ("one that is not, where that is allowed", lab.crt, H, 0)):
            s = lab.stoa("tls-" + claim.replace(" ", "-"), "fossil", url, STOA_NO_PROXY="localhost")
            s.env["STOA_CA_FILE"] = trusted
            if insecure:
                s.env["STOA_INSECURE"] = insecure
            yield f"over TLS: {claim}", want("exit code", s.run("query", f"{H}/m", "trunk"), code, s.said)
    finally:
        server.stop()


def without_rights(lab, r, url):
    shutil.copy(r.file, os.path.join(os.path.dirname(r.file), "closed.fossil"))
    closed = os.path.join(os.path.dirname(r.file), "closed.fossil")
    for user in "nobody", "anonymous", "reader":
        subprocess.run(["fossil", "user", "capabilities", user, "", "-R", closed], env=r.env, check=True,
                       stdout=subprocess.DEVNULL, cwd=lab.tmp)
    s = lab.stoa("closed", "fossil", url + "/closed", STOA_TRANSPORTS="http")
    yield "nobody may clone it", want("exit code", s.run("query", f"{H}/m", "trunk"), AUTH, s.said)
    s = lab.stoa("missing", "fossil", url + "/none", STOA_TRANSPORTS="http")
    yield "no such repository", want("exit code", s.run("query", f"{H}/m", "trunk"), NOT_FOUND, s.said)


def hostile(lab):
    for claim, act, code in (("hangs", hang, TIMEOUT), ("sends garbage", garbage, UPSTREAM),
                             ("dies half way", half_way, UPSTREAM)):
        s = lab.stoa(f"rude-{claim.split()[0]}", "fossil", f"http://127.0.0.1:{Rude(act).port}/x",
                     STOA_TRANSPORTS="http", STOA_VCS_TIMEOUT="2s")
        bad = want("exit code", s.run("query", f"{H}/m", "trunk"), code, s.said)
        yield f"a server that {claim}", bad + left(s.cache)


def main():
    tmp, fetch = sys.argv[1], os.path.abspath(sys.argv[2])
    lab = Lab(tmp, fetch)
    root = os.path.join(tmp, "repos")
    os.makedirs(root)
    r = make(tmp, root)
    server = fossilrepo.FossilServer(tmp, root)

    def results():
        yield from rules(lab, server.url + "/one")
        yield from kept(lab, r, server.url + "/one")
        yield from without_rights(lab, r, server.url)
        yield from over_tls(lab, root)
        yield from over_ssh(lab, root, "fossil", "one.fossil")
        yield from hostile(lab)

    try:
        code = tap(results())
    finally:
        server.stop()
    sys.exit(code)


main()
