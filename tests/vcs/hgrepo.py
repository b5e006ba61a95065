# tests/vcs/hgrepo.py: small Mercurial repositories, the same at every run, and a server.
# SPDX-License-Identifier: Apache-2.0
import os
import shutil
import subprocess

from files import write_files
from servers import free_port, wait_port

START = 1700000000


def hg_env(home):
    return dict(PATH=os.environ["PATH"], HOME=home, HGRCPATH="", HGPLAIN="1", HGENCODING="UTF-8",
                LC_ALL="C.UTF-8")


class HgRepo:
    """Each call is done at once, in a working folder that follows it."""

    def __init__(self, root, home, name):
        self.name = name
        self.dir = os.path.join(root, name)
        self.env = hg_env(home)
        self.time = START + sum(name.encode()) * 1000
        self.n = 0
        self.ids = {}
        self.times = {}
        subprocess.run(["hg", "init", self.dir], env=self.env, check=True)

    def hg(self, *args):
        return subprocess.run(["hg", "-R", self.dir, "--cwd", self.dir, *args], env=self.env, check=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True).stdout

    def when(self):
        self.time += 61
        return ["-d", f"{self.time} 3600", "-u", "A U Thor <author@example.com>"]

    def commit(self, files=None, more=()):
        """files: as write_files() takes them"""
        self.n += 1
        write_files(self.dir, files or {f"f{self.n}.txt": str(self.n)})
        self.hg("addremove", "-q", "-s", "100")
        self.hg("commit", "-m", str(self.n), *self.when(), *more)
        return self.mark(self.n)

    def mark(self, n):
        self.ids[n], self.times[n] = self.hg("log", "-r", ".", "-T", "{node} {date|hgdate}").split()[:2]
        return n

    def tag(self, name, rev=None, *more):
        self.hg("tag", *(["-r", self.ids[rev]] if rev else []), *more, *self.when(), name)

    def update(self, rev):
        self.hg("update", "-q", "-C", rev)

    def branch(self, name):
        self.hg("branch", "-q", name)

    def merge(self, rev):
        self.hg("merge", "-q", "--tool", ":other", rev)
        return self.commit({f"m{self.n + 1}.txt": "merged"})


class HgServer:
    def __init__(self, tmp, root, home):
        conf = os.path.join(tmp, "hgweb")
        with open(conf, "w") as f:
            f.write(f"[paths]\n/ = {root}/*\n[web]\nrefreshinterval = 0\n")
        self.port = free_port()
        self.log = os.path.join(tmp, "hgweb.log")
        self.p = subprocess.Popen(
            ["hg", "serve", "-a", "127.0.0.1", "-p", str(self.port), "--webdir-conf", conf, "-A", self.log,
             "-E", os.path.join(tmp, "hgweb.err")],
            env=hg_env(home), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.url = f"http://127.0.0.1:{self.port}" if wait_port(self.port) else None

    def stop(self):
        self.p.terminate()
        self.p.wait()


def there():
    return shutil.which("hg")
