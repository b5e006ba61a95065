# tests/vcs/fossilrepo.py: small Fossil repositories, the same at every run, and a server.
# SPDX-License-Identifier: Apache-2.0
import datetime
import os
import shutil
import subprocess

from files import write_files
from servers import free_port, wait_port

START = 1700000000


def fossil_env(home):
    return dict(PATH=os.environ["PATH"], HOME=home, FOSSIL_HOME=home, FOSSIL_USER="author", LC_ALL="C.UTF-8")


class FossilRepo:
    """Each call is done at once, in a working folder that follows it."""

    def __init__(self, root, home, name, hashes="sha1"):
        self.name = name
        self.file = os.path.join(root, name + ".fossil")
        self.dir = os.path.join(home, "work-" + name)
        self.env = fossil_env(home)
        self.time = START + sum(name.encode()) * 1000
        self.n = 0
        self.ids = {}
        self.times = {}
        os.makedirs(self.dir)
        self.fossil("init", *(["--sha1"] if hashes == "sha1" else []), "--date-override", self.when(), self.file)
        self.fossil("open", self.file)
        self.fossil("hash-policy", hashes)

    def fossil(self, *args):
        return subprocess.run(["fossil", *args], cwd=self.dir, env=self.env, check=True, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True).stdout

    def when(self):
        self.time += 61
        t = datetime.datetime.fromtimestamp(self.time, datetime.timezone.utc)
        return t.strftime("%Y-%m-%dT%H:%M:%S")

    def commit(self, files=None, more=()):
        """files: as write_files() takes them"""
        self.n += 1
        write_files(self.dir, files or {f"f{self.n}.txt": str(self.n)})
        self.fossil("addremove", "--dotfiles")
        self.fossil("commit", "--no-prompt", "--nosign", "--no-warnings", "--allow-empty", "--allow-fork",
                    "--date-override", self.when(), "--comment", str(self.n), *more)
        self.ids[self.n] = next(line.split()[1] for line in self.fossil("info").split("\n")
                                if line.startswith("checkout:"))
        self.times[self.n] = self.time
        return self.n

    def tag(self, name, n=None):
        self.fossil("tag", "add", "--date-override", self.when(), name, self.ids[n or self.n])

    def update(self, name):
        self.fossil("update", name)


class FossilServer:
    def __init__(self, tmp, root, *options):
        self.port = free_port()
        self.p = subprocess.Popen(
            ["fossil", "server", "--localhost", "--nojail", "--port", str(self.port), *options, root],
            env=fossil_env(tmp), cwd=tmp, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        self.url = f"http://127.0.0.1:{self.port}" if wait_port(self.port) else None

    def stop(self):
        self.p.terminate()
        self.p.wait()


def there():
    return shutil.which("fossil")
