#!/usr/bin/env python3
"""badpaths.py TABLE WAY: sends every request of the table and prints TAP.

WAY is "cgi" (stoa.cgi as a child) or a FastCGI socket. Environment: T (the
test's folder with cache/, stoa.conf and the fake upstream's log), cgi_bin.

SPDX-License-Identifier: Apache-2.0
"""
import os
import re
import subprocess
import sys

import fcgi

T = os.environ["T"]
ANY = (400, 404, 405, 414)


def expand(text):
    def one(m):
        s, n = m.group(1), m.group(2)
        if n is None:
            return bytes([int(s[2:], 16)]).decode("utf-8", "surrogateescape")
        return s * int(n)
    return re.sub(r"\{(\\x[0-9a-f]{2}|[^{}]+?(?=\*\d))(?:\*(\d+))?\}", one, text)


def cases(name):
    for line in open(name, encoding="utf-8"):
        line = line.rstrip("\n")
        if not line or line.startswith("#"):
            continue
        status, method, uri = line.split("\t")
        want = ANY if status == "4xx" else tuple(int(s) for s in status.split(","))
        yield line, want, "" if method == "-" else expand(method), expand(uri)


def files():
    found = set()
    for at, subs, names in os.walk(os.path.join(T, "cache")):
        for name in names + subs:
            full = os.path.join(at, name)
            rel = os.path.relpath(full, os.path.join(T, "cache"))
            if rel != "state/locks" and (os.path.isfile(full) or rel.startswith("mod/")):
                found.add(rel)
    return found


def asked():
    return os.path.getsize(os.path.join(T, "upstream.run", "requests"))


def send_cgi(method, uri):
    env = {"PATH": os.environ["PATH"], "STOA_CONF": T + "/stoa.conf"}
    for name in "ASAN_OPTIONS", "LSAN_OPTIONS":
        if name in os.environ:
            env[name] = os.environ[name]
    env.update(fcgi.environment(method, uri))
    with open(T + "/err", "ab") as err:
        p = subprocess.run([os.environ["cgi_bin"]], env={os.fsencode(k): os.fsencode(v)
                           for k, v in env.items()}, stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, stderr=err, timeout=30, check=False)
    return fcgi.parse(p.stdout) + ("exit %d" % p.returncode,)


def complaints(method, want, answer):
    status, headers, body, how = answer
    if status not in want:
        yield "status %s instead of %s" % (status, want)
    if how not in ("exit 0", "end 0"):
        yield "ended with %s" % how
    if not headers.get("content-type", "").startswith("text/plain"):
        yield "content-type %r" % headers.get("content-type")
    if method == "HEAD":
        if body:
            yield "a body for HEAD"
    elif not body.strip():
        yield "no body"
    if status == 405 and sorted(re.split(", *", headers.get("allow", ""))) != ["GET", "HEAD"]:
        yield "allow %r" % headers.get("allow")
    if "immutable" in headers.get("cache-control", ""):
        yield "cache-control %r" % headers["cache-control"]
    if "x-evil" in headers or "set-cookie" in headers or b"\x1b" in body:
        yield "the request's bytes came back raw"
    if T.encode() in body:
        yield "a local path in the body"


def main():
    table, way = sys.argv[1:]
    n = 0
    before, count = files(), asked()
    for line, want, method, uri in cases(table):
        n += 1
        if way == "cgi":
            answer = send_cgi(method, uri)
        else:
            answer = fcgi.get(way, uri, method)
        bad = list(complaints(method, want, answer))
        if asked() != count:
            bad.append("the upstream was asked")
            count = asked()
        now = files()
        if now - before:
            bad.append("new in the cache: %s" % sorted(now - before))
            before |= now
        name = line.replace("\t", " ").replace("#", "\\#")[:100]
        print("%sok %d - %s" % ("not " if bad else "", n, name))
        for b in bad:
            print("#   " + b)
        if bad:
            print("#   body: %r" % answer[2][:200])
        sys.stdout.flush()
    claim = "the table has at least 200 cases"
    n += 1
    print("%sok %d - %s" % ("" if n > 200 else "not ", n, claim))
    print("1..%d" % n)


main()
