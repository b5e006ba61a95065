# tests/vcs/served.py TMP FETCH: repositories on servers: git http-backend under lighttpd
# with a password, sshd with a key; and servers that mean no good.
# SPDX-License-Identifier: Apache-2.0
import http.server
import json
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
import zipfile

from differ import tap
from gitrepo import GitRepo, git_env
from servers import Sshd, free_port, wait_port

HOST = "github.com/stoatest"
SECRET = "s3cr3t-pa55word"


class Stoa:
    def __init__(self, tmp, fetch, name, **env):
        self.dir = os.path.join(tmp, name)
        os.makedirs(self.dir)
        self.cache = os.path.join(self.dir, "cache")
        self.fetch = fetch
        self.config = os.path.join(self.dir, "gitconfig")
        open(self.config, "w").close()
        self.env = dict(PATH=os.environ["PATH"], HOME=self.dir, LC_ALL="C", STOA_CACHE=self.cache,
                        STOA_UPSTREAM="direct", STOA_SUMDB="off", STOA_GIT_CONFIG=self.config, STOA_SYNC="no",
                        STOA_NOT_FOUND_TTL="0", **env)

    def instead(self, url):
        with open(self.config, "w") as f:
            f.write(f'[url "{url}"]\n\tinsteadOf = https://{HOST}/\n')

    def run(self, *args):
        r = subprocess.run([self.fetch, *args], env=self.env, stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE, text=True, errors="replace")
        self.said = r.stdout + r.stderr
        return r.returncode

    def has(self, *parts):
        return os.path.exists(os.path.join(self.cache, "mod", *parts))


def want(what, got, wanted, more=""):
    return [] if got == wanted else [f"{what}: got {got!r}, wanted {wanted!r} {more}"]


NOT_FOUND, DENIED, AUTH, UPSTREAM, TIMEOUT, INTEGRITY = 10, 12, 15, 17, 18, 20


def make_repo(root, name="one"):
    r = GitRepo(name)
    r.commit({"go.mod": f"module {HOST}/{name}\n", "a.go": "package a\n"})
    r.tag("v1.0.0")
    r.commit()
    return r.make(root, root)


def lighttpd(tmp, repos):
    """Under /open/ for everybody, under /closed/ with a password."""
    binary = shutil.which("lighttpd") or "/usr/sbin/lighttpd"
    exec_path = subprocess.run(["git", "--exec-path"], stdout=subprocess.PIPE, text=True,
                               check=True).stdout.strip()
    backend = os.path.join(exec_path, "git-http-backend")
    if not os.access(binary, os.X_OK) or not os.access(backend, os.X_OK):
        return None, None
    port = free_port()
    users = os.path.join(tmp, "users")
    with open(users, "w") as f:
        f.write(f"bob:{SECRET}\n")
    conf = os.path.join(tmp, "lighttpd.conf")
    with open(conf, "w") as f:
        f.write(f"""
server.modules = ("mod_auth", "mod_authn_file", "mod_alias", "mod_setenv", "mod_accesslog", "mod_cgi")
server.document-root = "{tmp}"
server.bind = "127.0.0.1"
server.port = {port}
server.errorlog = "{tmp}/lighttpd.log"
accesslog.filename = "{tmp}/requests"
accesslog.format = "%r"
alias.url = ("/open" => "{backend}", "/closed" => "{backend}")
setenv.set-environment = ("GIT_PROJECT_ROOT" => "{repos}", "GIT_HTTP_EXPORT_ALL" => "1",
    "HOME" => "{tmp}", "GIT_CONFIG_NOSYSTEM" => "1",
    "GIT_CONFIG_COUNT" => "1", "GIT_CONFIG_KEY_0" => "safe.directory", "GIT_CONFIG_VALUE_0" => "*")
cgi.assign = ("git-http-backend" => "")
auth.backend = "plain"
auth.backend.plain.userfile = "{users}"
$HTTP["url"] =~ "^/closed/" {{
    auth.require = ("" => ("method" => "basic", "realm" => "closed", "require" => "valid-user"))
}}
""")
    p = subprocess.Popen([binary, "-D", "-f", conf], stdin=subprocess.DEVNULL,
                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return p, port if wait_port(port) else 0


def ten_at_once(tmp, fetch, repos, port):
    """Ten zips of one repository: what went wrong."""
    ten = GitRepo("ten")
    ten.commit({f"m{i}/go.mod": f"module {HOST}/ten/m{i}\n" for i in range(10)})
    for i in range(10):
        ten.tag(f"m{i}/v1.0.0")
    ten.make(repos, repos)
    s = Stoa(tmp, fetch, "http-ten", STOA_TRANSPORTS="http")
    s.instead(f"http://127.0.0.1:{port}/open/")
    running = [subprocess.Popen([fetch, "zip", f"{HOST}/ten/m{i}", "v1.0.0"], env=s.env, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True) for i in range(10)]
    said = "".join(p.communicate()[0] for p in running)
    return want("exit codes", [p.returncode for p in running], [0] * 10, said[-500:])


def over_http(tmp, fetch):
    repos = os.path.join(tmp, "httprepos")
    os.makedirs(repos)
    make_repo(repos)
    server, port = lighttpd(tmp, repos)
    if not server:
        yield "# SKIP http: no lighttpd or no git http-backend", []
        return
    try:
        s = Stoa(tmp, fetch, "http-open", STOA_TRANSPORTS="http")
        s.instead(f"http://127.0.0.1:{port}/open/")
        bad = want("exit code", s.run("zip", f"{HOST}/one", "v1.0.0"), 0, s.said)
        bad += want("list", s.run("list", f"{HOST}/one"), 0, s.said)
        yield "http: a repository under git http-backend", bad
        ten = ten_at_once(tmp, fetch, repos, port)
        s = Stoa(tmp, fetch, "http-denied")
        s.instead(f"http://127.0.0.1:{port}/open/")
        yield "http: not without transports", want("exit code", s.run("list", f"{HOST}/one"), DENIED, s.said)
        s = Stoa(tmp, fetch, "http-none", STOA_TRANSPORTS="http")
        s.instead(f"http://127.0.0.1:{port}/closed/")
        yield "http: without credentials: AUTH", want("exit code", s.run("list", f"{HOST}/one"), AUTH, s.said)
        for claim, password, code in (("right ones", SECRET, 0), ("wrong ones", SECRET + "x", AUTH)):
            name = "http-" + claim.split()[0]
            netrc = os.path.join(tmp, name + ".netrc")
            with open(netrc, "w") as f:
                f.write(f"machine 127.0.0.1 login bob password {password}\n")
            s = Stoa(tmp, fetch, name, STOA_TRANSPORTS="http", STOA_NETRC=netrc, STOA_TRACE="all")
            s.instead(f"http://127.0.0.1:{port}/closed/")
            bad = want("exit code", s.run("zip", f"{HOST}/one", "v1.0.0"), code, s.said)
            bad += want("the password in the output", password in s.said, False)
            bad += leaks(s, password)
            yield f"http: credentials of netrc, {claim}", bad
        name = "http-helper"
        s = Stoa(tmp, fetch, name, STOA_TRANSPORTS="http", STOA_TRACE="all")
        s.instead(f"http://127.0.0.1:{port}/closed/")
        store = os.path.join(tmp, "stored")
        with open(store, "w") as f:
            f.write(f"http://bob:{SECRET}@127.0.0.1%3a{port}\n")
        with open(s.config, "a") as f:
            f.write(f'[credential]\n\thelper = store --file="{store}"\n')
        bad = want("exit code", s.run("list", f"{HOST}/one"), 0, s.said)
        bad += want("the password in the output", SECRET in s.said, False) + leaks(s, SECRET)
        yield "http: credentials of a git credential helper", bad
    finally:
        server.terminate()
        server.wait()
    # lighttpd has written its log when it has ended: a look at the refs, and a fetch
    with open(os.path.join(tmp, "requests")) as f:
        asked = [line.split()[0] for line in f if "/open/ten/" in line]
    ten += want("requests", asked, ["GET", "GET", "POST"])
    yield "http: ten modules of one repository at once are one clone for the server", ten


def leaks(s, secret):
    """No file of the cache has the secret, but links to the administrator's own."""
    bad = []
    for folder, _, names in os.walk(s.cache):
        for n in names:
            p = os.path.join(folder, n)
            if not os.path.islink(p):
                with open(p, "rb") as f:
                    if secret.encode() in f.read():
                        bad.append("the secret is in " + p)
    return bad


def over_ssh(tmp, fetch):
    d = os.path.join(tmp, "sshd")
    repos = os.path.join(d, "repos")
    server = Sshd(d)
    if not server.port:
        yield "# SKIP ssh: no sshd that runs here (openssh-server)", []
        return
    os.makedirs(repos)
    make_repo(repos)
    try:
        url = f"ssh://{server.at}{repos}/"
        for claim, key, known, code in (("the right key", "good", "known", 0),
                                        ("a wrong key", "bad", "known", AUTH),
                                        ("no such key file", "none", "known", AUTH),
                                        ("a host that is not known", "good", "others", AUTH)):
            s = Stoa(tmp, fetch, "ssh-" + claim.replace(" ", "-"), STOA_SSH_KEY=f"{d}/{key}",
                     STOA_KNOWN_HOSTS=f"{d}/{known}")
            s.instead(url)
            yield f"ssh: {claim}", want("exit code", s.run("zip", f"{HOST}/one", "v1.0.0"), code, s.said)
    finally:
        server.stop()


# ---- those who mean no good

class Rude(threading.Thread):
    """Takes connections and does what `act` says with each."""

    def __init__(self, act):
        super().__init__(daemon=True)
        self.s = socket.create_server(("127.0.0.1", 0))
        self.port = self.s.getsockname()[1]
        self.act = act
        self.start()

    def run(self):
        while True:
            c, _ = self.s.accept()
            threading.Thread(target=self.act, args=(c,), daemon=True).start()


def hang(c):
    time.sleep(60)
    c.close()


def garbage(c):
    c.recv(4096)
    c.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/x-git-upload-pack-advertisement\r\n"
              b"Content-Length: 100000\r\n\r\n" + random.Random(1).randbytes(100000))
    c.close()


def half_way(c):
    c.recv(4096)
    c.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/x-git-upload-pack-advertisement\r\n"
              b"Content-Length: 100000\r\n\r\n001e# service=git-upload-pack\n0000")
    c.close()


def dumb(lines):
    def act(c):
        request = c.recv(4096).split(b"\r\n")[0]
        body = lines if b"info/refs" in request else b""
        status = b"200 OK" if b"info/refs" in request else b"404 Not Found"
        c.sendall(b"HTTP/1.1 " + status + b"\r\nContent-Type: text/plain\r\nConnection: close\r\n"
                  b"Content-Length: %d\r\n\r\n" % len(body) + body)
        c.close()
    return act


def git_left(tmp):
    out = subprocess.run(["ps", "-eo", "args"], stdout=subprocess.PIPE, text=True).stdout
    return [l for l in out.split("\n") if tmp in l and "git" in l and "python" not in l]


def evil_tree(root, name, entries):
    """A commit with a tree that git would not make."""
    r = GitRepo(name)
    r.commit({"go.mod": f"module {HOST}/{name}\n"})
    r.make(root, root)
    env = git_env(root)
    run = lambda *a, **k: subprocess.run(["git", "-C", r.dir, *a], env=env, check=True,
                                         stdout=subprocess.PIPE, **k).stdout.strip().decode()
    blob = run("hash-object", "-w", "--stdin", input=b"evil\n")
    tree = b""
    for mode, path in entries:
        tree += mode + b" " + path + b"\0" + bytes.fromhex(blob)
    tree = run("hash-object", "-t", "tree", "-w", "--literally", "--stdin", input=tree)
    ids = dict(GIT_AUTHOR_NAME="a", GIT_AUTHOR_EMAIL="a@example.com", GIT_COMMITTER_NAME="a",
               GIT_COMMITTER_EMAIL="a@example.com")
    env.update(ids)
    commit = run("commit-tree", "-m", "x", tree)
    run("update-ref", "refs/tags/v1.0.0", commit)
    return r


def hostile(tmp, fetch):
    for claim, act, code in (("hangs", hang, TIMEOUT), ("sends garbage", garbage, UPSTREAM),
                             ("dies half way", half_way, UPSTREAM)):
        s = Stoa(tmp, fetch, "rude-" + claim.split()[0], STOA_TRANSPORTS="http", STOA_VCS_TIMEOUT="2s")
        s.instead(f"http://127.0.0.1:{Rude(act).port}/")
        began = time.monotonic()
        bad = want("exit code", s.run("list", f"{HOST}/x"), code, s.said)
        if time.monotonic() - began > 15:
            bad.append("it took too long")
        bad += git_left(s.cache)
        yield f"a server that {claim}", bad
    one = b"1" * 40
    lines = b"".join(one + b"\trefs/tags/" + n + b"\n" for n in
                     [b"v1.0.0", b"--upload-pack=touch", b"-x", b"a..b", b"v1.1.0",
                      b"a:b", b"*", b"x.lock", b"a/../../b", b"v1.2.0^{}", b"\x01", b"@{1}"])
    s = Stoa(tmp, fetch, "refnames", STOA_TRANSPORTS="http")
    s.instead(f"http://127.0.0.1:{Rude(dumb(lines)).port}/")
    bad = want("exit code", s.run("list", f"{HOST}/x"), 0, s.said)
    if not bad:
        with open(os.path.join(s.cache, "mod", HOST, "x/@v/list")) as f:
            bad += want("list", f.read(), "v1.0.0\nv1.1.0\nv1.2.0\n")
    yield "names of refs that are no names are not seen", bad
    for q in "--upload-pack=touch", "-x", "v1.1.0^{tree}", "main@{1}", ":/x", "HEAD~1", "v1.1.0..v1.2.0":
        bad += want(q, s.run("--", "query", f"{HOST}/x", q) != 0, True, s.said)
    yield "queries that git would take for more than names", bad
    many = b"".join(b"%040x\trefs/tags/t%d\n" % (i + 1, i) for i in range(1000000))
    s = Stoa(tmp, fetch, "million", STOA_TRANSPORTS="http")
    s.instead(f"http://127.0.0.1:{Rude(dumb(many + one + b'	refs/tags/v1.0.0' + bytes([10]))).port}/")
    yield "a million refs", want("exit code", s.run("list", f"{HOST}/x"), 0, s.said)
    root = os.path.join(tmp, "evil")
    os.makedirs(root)
    for n, (claim, entries) in enumerate((
            ("..", [(b"100644", b"..")]), (".git", [(b"100644", b".git")]),
            ("a slash in a name", [(b"100644", b"../../x")]), ("the same name twice", [(b"100644", b"a")] * 2))):
        evil_tree(root, f"evil{n}", entries)
        s = Stoa(tmp, fetch, f"evil{n}", STOA_TRANSPORTS="file")
        s.instead(f"file://{root}/")
        bad = want("exit code", s.run("zip", f"{HOST}/evil{n}", "v1.0.0"), INTEGRITY, s.said)
        bad += want("published", s.has(HOST, f"evil{n}/@v/v1.0.0.zip"), False)
        yield f"a tree with {claim} is refused", bad


def bomb(tmp, fetch):
    """A pack of some hundred kB that is 150 MB when unpacked."""
    root = os.path.join(tmp, "bomb")
    os.makedirs(root)
    r = make_repo(root, "bomb")
    env = git_env(root)
    env.update({f"GIT_{who}_{what}": "a@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")})
    run = lambda *a, **k: subprocess.run(["git", "-C", r.dir, *a], env=env, check=True,
                                         stdout=subprocess.PIPE, **k).stdout.strip().decode()
    blob = run("hash-object", "-w", "--stdin", input=bytes(150 << 20))
    mod = run("rev-parse", "v1.0.0:go.mod")
    tree = run("mktree", input=f"100644 blob {mod}\tgo.mod\n100644 blob {blob}\tzero\n".encode())
    run("update-ref", "refs/tags/v1.1.0", run("commit-tree", "-m", "x", tree))
    for what, setting in ("memory", "STOA_VCS_MEMORY"), ("disk", "STOA_VCS_MAX_FILE"):
        s = Stoa(tmp, fetch, "bomb-" + what.replace(" ", ""), STOA_TRANSPORTS="file", **{setting: "64"})
        s.instead(f"file://{root}/")
        bad = want("exit code", s.run("zip", f"{HOST}/bomb", "v1.1.0"), UPSTREAM, s.said)
        bad += want("it says why", setting.lower()[5:] in s.said, True, s.said)
        bad += want("published", s.has(HOST, "bomb/@v/v1.1.0.zip"), False) + git_left(s.cache)
        bad += want("left in stage", os.listdir(os.path.join(s.cache, "state/stage")), [])
        bad += want("another version", s.run("zip", f"{HOST}/bomb", "v1.0.0"), 0, s.said)
        yield f"a repository that needs more of {what} than it may have is refused", bad


def more(tmp, fetch):
    repos = os.path.join(tmp, "morerepos")
    os.makedirs(repos)
    r = make_repo(repos)
    s = Stoa(tmp, fetch, "more", STOA_TRANSPORTS="file")
    s.instead(f"file://{repos}/")
    s.run("zip", f"{HOST}/one", "v1.0.0")
    kept = [d for d in os.listdir(os.path.join(s.cache, "state/vcs")) if len(d) == 64]
    bad = want("repositories kept", len(kept), 1)
    where = os.path.join(s.cache, "state/vcs", kept[0])
    shutil.rmtree(os.path.join(where, "objects"))
    os.makedirs(os.path.join(where, "objects"))
    shutil.rmtree(os.path.join(s.cache, "mod"))
    bad += want("exit code", s.run("zip", f"{HOST}/one", "v1.0.0"), 0, s.said)
    with open(os.path.join(where, "config"), "w"):
        pass
    shutil.rmtree(os.path.join(s.cache, "mod"))
    bad += want("exit code", s.run("zip", f"{HOST}/one", "v1.0.0"), 0, s.said)
    yield "a damaged repository is made anew", bad
    os.rename(r.dir, r.dir + ".away")
    shutil.rmtree(os.path.join(s.cache, "mod"))
    bad = want("exit code", s.run("zip", f"{HOST}/one", "v1.0.0"), 0, s.said)
    yield "what is kept is served while the repository is away", bad
    os.rename(r.dir + ".away", r.dir)
    hook = os.path.join(tmp, "hooked")
    s = Stoa(tmp, fetch, "hooks", STOA_TRANSPORTS="file")
    s.instead(f"file://{repos}/")
    s.run("list", f"{HOST}/one")
    kept = [d for d in os.listdir(os.path.join(s.cache, "state/vcs")) if len(d) == 64][0]
    hooks = os.path.join(s.cache, "state/vcs", kept, "hooks")
    os.makedirs(hooks, exist_ok=True)
    for name in "reference-transaction", "post-checkout", "pre-auto-gc":
        with open(os.path.join(hooks, name), "w") as f:
            f.write(f"#!/bin/sh\ntouch {hook}\n")
        os.chmod(os.path.join(hooks, name), 0o755)
    bad = want("exit code", s.run("zip", f"{HOST}/one", "v1.0.0"), 0, s.said)
    bad += want("a hook ran", os.path.exists(hook), False)
    with open(os.path.join(s.dir, ".gitconfig"), "w") as f:
        f.write("[core]\n\tbroken\n[\n")
    bad += want("exit code with a broken ~/.gitconfig", s.run("query", f"{HOST}/one", "main"), 0, s.said)
    yield "no hooks, and no configuration of the user's", bad
    s = Stoa(tmp, fetch, "submodule", STOA_TRANSPORTS="file", STOA_VCS="github.com:hg")
    s.instead(f"file://{repos}/")
    yield "the rules of vcs hold", want("exit code", s.run("list", f"{HOST}/one"), DENIED, s.said)
    s = Stoa(tmp, fetch, "gofallback", STOA_TRANSPORTS="file", STOA_DIRECT="go")
    s.instead(f"file://{repos}/")
    bad = []
    if shutil.which("go"):
        for args in (["list"], ["latest"], ["info", "v1.0.0"], ["mod", "v1.0.0"], ["zip", "v1.0.0"],
                     ["query", "main"]):
            bad += want(args[0], s.run(args[0], f"{HOST}/one", *args[1:]), 0, s.said)
        bad += want("v9.9.9", s.run("info", f"{HOST}/one", "v9.9.9"), NOT_FOUND, s.said)
        bad += want("left in stage", os.listdir(os.path.join(s.cache, "state/stage")), [])
        yield "direct = go", bad
    else:
        yield "# SKIP direct = go: no go command", []
    # many at once: one clone
    s = Stoa(tmp, fetch, "tenatonce", STOA_TRANSPORTS="file", STOA_TRACE="spawn")
    s.instead(f"file://{repos}/")
    big = GitRepo("ten")
    files = {f"m{i}/go.mod": f"module {HOST}/ten/m{i}\n" for i in range(10)}
    big.commit(files)
    for i in range(10):
        big.tag(f"m{i}/v1.0.0")
    big.make(repos, repos)
    running = [subprocess.Popen([fetch, "zip", f"{HOST}/ten/m{i}", "v1.0.0"], env=s.env,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) for i in range(10)]
    said = "".join(p.communicate()[0] for p in running)
    bad = want("exit codes", [p.returncode for p in running], [0] * 10, said[-500:])
    bad += want("ls-remote runs", said.count('"git ls-remote'), 1)
    bad += want("init runs", said.count('"git init'), 1)
    bad += want("fetch runs", said.count('"git fetch'), 1)
    yield "ten modules of one repository at once: one clone", bad


# The server's side of a fetch from a folder: writes down which git it serves, and moves
# v1.4.0 between the list and the fetch of it.
UPLOAD_PACK = """#!/bin/sh
for pid in $PPID $(cut -d" " -f4 /proc/$PPID/stat); do
	asker=$(tr "\\0" " " </proc/$pid/cmdline)
	case "$asker" in
	git*" ls-remote "* | git*" fetch "*) break ;;
	esac
done
echo "$asker" >>"%(log)s"
case "$asker" in
*" ls-remote "*)
	git upload-pack "$@"
	touch "%(log)s.listed"
	exit
	;;
*refs/tags/v1.4.0:refs/stoa/ahead*)
	n=0
	while [ ! -e "%(log)s.listed" ] && [ $n -lt 200 ]; do
		sleep 0.05
		n=$((n + 1))
	done
	git -C "%(repo)s" update-ref refs/tags/v1.4.0 v1.0.0
	;;
esac
exec git upload-pack "$@"
"""


def next_version(tmp, fetch):
    """A tag is fetched while the server lists what it has."""
    root = os.path.join(tmp, "next")
    os.makedirs(root)
    repo = GitRepo("next")
    for n in range(5):
        repo.commit({"go.mod": f"module {HOST}/next\n", "a.go": f"package a // {n}\n"})
        repo.tag(f"v1.{n}.0", annotated=n == 2)
    repo.make(root, root)
    log = os.path.join(root, "log")
    server = os.path.join(root, "upload-pack")
    with open(server, "w") as f:
        f.write(UPLOAD_PACK % {"log": log, "repo": repo.dir})
    os.chmod(server, 0o755)
    git = lambda *a: subprocess.run(["git", "-C", repo.dir, *a], env=git_env(root), check=True,
                                    stdout=subprocess.DEVNULL)
    git("config", "uploadpack.allowAnySHA1InWant", "true")
    for n in range(1, 5):
        git("tag", "-d", f"v1.{n}.0")
    s = Stoa(tmp, fetch, "next-stoa", STOA_TRANSPORTS="file", STOA_LIST_TTL="0")
    s.instead(f"file://{root}/")
    with open(s.config, "a") as f:
        f.write(f'[remote "origin"]\n\tuploadpack = "{server}"\n')

    def asked(kind, n, code=0):
        """What is wrong, and how often git listed, fetched a tag ahead, and fetched."""
        for name in log, log + ".listed":
            if os.path.exists(name):
                os.unlink(name)
        bad = want(f"{kind} v1.{n}.0", s.run(kind, f"{HOST}/next", f"v1.{n}.0"), code, s.said)
        with open(log) as f:
            lines = f.read().splitlines()
        return bad, tuple(sum(word in line for line in lines)
                          for word in (" ls-remote ", ":refs/stoa/ahead", " fetch "))

    def commit_of(n):
        with open(os.path.join(s.cache, "mod", HOST, f"next/@v/v1.{n}.0.info")) as f:
            return json.load(f)["Origin"]["Hash"]

    bad, ran = asked("info", 0)
    yield "a repository's first version", bad + want("the server was asked", ran, (0, 0, 1))
    for n, what in (1, "a tag"), (2, "an annotated tag"):
        git("tag", f"v1.{n}.0", repo.ids[n + 1]) if n == 1 else git(
            "-c", "user.name=t", "-c", "user.email=t@example.com", "tag", "-m", "x", f"v1.{n}.0", repo.ids[n + 1])
        bad, ran = asked("info", n)
        bad += want("the server was asked", ran, (1, 1, 1)) + want("commit", bad or commit_of(n), repo.ids[n + 1])
        more, ran = asked("zip", n)
        bad += more + want("the server was asked for the zip", ran, (1, 0, 0))
        yield f"the next version, {what}, is fetched while the server lists what it has", bad
    bad, ran = asked("info", 3, NOT_FOUND)
    bad += want("the server was asked", ran, (1, 1, 1))
    yield "a version that is not there", bad
    git("tag", "v1.4.0", repo.ids[5])
    bad, ran = asked("info", 4)
    bad += want("the server was asked", ran, (1, 1, 2)) + want("commit", bad or commit_of(4), repo.ids[5])
    yield "a tag that moves between the two is the one of the list", bad


def rewrite(path, change):
    """Also a file that is read-only."""
    with open(path, "rb") as f:
        data = change(bytearray(f.read()))
    os.unlink(path)
    with open(path, "wb") as f:
        f.write(data)


def reused(tmp, fetch):
    """Files that are the same in the next version are not packed again."""
    root = os.path.join(tmp, "reused")
    os.makedirs(root)
    text = lambda n: "".join(f"package p{n} // {i * n}\n" for i in range(500))
    files = {f"d/f{n}.go": text(n) for n in range(6)}
    repo = GitRepo("reused")
    repo.commit({"go.mod": f"module {HOST}/reused\n", "big.go": text(9) * 30, **files})
    repo.tag("v1.0.0")
    # one is changed, one changed to another of its size, one new, one moved
    repo.commit({"d/f1.go": text(11), "d/f2.go": text(2).upper(), "d/g.go": text(12), "d/f3.go": None,
                 "d/h.go": text(3)})
    repo.tag("v1.1.0")
    repo.make(root, root)

    def zip_of(s, v):
        return os.path.join(s.cache, "mod", HOST, f"reused/@v/{v}.zip")

    def next_of(name, before):
        """What is wrong, the next zip's bytes, and how many files were taken."""
        s = Stoa(tmp, fetch, "reused-" + name, STOA_TRANSPORTS="file", STOA_TRACE="cache")
        s.instead(f"file://{root}/")
        bad = before(s) if before else []
        bad += want("exit code", s.run("zip", f"{HOST}/reused", "v1.1.0"), 0, s.said)
        taken = re.findall(r"(\d+) of \d+ files of the last zip", s.said)
        with open(zip_of(s, "v1.1.0"), "rb") as f:
            return bad, f.read(), taken

    def first(s):
        return want("exit code", s.run("zip", f"{HOST}/reused", "v1.0.0"), 0, s.said)

    def damaged(s):
        bad = first(s)
        where = zipfile.ZipFile(zip_of(s, "v1.0.0")).getinfo(f"{HOST}/reused@v1.0.0/d/f4.go").header_offset + 200
        rewrite(zip_of(s, "v1.0.0"), lambda d: d[:where] + bytes([d[where] ^ 1]) + d[where + 1:])
        return bad

    def packed_by_others(s):
        bad = first(s)
        with zipfile.ZipFile(zip_of(s, "v1.0.0")) as z:
            had = [(i.filename, z.read(i)) for i in z.infolist()]
        os.unlink(zip_of(s, "v1.0.0"))
        with zipfile.ZipFile(zip_of(s, "v1.0.0"), "w", zipfile.ZIP_DEFLATED, compresslevel=1) as z:
            for name, data in had:
                z.writestr(name, data)
        return bad

    def other_zlib(s):
        bad = first(s)
        kept = [os.path.join(d, n) for d, _, names in os.walk(os.path.join(s.cache, "state/vcs")) for n in names
                if n.startswith("stoa-zip-")]
        bad += want("notes", len(kept), 1)
        rewrite(kept[0], lambda d: b"zlib 0" + d)
        return bad

    def gone(s):
        bad = first(s)
        os.unlink(zip_of(s, "v1.0.0"))
        return bad

    bad, fresh, taken = next_of("fresh", None)
    yield "a zip that is the first of its module", bad + want("files taken", taken, [])
    for claim, before, count in (("the zip before", first, ["3"]), ("one with a damaged file", damaged, ["2"]),
                                 ("one that others packed", packed_by_others, []),
                                 ("one that another zlib packed", other_zlib, []), ("one that is gone", gone, [])):
        bad, data, taken = next_of(before.__name__, before)
        bad += want("files taken", taken, count) + want("the bytes are those of the first", data == fresh, True)
        yield f"the next zip after {claim}", bad


def main():
    tmp, fetch = sys.argv[1], os.path.abspath(sys.argv[2])
    parts = dict(http=over_http, ssh=over_ssh, hostile=hostile, bomb=bomb, more=more, next=next_version,
                 reused=reused)

    def results():
        for name in sys.argv[3:] or parts:
            yield from parts[name](tmp, fetch)

    sys.exit(tap(results()))


if __name__ == "__main__":
    main()
