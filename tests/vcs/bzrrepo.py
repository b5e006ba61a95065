# tests/vcs/bzrrepo.py: small Bazaar branches, and a server that knows nothing of them.
# SPDX-License-Identifier: Apache-2.0
import datetime
import functools
import http.server
import os
import shutil
import subprocess
import threading

from files import write_files

START = 1700000000


def there():
    """The program, as bzr or as Breezy."""
    return shutil.which("bzr") or shutil.which("brz")


def bzr_env(home):
    return dict(PATH=os.environ["PATH"], HOME=home, BRZ_HOME=home, BZR_HOME=home, BRZ_LOG="/dev/null",
                BZR_LOG="/dev/null", BRZ_EMAIL="A U Thor <author@example.com>",
                BZR_EMAIL="A U Thor <author@example.com>", LC_ALL="C.UTF-8")


class BzrRepo:
    """Each call is done at once, in a working folder that follows it."""

    def __init__(self, root, home, name):
        self.name = name
        self.dir = os.path.join(root, name)
        self.env = bzr_env(home)
        self.time = START + sum(name.encode()) * 1000
        self.n = 0
        self.times = {}
        os.makedirs(self.dir)
        self.bzr("init", "-q")

    def bzr(self, *args):
        return subprocess.run([there(), "--no-plugins", *args], cwd=self.dir, env=self.env, check=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True).stdout

    def commit(self, files=None, zone=3600):
        """files: as write_files() takes them"""
        self.n += 1
        self.time += 61
        write_files(self.dir, files or {f"f{self.n}.txt": str(self.n)})
        t = datetime.datetime.fromtimestamp(self.time, datetime.timezone(datetime.timedelta(seconds=zone)))
        self.bzr("add", "-q")
        self.bzr("commit", "-q", "--unchanged", "-m", str(self.n), "--commit-time", t.strftime("%Y-%m-%d %H:%M:%S %z"))
        self.times[self.n] = self.time
        return self.n

    def tag(self, name, n=None):
        self.bzr("tag", "-q", "-r", str(n or self.n), name)


class BzrServer:
    """Of files alone."""

    def __init__(self, root):
        class Handler(http.server.SimpleHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *a):
                pass

            def do_POST(self):
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                self.send_error(404)

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=root))
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
