# tests/vcs/onservers.py: repositories on servers of the loopback, found through pages of a
# host that is not there, compared with what the go command says of them.
# SPDX-License-Identifier: Apache-2.0
import datetime

from differ import Differ
from web import Web, certificate

H = "d.example.org"


CONTENTS = {"LICENSE": "l\n", "vendor/x/x.go": "package x\n", "vendor/modules.txt": "m\n",
            "pkg/vendor/p.go": "package p\n", "link": ("link", "go.mod"), "run.sh": ("exec", "#!/bin/sh\n"),
            "d\u00e9/\u00fc.txt": "u\n", "crlf.txt": "a\r\nb\r\n", "nested/go.mod": "module other\n",
            "nested/n.go": "package n\n", "empty.txt": "", "with space.txt": "s\n", "bin.dat": bytes(range(256))}


def stamp(seconds):
    return datetime.datetime.fromtimestamp(int(seconds), datetime.timezone.utc).strftime("%Y%m%d%H%M%S")


def mod(name, more=""):
    return f"module {H}/{name}\n{more}"


def compare(tmp, fetch, cases, enough, path=None, transports="https ssh http svn"):
    """cases: (name, vcs, url, [(path behind the name, queries)]); enough: answers and refusals
    that there must be, or None."""
    pages = {}
    for name, vcs, url, modules in cases:
        for sub, _ in [("", None), *modules]:
            pages[f"/{name}{sub}?go-get=1"] = f'<meta name="go-import" content="{H}/{name} {vcs} {url}">'
    crt, key = certificate(tmp, ["*.example.org"])
    web = Web(lambda scheme, host, path: (200, {}, pages[path]) if path in pages else None, crt, key)
    go_env = dict(HTTPS_PROXY=web.url, HTTP_PROXY=web.url, NO_PROXY="127.0.0.1",
                  SSL_CERT_FILE=crt, HGRCPATH="", USER="author")
    d = Differ(tmp, fetch, "/dev/null", transports=transports, go_env=go_env,
               stoa_env=dict(STOA_HTTPS_PROXY=web.url, STOA_CA_FILE=crt))
    for env in d.go_base, d.stoa_env:
        env["PATH"] = (path + ":" if path else "") + env["PATH"]
    for name, vcs, url, modules in cases:
        bad = []
        for i, (sub, queries) in enumerate(modules):
            bad += d.compare(f"{name}-{i}", f"{H}/{name}{sub}", queries)
        yield f"{name}: {sum(len(q) for _, q in modules)} queries as the go command", bad
    few = enough and (d.answers < enough[0] or d.refusals < enough[1])
    yield f"{d.answers} answers and {d.refusals} refusals compared", ["too few"] if few else []
