# tests/vcs/gitrepo.py: small repositories, the same at every run, made by one
# git fast-import each.
# SPDX-License-Identifier: Apache-2.0
import os
import subprocess

START = 1700000000


def git_env(home):
    """An environment for git that knows nothing of whoever runs the tests."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    env.update(HOME=home, GIT_CONFIG_NOSYSTEM="1", GIT_CONFIG_GLOBAL="/dev/null", LC_ALL="C",
               XDG_CONFIG_HOME="/dev/null")
    return env


def quoted(path):
    if isinstance(path, bytes):
        return b'"' + b"".join(b"\\%03o" % c for c in path) + b'"'
    return quoted(path.encode())


class GitRepo:
    """Commits, branches and tags are said in order; make() makes them."""

    def __init__(self, name, sha256=False):
        self.name = name
        self.sha256 = sha256
        self.stream = []
        self.n = 0
        self.heads = {}
        self.at = "main"
        self.time = START + sum(name.encode()) * 1000
        self.ids = {}
        self.default = "main"

    def _add(self, *parts):
        for p in parts:
            self.stream.append(p if isinstance(p, bytes) else p.encode())

    def commit(self, files=None, merge=(), branch=None, parent=None, time=None):
        """files: path -> text, None (removed), ("link", text), ("sub", commit id)"""
        branch = branch or self.at
        self.at = branch
        self.n += 1
        self.time += 61
        when = time if time is not None else self.time
        self._add(f"commit refs/heads/{branch}\nmark :{self.n}\n",
                  f"author A U Thor <author@example.com> {when - 7} +0100\n",
                  f"committer C O Mitter <committer@example.com> {when} -0530\n",
                  f"data {len(str(self.n))}\n{self.n}\n")
        parent = parent if parent is not None else self.heads.get(branch)
        if parent:
            self._add(f"from :{parent}\n")
        for m in merge:
            self._add(f"merge :{m}\n")
        for path, what in (files or {f"f{self.n}.txt": str(self.n)}).items():
            self._file(path, what)
        self._add("\n")
        self.heads[branch] = self.n
        return self.n

    def _file(self, path, what):
        mode = "100644"
        if what is None:
            self._add(b"D ", quoted(path), b"\n")
            return
        if isinstance(what, tuple):
            kind, what = what
            if kind == "sub":
                self._add(f"M 160000 {what} ".encode(), quoted(path), b"\n")
                return
            mode = {"link": "120000", "exec": "100755"}[kind]
        data = what if isinstance(what, bytes) else what.encode()
        self._add(f"M {mode} inline ".encode(), quoted(path), b"\n",
                  f"data {len(data)}\n".encode(), data, b"\n")

    def branch(self, name, at=None):
        at = at or self.heads[self.at]
        self.heads[name] = at
        self._add(f"reset refs/heads/{name}\nfrom :{at}\n\n")

    def checkout(self, name):
        self.at = name

    def tag(self, name, at=None, annotated=False):
        at = at or self.heads[self.at]
        if annotated:
            self._add(f"tag {name}\nfrom :{at}\n",
                      f"tagger T Agger <tagger@example.com> {self.time + 99999} +0000\n",
                      "data 3\ntag\n")
        else:
            self._add(f"reset refs/tags/{name}\nfrom :{at}\n\n")

    def make(self, root, home):
        self.dir = os.path.join(root, self.name)
        env = git_env(home)
        kind = "sha256" if self.sha256 else "sha1"
        run = lambda *a, **k: subprocess.run(["git", *a], env=env, check=True,
                                             stdout=subprocess.PIPE, **k).stdout
        run("init", "-q", "--bare", "--object-format=" + kind, "-b", self.default, self.dir)
        marks = os.path.join(self.dir, "marks")
        run("-C", self.dir, "fast-import", "--quiet", "--force", "--export-marks=" + marks,
            input=b"".join(self.stream))
        if os.path.exists(marks):
            with open(marks) as f:
                self.ids = {int(l.split()[0][1:]): l.split()[1] for l in f}
        run("-C", self.dir, "config", "uploadpack.allowFilter", "true")
        return self
