"""matrix.py: the same requests through every server and mode.

    matrix.py [--brief] [--only MODE] [--part checks] SERVER...

What stoa.fcgi answers when it is asked directly is compared with what comes
through each server: status, headers that matter, body. What a server changes
is listed in `differences`, with the reason; a difference that is not listed
fails, and so does a listed one that does not occur.

SPDX-License-Identifier: Apache-2.0
"""
import argparse
import fnmatch
import json
import os
import re
import signal
import stat
import subprocess
import sys
import time

import checks
import client
import fcgi
import servers
import tap

HERE = os.path.dirname(os.path.abspath(__file__))
T = servers.T
MOUNT = "/go"
NAMES = {"type": "content-type", "cache": "cache-control", "range": "content-range",
         "allow": "allow", "retry": "retry-after"}
SETTINGS = """helper = {bin}/stoa-fetch
sync = no
sumdb = off
helper_idle = 1s
list_ttl = 1d
not_found_ttl = 1h
log_level = debug
upstream = {url}
[module "example.com/*"]
upstream = file://{t}/up
"""
HANDED = ("x-sendfile", "x-lighttpd-send-file", "x-accel-redirect", "status", "stoa-none")


class Request:
    def __init__(self, line):
        parts = [p.strip() for p in line.split(" | ")]
        self.name, self.method, self.target = parts[0].split()
        self.headers = [tuple(h.split(": ", 1)) for h in parts[1:]]
        self.target = re.sub(r"\{(.+?)\*(\d+)\}", lambda m: m.group(1) * int(m.group(2)), self.target)
        self.mounted = self.name.startswith("mount-")

    def target_at(self, prefix, host):
        """An @ at the beginning or behind the host stands for the mount point."""
        if not self.target.startswith("="):
            return prefix + self.target
        target = self.target[1:].replace("$host@", host + prefix)
        mounts = len(target) - len(target.lstrip("@"))
        return prefix * mounts + target[mounts:]


def load_requests():
    with open(HERE + "/requests", encoding="ascii") as f:
        return [Request(line.rstrip("\n")) for line in f if line.strip() and line[0] != "#"]


class Difference:
    """Modes and requests (patterns), the fields that differ, and why."""

    def __init__(self, line):
        modes, names, fields, self.why = [p.strip() for p in line.split("|", 3)]
        self.modes = modes.split()
        self.names = names.split()
        self.fields = fields.split()

    def matches(self, mode, name):
        return any(fnmatch.fnmatchcase(mode, m) for m in self.modes) and \
            any(fnmatch.fnmatchcase(name, n) for n in self.names)


def load_differences():
    with open(HERE + "/differences", encoding="ascii") as f:
        return [Difference(line.rstrip("\n")) for line in f if line.strip() and line[0] != "#"]


# ---------------------------------------------------------------- the two sides

def filled(request, ask):
    """The headers, with the validators of an answer to the same target."""
    if not any("$" in value for _, value in request.headers):
        return request.headers
    before = ask("GET", [])
    return [(n, v.replace("$etag", before.etag).replace("$date", before.last_modified))
            for n, v in request.headers]


def ask_site(site, request):
    target = request.target_at(site.prefix, "localhost:%d" % site.port)

    def ask(method, headers):
        return client.request(site.port, method, target, headers)
    return ask(request.method, filled(request, ask))


def ask_directly(site, request):
    target = request.target_at(site.prefix, "localhost")

    def ask(method, headers):
        more = {"HTTP_" + n.upper().replace("-", "_"): v for n, v in headers}
        status, got, body, how = fcgi.get(site.names["SOCKET"], target, method, more, 60)
        return client.Answer(status, got, body, "whole" if how == "end 0" else how)
    return ask(request.method, filled(request, ask))


class Direct(servers.Site):
    """stoa.fcgi without a web server."""

    external = True

    def start(self):
        self.name_all()
        servers.write(self.names["CONF"], self.settings())
        self.backend = servers.Responder(self, False)
        return self


def age(text):
    found = re.search(r"max-age=(\d+)$", text)
    return int(found.group(1)) if found else None


def same_cache(a, b):
    return a == b or (None not in (age(a), age(b)) and abs(age(a) - age(b)) < 600)


def differing(want, got, head):
    """The names of the fields that differ."""
    out = []
    if want.status != got.status:
        out.append("status=%d" % got.status)
    if got.status != 304:
        if want.content_type.lower().replace(" ", "") != got.content_type.lower().replace(" ", ""):
            out.append("type")
    for field in ("cache", "range", "allow", "retry"):
        name = NAMES[field]
        a, b = want.headers.get(name, ""), got.headers.get(name, "")
        if not (same_cache(a, b) if field == "cache" else a == b):
            out.append(field)
    if head and got.status == 200 and "content-length" in got.headers and \
            want.headers.get("content-length") != got.headers["content-length"]:
        out.append("length")
    if want.sum != got.sum:
        out.append("body")
    if got.end != "whole":
        out.append("end")
    if any(h in got.headers for h in HANDED):
        out.append("leak")
    if got.status >= 400 and "max-age" in got.cache_control:
        out.append("kept")
    return out


# ---------------------------------------------------------------- one mode

def run_requests(site, requests, ask):
    return {r.name: ask(site, r) for r in requests if site.prefix or not r.mounted}


def agrees(got, found, fields):
    """Whether what differs is what is listed: see the head of that file."""
    if fields[:1] == ["maybe"]:
        return not found or found == fields[1:]
    if fields and fields[0].startswith("page="):
        kept = ["kept"] if "kept" in found else []
        return bool(found) and "leak" not in found and "end" not in found and \
            fields == ["page=%d" % got.status] + kept
    return found == fields


def compare(mode, requests, want, got, differences):
    """Lines about what is wrong."""
    wrong = []
    for r in requests:
        if r.name not in got:
            continue
        found = differing(want[r.name], got[r.name], r.method == "HEAD")
        listed = [d for d in differences if d.matches(mode, r.name)]
        fields = listed[-1].fields if listed else []
        if not agrees(got[r.name], found, fields):
            a, b = want[r.name], got[r.name]
            wrong.append("%s: differs in [%s] instead of [%s]: wanted %d %s, got %d %s" % (
                r.name, " ".join(found), " ".join(fields), a.status, describe(a), b.status, describe(b)))
    return wrong


def brief(line):
    return re.sub(r"(\S+): differs in \[(.*?)\] instead of \[(.*?)\].*", r"\1[\2|\3]", line)


def describe(a):
    heads = {f: a.headers[n] for f, n in NAMES.items() if n in a.headers}
    heads["length"] = a.headers.get("content-length", "-")
    return "%s %d:%r" % (heads, a.size, a.text[:60])


def run_mode(name, prefix, context):
    try:
        site = servers.site(name, prefix, context.cache, context.conf, ("accesslog",))
        site.start()
    except servers.Missing as e:
        tap.skip("%s%s" % (name, prefix), str(e))
        return
    try:
        got = run_requests(site, context.requests, ask_site)
    finally:
        site.stop()
    mode = name + prefix
    wrong = compare(mode, context.requests, context.want[prefix], got, context.differences)
    tap.ok("%s: %d requests are answered as stoa.fcgi does" % (mode, len(got)), not wrong)
    if context.brief and wrong:
        wrong = [" ".join(brief(line) for line in wrong)]
    for line in wrong:
        print("#   " + line.replace("\n", "\\n"))


# ---------------------------------------------------------------- what is served

def make_tree(root):
    def mkmod(*argv):
        subprocess.run([sys.executable, tap_lib("mkmod"), root] + list(argv), check=True)
    mkmod("--latest", "example.com/Cased/mod@v1.2.3-RC1", "example.com/Cased/mod@v1.3.0")
    mkmod("--latest", "--size", "5000", "example.com/plain@v1.0.0")
    mkmod("example.com/big@v2.0.0+incompatible")
    mkmod("--unlisted", "example.com/big/v3@v3.0.0-20240102030405-0123456789ab")
    mkmod("example.com/~tilde/a.b_c-d@v0.1.0-rc.1")
    mkmod("--size", str(21 << 20), "example.com/huge@v1.0.0")


def tap_lib(name):
    return os.path.join(os.environ["lib"], name)


def make_up(root):
    make_tree(root)
    subprocess.run([sys.executable, tap_lib("mkmod"), root, "--latest", "--branch", "main",
                    "example.com/fetched@v1.0.0", "example.com/fetched@v1.1.0",
                    "example.com/fetched@v1.2.0", "example.com/fetched@v1.4.0"], check=True)
    subprocess.run([sys.executable, tap_lib("mkmod"), root, "example.com/Fetched/Too@v1.0.0-Beta"],
                   check=True)
    sums = root + "/sumdb/sum.example/"
    for name, text in (("supported", ""), ("latest", "go.sum database tree\n1\nx\n"),
                       ("lookup/example.com/plain@v1.0.0", "0\nexample.com/plain v1.0.0 h1:x=\n\n"),
                       ("tile/8/0/000", "x" * 8192)):
        servers.write(sums + name, text)


def make_odd(cache):
    """What has the name of a file and is none: nobody, root neither, opens a socket."""
    at = cache + "/mod/example.com/odd/@v/"
    os.makedirs(at + "v1.0.0.info")
    for name in ("v1.0.1.mod", "v1.0.2.zip"):
        os.mknod(at + name, stat.S_IFSOCK | 0o666)


def an_hour_ago(root):
    """What is younger than a minute has no strong validator for some servers."""
    then = time.time() - 3600
    for folder, _, files in os.walk(root):
        for f in files:
            os.utime(os.path.join(folder, f), (then, then))


def make_junk(cache):
    """What must not be served although it is there."""
    at = cache + "/mod/example.com/plain/"
    for name in ("@v/v1.0.0.ziphash", "@v/v1.0.0.lock", "@v/.hidden", "@v/.v1.0.0.info",
                 "@v/main.info", "@v/v1.0.info", "@v/v01.0.0.info", "readme.zip"):
        servers.write(at + name, "not for clients\n")
    servers.write(cache + "/mod/.htaccess", "# not for clients\n")
    servers.write(cache + "/mod/.git/config", "not for clients\n")
    servers.write(cache + "/state/locks", "")


RULES = [{"path": "/s%d/" % n, "status": n} for n in (401, 403, 404, 410, 500, 502, 503)] + [
    {"path": "/s429/", "status": 429, "headers": {"Retry-After": "37"}},
    {"path": "/bad/", "body": "{"}]


class Upstream:
    def __init__(self):
        run = T + "/matrix.run"
        os.makedirs(run)
        servers.write(run + "/rules", "".join(json.dumps(r) + "\n" for r in RULES))
        with open(run + "/out", "wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, servers.TOP + "/tests/upstream/upstream.py", "--root", T + "/up",
                 "--run", run], stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        tap.wait_for(10, lambda: os.path.exists(run + "/port"))
        self.url = "http://127.0.0.1:%s" % servers.read(run + "/port").strip()

    def stop(self):
        self.process.terminate()
        self.process.wait()


class Context:
    """What all modes share."""

    def __init__(self, url):
        self.requests = load_requests()
        self.differences = load_differences()
        self.cache = T + "/template"
        self.conf = SETTINGS.format(bin=servers.BIN, url=url, t=T)
        self.mkmod = tap_lib("mkmod")
        self.want = {}

    def site(self, name, prefix, extras, more=""):
        """A site that has started; `more` are settings."""
        return servers.site(name, prefix, self.cache, more + self.conf, extras).start()

    def ask_stoa(self, prefix):
        site = Direct("direct", {}, prefix, self.cache, self.conf).start()
        try:
            self.want[prefix] = run_requests(site, self.requests, ask_directly)
        finally:
            site.stop()


def programs():
    """Where the users that servers become can run them."""
    os.makedirs(servers.BIN)
    for name in ("fcgi_bin", "cgi_bin", "fetch"):
        subprocess.run(["cp", os.environ[name], servers.BIN], check=True)
    subprocess.run(["chmod", "a+rx", T, T + "/home", T + "/tmp", T + "/up"], check=True)


def leave(_signal, _frame):
    raise SystemExit(1)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--brief", action="store_true", help="names and fields only")
    p.add_argument("--only")
    p.add_argument("--part", choices=("matrix", "checks"), default="matrix")
    p.add_argument("servers", nargs="+")
    options = p.parse_args()
    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, leave)
    programs()
    make_tree(T + "/template/mod")
    make_up(T + "/up")
    make_junk(T + "/template")
    make_odd(T + "/template")
    an_hour_ago(T + "/template")
    upstream = Upstream()
    try:
        context = Context(upstream.url)
        context.brief = options.brief
        names = [m for m in servers.MODES if m.split("-")[0] in options.servers and
                 (not options.only or fnmatch.fnmatchcase(m, options.only))]
        if options.part == "checks":
            checks.run_all(names, context)
        else:
            for prefix in ("", MOUNT):
                context.ask_stoa(prefix)
                for name in names:
                    run_mode(name, prefix, context)
    finally:
        upstream.stop()
    tap.done()


if __name__ == "__main__":
    main()
