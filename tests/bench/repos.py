"""repos.py: modules straight from a repository, against the go command's GOPROXY=direct.

Both get them from one git http-backend on the loopback, in turns. A round begins with
empty caches on both sides; the go command's module cache and Stoa's cache are measured
with what they do after each other: a first version, the next one, a list. Versions are
asked of stoa.cgi, as a client asks: .info, .mod (which came with it) and .zip; a list, of
which a client gets the old one meanwhile, of stoa-fetch.

SPDX-License-Identifier: Apache-2.0
"""
import os
import random
import shutil
import subprocess
import time

from lab import Failure, Side
from rows import Skip, cgi_environment, cost

COMMITS = 5000
FILES = 200             # a tree of 4 MB
WORDS = 3500            # of a text, 26 kB that deflate makes 10 kB of; every other file
BYTES = 13000           # of the others, which nothing packs
MODULE = "github.com/stoabench/big"
EVERY = 50              # commits between two tags
FIRST, NEXT, OTHER = "v1.60.0", "v1.61.0", "v1.30.0"

CONFIG = """
server.compat-module-load = "disable"
server.modules       = ( "mod_alias", "mod_setenv", "mod_cgi" )
server.bind          = "127.0.0.1"
server.port          = @PORT@
server.document-root = "/nonexistent"
server.errorlog      = "@ERRORLOG@"
server.pid-file      = "@PIDFILE@"
alias.url            = ( "/git" => "@BACKEND@" )
setenv.set-environment = ( "GIT_PROJECT_ROOT" => "@ROOT@", "GIT_HTTP_EXPORT_ALL" => "1",
    "GIT_CONFIG_NOSYSTEM" => "1", "GIT_CONFIG_GLOBAL" => "/dev/null", "GIT_CONFIG_COUNT" => "1",
    "GIT_CONFIG_KEY_0" => "safe.directory", "GIT_CONFIG_VALUE_0" => "*" )
cgi.assign           = ( "git-http-backend" => "" )
"""


def stream():
    """What git fast-import makes the repository of."""
    rnd = random.Random(1)
    words = ["".join(rnd.choices("abcdefghijklmnopqrstuvwxyz_", k=rnd.randrange(2, 12))) for _ in range(5000)]
    for n in range(1, COMMITS + 1):
        yield b"commit refs/heads/main\nmark :%d\ncommitter C <c@example.com> %d +0000\ndata 1\nx\n" % (
            n, 1700000000 + 60 * n)
        if n > 1:
            yield b"from :%d\n" % (n - 1)
        else:
            text = b"module %s\n" % MODULE.encode()
            yield b"M 100644 inline go.mod\ndata %d\n%s\n" % (len(text), text)
        i = rnd.randrange(FILES) if n > FILES else n - 1
        data = rnd.randbytes(BYTES) if i % 2 else " ".join(rnd.choices(words, k=WORDS)).encode()
        yield b"M 100644 inline d%d/f%d\ndata %d\n" % (i % 20, i, len(data)) + data + b"\n"
        if n % EVERY == 0:
            yield b"reset refs/tags/v1.%d.0\nfrom :%d\n\n" % (n // EVERY, n)


def make_repository(lab):
    root = lab.path("repositories")
    where = os.path.join(root, "big")
    env = dict(os.environ, GIT_CONFIG_NOSYSTEM="1", GIT_CONFIG_GLOBAL="/dev/null")
    lab.run(["git", "init", "-q", "--bare", "-b", "main", where], env=env)
    p = subprocess.Popen(["git", "-C", where, "fast-import", "--quiet"], stdin=subprocess.PIPE, env=env)
    for part in stream():
        p.stdin.write(part)
    p.stdin.close()
    if p.wait() != 0:
        raise Failure("git fast-import failed")
    # packed and with bitmaps, as a host keeps it
    lab.run(["git", "-C", where, "repack", "-q", "-a", "-d", "-b"], env=env, timeout=600)
    lab.run(["git", "-C", where, "config", "uploadpack.allowFilter", "true"], env=env)
    pack = sum(os.path.getsize(os.path.join(where, "objects/pack", f))
               for f in os.listdir(os.path.join(where, "objects/pack")))
    if pack < 50 << 20:
        raise Failure("the repository has %d bytes only" % pack)
    return root


class Both:
    """The go command and stoa-fetch, each with caches of its own."""

    def __init__(self, lab, port):
        self.lab = lab
        config = lab.path("gitconfig")
        with open(config, "w", encoding="ascii") as f:
            f.write('[url "http://127.0.0.1:%d/git/"]\n\tinsteadOf = https://github.com/stoabench/\n' % port)
        self.work = lab.path("work")
        os.makedirs(self.work)
        with open(os.path.join(self.work, "go.mod"), "w", encoding="ascii") as f:
            f.write("module work.example/work\n")
        self.go_env = dict(PATH=os.environ["PATH"], HOME=lab.path("home"), GOPROXY="direct", GOSUMDB="off",
                           GOFLAGS="-mod=mod -modcacherw", GOTOOLCHAIN="local", GOENV="off",
                           GOPATH=lab.path("gopath"), GOCACHE=lab.path("gocache"), GOMODCACHE=lab.path("modcache"),
                           GIT_CONFIG_GLOBAL=config, GIT_CONFIG_NOSYSTEM="1", LC_ALL="C")
        self.stoa_env = dict(PATH=os.environ["PATH"], HOME=lab.path("home"), STOA_CACHE=lab.path("direct-cache"),
                             STOA_UPSTREAM="direct", STOA_TRANSPORTS="http", STOA_GIT_CONFIG=config,
                             STOA_HELPER=lab.program("fetch/stoa-fetch"),
                             STOA_SYNC="no", STOA_SUMDB="off", STOA_LOG_LEVEL="error", LC_ALL="C")

    def forget(self):
        for name in "modcache", "direct-cache":
            shutil.rmtree(self.lab.path(name), ignore_errors=True)

    def hour_passes(self):
        """What the server listed is old."""
        kept = self.lab.path("direct-cache/state/vcs")
        for folder in os.listdir(kept):
            refs = os.path.join(kept, folder, "stoa-refs")
            if os.path.exists(refs):
                os.utime(refs, (time.time() - 3600,) * 2)

    def go(self, *args):
        began = time.monotonic()
        self.lab.run(["go", *args], env=self.go_env, cwd=self.work, timeout=300)
        return time.monotonic() - began

    def stoa(self, *files):
        """What stoa.cgi takes for these, with its helper."""
        began = time.monotonic()
        for name in files:
            env = cgi_environment({"CONF": os.devnull, "CACHE": ""}, f"/{MODULE}/@v/{name}")
            r = subprocess.run([self.lab.program("cgi-bin/stoa.cgi")], env={**env, **self.stoa_env},
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=300, check=False)
            if not r.stdout.startswith(b"Status: 200"):
                raise Failure("stoa.cgi: %s: %r" % (name, r.stdout[:500]))
        return time.monotonic() - began

    def stoa_list(self):
        began = time.monotonic()
        self.lab.run([self.lab.program("fetch/stoa-fetch"), "list", MODULE], env=self.stoa_env, timeout=300)
        return time.monotonic() - began


def whole(version):
    return [version + end for end in (".info", ".mod", ".zip")]


def round_of(both, sides, turn):
    """One of each, ours first in every other round."""
    def pair(name, ours, theirs):
        first, second = (ours, theirs) if turn % 2 else (theirs, ours)
        times = {first: first(), second: second()}
        sides[name][0].values.append(times[ours])
        sides[name][1].values.append(times[theirs])

    both.forget()
    pair("first", lambda: both.stoa(*whole(FIRST)), lambda: both.go("mod", "download", f"{MODULE}@{FIRST}"))
    both.hour_passes()
    pair("next", lambda: both.stoa(*whole(NEXT)), lambda: both.go("mod", "download", f"{MODULE}@{NEXT}"))
    pair("list", both.stoa_list, lambda: both.go("list", "-m", "-versions", MODULE))
    both.hour_passes()
    pair("list again", both.stoa_list, lambda: both.go("list", "-m", "-versions", MODULE))
    both.forget()
    pair("mod", lambda: both.stoa(OTHER + ".info", OTHER + ".mod"),
         lambda: both.go("list", "-m", "-json", f"{MODULE}@{OTHER}"))


def repos(lab, options):
    if not shutil.which("go"):
        raise Skip("there is no go command")
    backend = os.path.join(lab.run(["git", "--exec-path"])[0].strip(), "git-http-backend")
    if not os.access(backend, os.X_OK):
        raise Skip("there is no git http-backend")
    root = make_repository(lab)
    server = lab.serve("git", CONFIG, {"BACKEND": backend, "ROOT": root})
    both = Both(lab, server.port)
    sides = {name: (Side(), Side()) for name in ("first", "next", "mod", "list", "list again")}
    for turn in range(options.rounds):
        round_of(both, sides, turn)
    lab.stop(server)
    shutil.rmtree(root)
    both.forget()
    yield cost("direct: a first version / go, 5,000 commits", "ms", 1e3, *sides["first"], 1.0)
    yield cost("  the next version", "ms", 1e3, *sides["next"], 0.3)
    yield cost("  .info and .mod alone, cold", "ms", 1e3, *sides["mod"], 0.7)
    yield cost("  list of a kept repository", "ms", 1e3, *sides["list"], 0.3)
    yield cost("  list, after list_ttl", "ms", 1e3, *sides["list again"])
