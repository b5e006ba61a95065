# tests/vcs/svnrepo.py: small Subversion repositories, the same at every run, each loaded
# from a dump, and a server.
# SPDX-License-Identifier: Apache-2.0
import datetime
import os
import shutil
import subprocess

from servers import free_port, wait_port

START = 1700000000


def props(values):
    out = b""
    for k, v in values.items():
        v = v if isinstance(v, bytes) else v.encode()
        out += b"K %d\n%s\nV %d\n%s\n" % (len(k), k.encode(), len(v), v)
    return out + b"PROPS-END\n"


class SvnRepo:
    """Revisions are said in order; make() makes them."""

    def __init__(self, name):
        self.name = name
        self.n = 0
        self.time = START + sum(name.encode()) * 1000
        self.times = {}
        self.known = set()
        self.dump = [b"SVN-fs-dump-format-version: 2\n\n"]
        self._revision(0, {"svn:date": self.date()})

    def date(self, micro=None):
        self.time += 61
        t = datetime.datetime.fromtimestamp(self.time, datetime.timezone.utc)
        micro = self.n * 100100 if micro is None else micro
        return t.strftime("%Y-%m-%dT%H:%M:%S.") + "%06dZ" % micro

    def _revision(self, n, values):
        p = props(values)
        self.dump.append(b"Revision-number: %d\nProp-content-length: %d\nContent-length: %d\n\n%s\n"
                         % (n, len(p), len(p), p))

    def _node(self, path, action, kind=None, values=None, data=None):
        head = f"Node-path: {path}\n" + (f"Node-kind: {kind}\n" if kind else "") + f"Node-action: {action}\n"
        if action == "delete":
            self.dump.append((head + "\n\n").encode())
            return
        p = props(values or {})
        head += f"Prop-content-length: {len(p)}\n"
        if data is not None:
            head += f"Text-content-length: {len(data)}\n"
        head += f"Content-length: {len(p) + len(data or b'')}\n\n"
        self.dump.append(head.encode() + p + (data or b"") + b"\n\n")

    def commit(self, files, micro=None):
        """files: path -> text, None (removed), "dir", (text, {property: value})"""
        self.n += 1
        self._revision(self.n, {"svn:author": "author", "svn:date": self.date(micro), "svn:log": str(self.n)})
        self.times[self.n] = self.time
        for path, what in files.items():
            parts = path.split("/")
            for i in range(1, len(parts)):
                self._folder("/".join(parts[:i]))
            if what is None:
                self._node(path, "delete")
                self.known.discard(path)
            elif what == ("dir",):
                self._folder(path)
            else:
                text, values = what if isinstance(what, tuple) else (what, {})
                data = text if isinstance(text, bytes) else text.encode()
                self._node(path, "change" if path in self.known else "add", "file", values, data)
                self.known.add(path)
        return self.n

    def _folder(self, path):
        if path not in self.known:
            self._node(path, "add", "dir", {})
            self.known.add(path)

    def make(self, root):
        self.dir = os.path.join(root, self.name)
        env = dict(PATH=os.environ["PATH"], HOME=root, LC_ALL="C.UTF-8")
        subprocess.run(["svnadmin", "create", self.dir], check=True, env=env)
        subprocess.run(["svnadmin", "load", "-q", self.dir], check=True, env=env, input=b"".join(self.dump))
        return self


class SvnServer:
    def __init__(self, tmp, root):
        self.port = free_port()
        self.p = subprocess.Popen(
            ["svnserve", "-d", "--foreground", "--listen-host", "127.0.0.1", "--listen-port", str(self.port),
             "-r", root, "--log-file", os.path.join(tmp, "svnserve.log")],
            env=dict(PATH=os.environ["PATH"], HOME=tmp, LC_ALL="C.UTF-8"), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.url = f"svn://127.0.0.1:{self.port}" if wait_port(self.port) else None

    def stop(self):
        self.p.terminate()
        self.p.wait()


def there():
    return all(shutil.which(p) for p in ("svn", "svnadmin", "svnserve"))
