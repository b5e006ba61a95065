# tests/vcs/others.py TMP FETCH: Mercurial over ssh with a key, Subversion with and without
# passwords, and both from servers that mean no good.
# SPDX-License-Identifier: Apache-2.0
import hashlib
import os
import subprocess
import sys

import hgrepo
import svnrepo
from differ import tap
from served import (AUTH, DENIED, NOT_FOUND, SECRET, TIMEOUT, UPSTREAM, Rude, Stoa, garbage, half_way, hang, leaks,
                    want)
from servers import Sshd
from web import Web, certificate

H = "d.example.org"


class Lab:
    def __init__(self, tmp, fetch):
        self.tmp = tmp
        self.fetch = fetch
        self.pages = {}
        self.crt, key = certificate(tmp, ["*.example.org"])
        self.web = Web(lambda scheme, host, path: self.pages.get(path), self.crt, key)

    def stoa(self, name, vcs, url, **env):
        self.pages["/m?go-get=1"] = (200, {}, f'<meta name="go-import" content="{H}/m {vcs} {url}">')
        return Stoa(self.tmp, self.fetch, name, STOA_HTTPS_PROXY=self.web.url, STOA_CA_FILE=self.crt, STOA_VCS="*:all",
                    STOA_DISCOVERY_TTL="0", **env)


def repositories(tmp):
    root = os.path.join(tmp, "repos")
    os.makedirs(root)
    r = hgrepo.HgRepo(root, tmp, "hg")
    r.commit({"go.mod": f"module {H}/m\n"})
    r.tag("v1.0.0")
    s = svnrepo.SvnRepo("svn")
    s.commit({"go.mod": f"module {H}/m\n"})
    s.make(root)
    return root


def over_ssh(lab, root, vcs="hg", repo="hg"):
    d = os.path.join(lab.tmp, "sshd")
    server = Sshd(d)
    if not server.port:
        yield "# SKIP ssh: no sshd that runs here (openssh-server)", []
        return
    try:
        for claim, key, known, code in (("the right key", "good", "known", 0), ("a wrong key", "bad", "known", AUTH),
                                        ("a host that is not known", "good", "others", AUTH)):
            s = lab.stoa(f"ssh-{claim.replace(' ', '-')}", vcs, f"ssh://{server.at}/{root}/{repo}",
                         STOA_SSH_KEY=f"{d}/{key}", STOA_KNOWN_HOSTS=f"{d}/{known}")
            yield f"{vcs} over ssh: {claim}", want("exit code", s.run("query", f"{H}/m", "v1.0.0"), code, s.said)
    finally:
        server.stop()


def svn_credentials(folder, realm, password):
    """What svn stores of a password, in plain text."""
    where = os.path.join(folder, "auth/svn.simple")
    os.makedirs(where)
    with open(os.path.join(where, hashlib.md5(realm.encode()).hexdigest()), "w") as f:
        for k, v in (("passtype", "simple"), ("username", "bob"), ("password", password), ("svn:realmstring", realm)):
            f.write(f"K {len(k)}\n{k}\nV {len(v)}\n{v}\n")
        f.write("END\n")
    return folder


def with_password(lab, root):
    conf = os.path.join(root, "svn/conf")
    with open(os.path.join(conf, "svnserve.conf"), "w") as f:
        f.write("[general]\nanon-access = none\nauth-access = read\npassword-db = passwd\nrealm = closed\n")
    with open(os.path.join(conf, "passwd"), "w") as f:
        f.write(f"[users]\nbob = {SECRET}\n")
    server = svnrepo.SvnServer(lab.tmp, root)
    try:
        realm = f"<{server.url}> closed"
        for claim, password, code in ("no", None, AUTH), ("a wrong", SECRET + "x", AUTH), ("the right", SECRET, 0):
            name = "svn-password-" + claim.split()[-1]
            more = {}
            if password:
                more = dict(STOA_SVN_CONFIG=svn_credentials(os.path.join(lab.tmp, name + ".conf"), realm, password))
            s = lab.stoa(name, "svn", f"{server.url}/svn", STOA_TRANSPORTS="svn", STOA_TRACE="all", **more)
            bad = want("exit code", s.run("query", f"{H}/m", "HEAD"), code, s.said)
            bad += want("the password in the output", bool(password) and password in s.said, False)
            yield f"svn: {claim} password", bad + (leaks(s, password) if password else [])
    finally:
        server.stop()


def left(cache):
    out = subprocess.run(["ps", "-eo", "args"], stdout=subprocess.PIPE, text=True, check=True).stdout
    return [line for line in out.split("\n") if cache in line and "python3 " not in line.split("/")[0]]


def greets(answer):
    """Of svn: the server speaks first."""
    def act(c):
        c.sendall(answer)
        c.close()
    return act


def hostile(lab, root):
    for vcs, scheme in ("hg", "http"), ("svn", "svn"):
        half, noise = half_way, garbage
        if vcs == "svn":
            half, noise = greets(b"( success ( 2 2 ( )"), greets(b"\xff(" * 50000)
        for claim, act, code in (("hangs", hang, TIMEOUT), ("sends garbage", noise, UPSTREAM),
                                 ("dies half way", half, UPSTREAM)):
            s = lab.stoa(f"{vcs}-{claim.split()[0]}", vcs, f"{scheme}://127.0.0.1:{Rude(act).port}/x",
                         STOA_TRANSPORTS=scheme, STOA_VCS_TIMEOUT="2s")
            bad = want("exit code", s.run("query", f"{H}/m", "tip"), code, s.said)
            yield f"{vcs}: a server that {claim}", bad + left(s.cache)
        s = lab.stoa(f"{vcs}-denied", vcs, f"{scheme}://127.0.0.1:1/x")
        yield f"{vcs}: not without transports", want("exit code", s.run("query", f"{H}/m", "tip"), DENIED, s.said)
    server = hgrepo.HgServer(lab.tmp, root, lab.tmp)
    try:
        s = lab.stoa("hg-queries", "hg", f"{server.url}/hg", STOA_TRANSPORTS="http")
        bad = want("tip", s.run("query", f"{H}/m", "tip"), 0, s.said)
        for q in "--config=x", "-r", "all()", "file('set:**')", "tip:0", "'tip'", "..", "nothing":
            bad += want(q, s.run("--", "query", f"{H}/m", q) != 0, True, s.said)
        yield "hg: queries that it would take for more than names", bad
        hook = os.path.join(lab.tmp, "hooked")
        for name in ".hgrc", ".config/hg/hgrc":
            os.makedirs(os.path.dirname(os.path.join(s.dir, name)), exist_ok=True)
            with open(os.path.join(s.dir, name), "w") as f:
                f.write(f"[hooks]\npre-pull = touch {hook}\npre-log = touch {hook}\n")
        bad = want("exit code", s.run("query", f"{H}/m", "default"), 0, s.said)
        yield "hg: no configuration of the user's", bad + want("a hook ran", os.path.exists(hook), False)
        s = lab.stoa("hg-damaged", "hg", f"{server.url}/hg", STOA_TRANSPORTS="http")
        bad = want("exit code", s.run("zip", f"{H}/m", "v1.0.0"), 0, s.said)
        kept = [d for d in os.listdir(os.path.join(s.cache, "state/vcs")) if len(d) == 64][0]
        with open(os.path.join(s.cache, "state/vcs", kept, ".hg/store/00changelog.i"), "r+b") as f:
            f.write(b"\xff" * 64)
        bad += want("exit code", s.run("query", f"{H}/m", "tip"), 0, s.said)
        yield "hg: a damaged repository is made anew", bad
        s = lab.stoa("hg-missing", "hg", f"{server.url}/none", STOA_TRANSPORTS="http")
        yield "hg: no such repository", want("exit code", s.run("list", f"{H}/m"), NOT_FOUND, s.said)
    finally:
        server.stop()


def svn_over_ssh(lab, root):
    """On an address of its own, since svn cannot name a port in svn+ssh://."""
    d = os.path.join(lab.tmp, "sshd22")
    server = Sshd(d, "127.0.0.22", 22)
    if not server.port:
        yield "# SKIP svn+ssh: no sshd that may have port 22 here (openssh-server, root)", []
        return
    try:
        for claim, key, known, code in (("the right key", "good", "known", 0), ("a wrong key", "bad", "known", AUTH),
                                        ("a host that is not known", "good", "others", AUTH)):
            s = lab.stoa(f"svnssh-{claim.replace(' ', '-')}", "svn", f"svn+ssh://{server.at}{root}/svn",
                         STOA_SSH_KEY=f"{d}/{key}", STOA_KNOWN_HOSTS=f"{d}/{known}")
            yield f"svn over ssh: {claim}", want("exit code", s.run("query", f"{H}/m", "HEAD"), code, s.said)
        s = lab.stoa("svnssh-denied", "svn", f"svn+ssh://{server.at}{root}/svn", STOA_TRANSPORTS="https")
        yield "svn over ssh: not without transports", want("exit code", s.run("list", f"{H}/m"), DENIED, s.said)
    finally:
        server.stop()


def main():
    tmp, fetch = sys.argv[1], os.path.abspath(sys.argv[2])
    lab = Lab(tmp, fetch)
    root = repositories(tmp)

    def results():
        for part in over_ssh, svn_over_ssh, with_password, hostile:
            yield from part(lab, root)

    sys.exit(tap(results()))


if __name__ == "__main__":
    main()
