# tests/vcs/differ.py: the go command and stoa-fetch asked the same.
# SPDX-License-Identifier: Apache-2.0
import json
import os
import re
import shutil
import subprocess

import dirhash


def decode_all(text):
    """JSON values one behind the other."""
    d = json.JSONDecoder()
    out = []
    text = text.strip()
    while text:
        value, n = d.raw_decode(text)
        out.append(value)
        text = text[n:].lstrip()
    return out


def escape(s):
    return re.sub("[A-Z]", lambda m: "!" + m.group(0).lower(), s)


def is_canonical(v):
    return re.match(r"v\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+incompatible)?$", v)


class Differ:
    def __init__(self, tmp, fetch, gitconfig, transports="https ssh file", go_env=None,
                 stoa_env=None):
        self.tmp = tmp
        self.fetch = fetch
        self.gitconfig = gitconfig
        self.home = os.path.join(tmp, "home")
        self.work = os.path.join(tmp, "work")
        self.cache = os.path.join(tmp, "cache")
        self.go_runs = 0
        self.answers = 0
        self.refusals = 0
        os.makedirs(self.home, exist_ok=True)
        os.makedirs(self.work, exist_ok=True)
        with open(os.path.join(self.work, "go.mod"), "w") as f:
            f.write("module work.example/work\n")
        self.go_base = dict(
            PATH=os.environ["PATH"], HOME=self.home, GOPROXY="direct", GOFLAGS="-mod=mod -modcacherw",
            GONOSUMDB="*", GOSUMDB="off", GOTOOLCHAIN="local", GOENV="off",
            GOPATH=os.path.join(tmp, "gopath"), GOCACHE=os.path.join(tmp, "gocache"),
            GIT_CONFIG_GLOBAL=gitconfig, GIT_CONFIG_NOSYSTEM="1", LC_ALL="C.UTF-8",
            GOVCS="*:all", **(go_env or {}))
        self.stoa_env = dict(
            PATH=os.environ["PATH"], HOME=self.home, STOA_CACHE=self.cache,
            STOA_UPSTREAM="direct", STOA_SUMDB="off", STOA_TRANSPORTS=transports, STOA_GIT_CONFIG=gitconfig,
            STOA_SYNC="no", STOA_VCS="*:all", STOA_LOG_LEVEL="error", LC_ALL="C",
            **(stoa_env or {}))

    # ---- the go command

    def go(self, modcache, *args):
        self.go_runs += 1
        env = dict(self.go_base, GOMODCACHE=modcache)
        r = subprocess.run(["go", *args], cwd=self.work, env=env, stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE, text=True)
        return r

    def go_all(self, name, module, queries):
        """What go says of the list, of @latest and of each query."""
        modcache = os.path.join(self.tmp, "mod", name)
        said = {}
        r = self.go(modcache, "list", "-m", "-e", "-json", "-retracted", "-versions", module)
        v = decode_all(r.stdout)[0]
        said["list"] = v.get("Versions", []) if "Error" not in v else None
        said["list.why"] = v.get("Error", {}).get("Err") or ""
        r = self.go(modcache, "list", "-m", "-e", "-json", f"{module}@latest")
        v = decode_all(r.stdout)[0]
        said["latest"] = (v.get("Version"), v.get("Time")) if "Error" not in v else None
        said["latest.why"] = v.get("Error", {}).get("Err") or ""
        # What it keeps of a version depends on how it was named first.
        for n, some in (("v", [q for q in queries if is_canonical(q)]),
                        ("q", [q for q in queries if not is_canonical(q)])):
            if some:
                self.go_download(modcache + n, module, some, said)
        return said

    def go_download(self, modcache, module, queries, said):
        r = self.go(modcache, "mod", "download", "-json", *[f"{module}@{q}" for q in queries])
        found = {}
        for v in decode_all(r.stdout):
            found[v.get("Query") or v["Version"]] = v
            found.setdefault(v["Version"], v)
        for q in queries:
            said[q] = found.get(q, {"Error": "nothing said: " + r.stderr[-300:]})

    # ---- stoa

    def stoa(self, *args):
        r = subprocess.run([self.fetch, *args], env=self.stoa_env, stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE, text=True, errors="replace")
        return r.returncode, r.stdout.strip() or r.stderr.strip()

    def file(self, module, name):
        return os.path.join(self.cache, "mod", escape(module), name)

    def read(self, path):
        with open(path, "rb") as f:
            return f.read()

    def stoa_version(self, module, version):
        """(answer, None) or (None, why)"""
        got = {}
        for kind in "info", "mod", "zip":
            rc, why = self.stoa(kind, module, version)
            if rc:
                return None, f"{kind}: {why}"
            got[kind] = self.file(module, f"@v/{escape(version)}.{kind}")
        info = self.read(got["info"]).decode()
        return dict(Version=json.loads(info)["Version"], info=info, mod=self.read(got["mod"]),
                    sum=dirhash.h1(got["zip"])), None

    def stoa_query(self, module, query):
        rc, why = self.stoa("query", module, query)
        if rc:
            return None, f"query: {why}"
        for path in (os.path.join(self.cache, "state/query", escape(module), "@v", escape(query)),
                     self.file(module, f"@v/{escape(query)}.info")):
            if os.path.exists(path):
                said = json.loads(self.read(path))
                got, why = self.stoa_version(module, said["Version"])
                if got:
                    got["said"] = said
                return got, why
        return None, "query: nothing was published"

    # ---- both

    def compare(self, name, module, queries):
        """The differences, as texts."""
        go = self.go_all(name, module, queries)
        bad = []
        # The repository is kept; lists and @latest must not gain from what was asked of
        # the same module before.
        for folder in "mod", "state/query", "state/refused":
            shutil.rmtree(os.path.join(self.cache, folder), ignore_errors=True)

        def differ(what, theirs, ours):
            bad.append(f"{module} {what}:\n   go:   {str(theirs)[:700]}\n   stoa: {str(ours)[:700]}")

        rc, why = self.stoa("list", module, *[])
        ours = self.read(self.file(module, "@v/list")).decode().split() if rc == 0 else None
        theirs = go["list"]
        # an empty list without @latest is a 404 here, for the sake of fallbacks
        if (ours or []) != (theirs or []):
            differ("list", (theirs, go["list.why"]), (ours, why))
        rc, why = self.stoa("latest", module)
        ours = None
        if rc == 0:
            said = json.loads(self.read(self.file(module, "@latest")))
            ours = (said["Version"], said["Time"])
        if ours != go["latest"]:
            differ("@latest", (go["latest"], go["latest.why"]), (ours, why))
        for i, q in enumerate(queries):
            before = len(bad)
            self.one(module, q, go[q], differ)
            if len(bad) > before and not is_canonical(q):
                # What it has fetched for one query shows in the answer to another of the
                # same run: what counts is what it says when it knows nothing yet.
                del bad[before:]
                alone = {}
                self.go_download(os.path.join(self.tmp, "mod", f"{name}-alone{i}"), module, [q], alone)
                self.one(module, q, alone[q], differ)
        return bad

    def one(self, module, q, go, differ):
        looks_canonical = is_canonical(q)
        rc, why = 0, None
        got, why = (self.stoa_version if looks_canonical else self.stoa_query)(module, q)
        if why and "takes a version" in why or (why and "should be" in why):
            got, why2 = self.stoa_query(module, q)
            why = why2 or why
        if "Error" in go:
            self.refusals += 1
            if got:
                differ("@" + q, go["Error"], got["info"])
            elif os.environ.get("DIFFER_SHOW"):
                print(f"# {module}@{q}\n#   {go['Error'][:300]}\n#   {why[:300]}")
            return
        self.answers += 1
        if not got:
            differ("@" + q, (go["Version"], go["Sum"]), why)
            return
        their_info = self.read(go["Info"]).decode()
        for what, theirs, ours in (
                ("Version", go["Version"], got["Version"]),
                (".info", their_info if looks_canonical else None,
                 got["info"] if looks_canonical else None),
                (".mod", self.read(go["GoMod"]), got["mod"]),
                ("h1", go["Sum"], got["sum"])):
            if theirs != ours:
                differ(f"@{q} {what}", theirs, ours)
        if "said" in got:
            theirs = (json.loads(their_info)["Time"], go.get("Origin"))
            ours = (got["said"]["Time"], got["said"].get("Origin"))
            if re.match("([0-9a-f]{7,}|.*-[0-9a-f]{12})$", q):
                # A ref that lies on the commit, or a branch of that name: named or not,
                # as the commit was fetched for this question or is there already.
                theirs[1].pop("Ref", None)
                ours[1].pop("Ref", None)
            if theirs != ours:
                differ(f"@{q} Time, Origin", theirs, ours)


def tap(results):
    """results: (claim, differences); prints TAP, returns an exit code"""
    n = 0
    failed = 0
    for claim, bad in results:
        n += 1
        print(f"{'not ok' if bad else 'ok'} {n} - {claim}", flush=True)
        for b in bad:
            failed = 1
            for line in b.split("\n"):
                print("#   " + line, flush=True)
    print(f"1..{n}")
    return failed
