# tests/vcs/discovery.py TMP FETCH: where repositories are found, as the go command does.
# SPDX-License-Identifier: Apache-2.0
import io
import os
import shutil
import sys
import zipfile

from differ import Differ, tap
from gitrepo import GitRepo
from web import Web, certificate

PAGES = {}      # (scheme, host, path) -> (status, headers, body)
CASES = []      # (claim, module, queries)
H = "d.example.org"


def meta(*contents, status=200, head="<head>", tail="</head>"):
    tags = "".join(f'<meta name="go-import" content="{c}">\n' for c in contents)
    return status, {"Content-Type": "text/html; charset=utf-8"}, f"<html>{head}{tags}{tail}</html>"


def page(path, answer, host=H, scheme="https"):
    PAGES[scheme, host, path] = answer


def ask(claim, module, *queries):
    CASES.append((claim, module, list(queries)))


def repos():
    r = GitRepo("plain")
    r.commit({"go.mod": f"module {H}/a\n", "a.go": "package a\n", "LICENSE": "l\n"})
    r.tag("v1.0.0")
    r.commit({"sub/go.mod": f"module {H}/a/sub\n", "sub/s.go": "package s\n",
              "v2/go.mod": f"module {H}/a/v2\n", "v2/t.go": "package t\n"})
    r.tag("sub/v1.1.0")
    r.tag("v2.0.0")
    yield r
    r = GitRepo("two")
    r.commit({"go.mod": f"module {H}/two/v2\n", "a.go": "package a\n"})
    r.tag("v2.0.0")
    yield r
    r = GitRepo("yaml", )
    r.commit({"y.go": "package y\n"})
    r.tag("v1.0.0")
    r.commit()
    r.tag("v2.0.0")
    r.tag("v2.1.0")
    r.commit({"go.mod": "module gopkg.in/yaml.v3\n"})
    r.tag("v3.0.0")
    r.commit({"go.mod": "module gopkg.in/other.v2-unstable\n"})
    r.tag("v2.9.0")
    yield r
    r = GitRepo("x")
    r.commit({"go.mod": f"module {H}/s/x.git\n", "sub/go.mod": f"module {H}/s/x.git/sub\n", "sub/b.go": "package b\n"})
    r.tag("v1.0.0")
    r.tag("sub/v0.1.0")
    yield r


def module_zip(module, version):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        z.writestr(f"{module}@{version}/go.mod", f"module {module}\n")
    return out.getvalue()


def proxy(base, module, version):
    text = {"Content-Type": "text/plain"}
    at = f"{base}/{module}/@v"
    page(f"{at}/list", (200, text, version + "\n"))
    page(f"{at}/{version}.info", (200, text, f'{{"Version":"{version}","Time":"2020-01-02T03:04:05Z"}}'))
    page(f"{base}/{module}/@latest",
         (200, text, f'{{"Version":"{version}","Time":"2020-01-02T03:04:05Z"}}'))
    page(f"{at}/{version}.mod", (200, text, f"module {module}\n"))
    page(f"{at}/{version}.zip", (200, text, module_zip(module, version)))


def define():
    git = "git https://git.example.org/"
    q = "?go-get=1"
    page(f"/a{q}", meta(f"{H}/a {git}plain"))
    ask("a page names the repository", f"{H}/a", "v1.0.0", "main", "v9.0.0")
    page(f"/a/sub{q}", meta(f"{H}/a {git}plain"))
    ask("a page below says the same as its prefix", f"{H}/a/sub", "v1.1.0", "main", "v1.0.0")
    page(f"/a/v2{q}", meta(f"{H}/a {git}plain"))
    ask("a major folder", f"{H}/a/v2", "v2.0.0", "main")
    page(f"/dis/x{q}", meta(f"{H}/dis {git}plain"))
    page(f"/dis{q}", meta(f"{H}/dis {git}two"))
    ask("a page and its prefix disagree", f"{H}/dis/x", "v1.0.0")
    page(f"/gone/x{q}", meta(f"{H}/gone {git}plain"))
    ask("the prefix says nothing", f"{H}/gone/x", "v1.0.0")
    page(f"/multi{q}", meta(f"{H}/multi {git}plain", f"{H} {git}two"))
    ask("two tags match", f"{H}/multi", "v1.0.0")
    page(f"/other{q}", meta(f"{H}/another {git}plain"))
    ask("no tag matches", f"{H}/other", "v1.0.0")
    page(f"/half{q}", meta(f"{H}/hal {git}plain"))
    ask("half an element is no prefix", f"{H}/half", "v1.0.0")
    page(f"/four{q}", meta(f"{H}/four {git}plain sub"))
    ask("a fourth field is a folder", f"{H}/four", "v1.1.0", "main")
    page(f"/foursub/v2{q}", meta(f"{H}/foursub {git}plain sub/"))
    page(f"/foursub{q}", meta(f"{H}/foursub {git}plain sub/"))
    ask("a folder and a major", f"{H}/foursub/v2", "v2.0.0", "main")
    page(f"/bad4{q}", meta(f"{H}/bad4 {git}plain -x"))
    ask("a folder that is an option", f"{H}/bad4", "v1.0.0")
    page(f"/abs4{q}", meta(f"{H}/abs4 {git}plain /x"))
    ask("a folder that is absolute", f"{H}/abs4", "v1.0.0")
    page(f"/five{q}", meta(f"{H}/five {git}plain sub more"))
    ask("five fields are none", f"{H}/five", "v1.0.0")
    page(f"/e404{q}", meta(f"{H}/e404 {git}plain", status=404))
    ask("a page with status 404 and a tag", f"{H}/e404", "v1.0.0")
    page(f"/e500{q}", (500, {}, "oh"))
    ask("a page with status 500", f"{H}/e500", "v1.0.0")
    ask("no page", f"{H}/nothing", "v1.0.0")
    page(f"/loud{q}", (200, {}, f"<!DOCTYPE html><HTML><HEAD><META NAME=go-import CONTENT='{H}/loud git\n "
                       "https://git.example.org/plain'><title>x</title>"))
    ask("capitals, other quotes, none", f"{H}/loud", "v1.0.0")
    page(f"/late{q}", meta(f"{H}/late {git}plain", head="<head></head><body>"))
    ask("a tag in the body", f"{H}/late", "v1.0.0")
    page(f"/commented{q}", meta(f"{H}/commented {git}plain", head="<!-- <body> --><head>"))
    ask("a comment before it", f"{H}/commented", "v1.0.0")
    page(f"/away{q}", (302, {"Location": f"https://e.example.org/to{q}"}, ""))
    page(f"/to{q}", meta(f"{H}/away {git}plain"), host="e.example.org")
    ask("a redirect to another host", f"{H}/away", "v1.0.0")
    page(f"/down{q}", (302, {"Location": f"http://e.example.org/plainly{q}"}, ""))
    page(f"/plainly{q}", meta(f"{H}/down {git}plain"), host="e.example.org", scheme="http")
    ask("a redirect to http", f"{H}/down", "v1.0.0")
    page(f"/cvs{q}", meta(f"{H}/cvs cvs https://git.example.org/plain"))
    ask("a program that nobody knows", f"{H}/cvs", "v1.0.0")
    page(f"/file{q}", meta(f"{H}/file git file:///etc"))
    ask("a repository that is a file", f"{H}/file", "v1.0.0")
    page(f"/bare{q}", meta(f"{H}/bare git git.example.org/plain"))
    ask("a repository without a scheme", f"{H}/bare", "v1.0.0")
    page(f"/dash{q}", meta(f"{H}/dash git --upload-pack=x"))
    ask("a repository that is an option", f"{H}/dash", "v1.0.0")
    page(f"/missing{q}", meta(f"{H}/missing {git}missing"))
    ask("a repository that is not there", f"{H}/missing", "v1.0.0")
    page(f"/two/v2{q}", meta(f"{H}/two/v2 {git}two"))
    ask("the root has the major", f"{H}/two/v2", "v2.0.0", "main")
    page(f"/one/v3{q}", meta(f"{H}/one/v3 {git}two"))
    ask("the root has another major", f"{H}/one/v3", "v2.0.0", "main")
    for major in "1", "2", "3", "2-unstable", "0", "4":
        page(f"/yaml.v{major}{q}", meta(f"gopkg.in/yaml.v{major} {git}yaml"), host="gopkg.in")
        ask(f"gopkg.in, version {major}", f"gopkg.in/yaml.v{major}", "v1.0.0", "v2.0.0", "v2.1.0", "v2.9.0",
            "v3.0.0", "main")
    page(f"/{q}", meta(f"{H} {git}plain"))
    ask("a whole host", f"{H}", "v1.0.0")
    page(f"/m{q}", meta(f"{H}/m mod https://{H}/proxy"))
    proxy("/proxy", f"{H}/m", "v1.2.3")
    ask("a page names a proxy", f"{H}/m", "v1.2.3", "v1.0.0")
    page(f"/m2{q}", meta(f"{H}/m2 {git}plain", f"{H}/m2 mod https://{H}/proxy"))
    proxy("/proxy", f"{H}/m2", "v1.2.3")
    ask("a proxy before a repository", f"{H}/m2", "v1.2.3")
    page(f"/ins{q}", meta(f"ins.example.org/ins {git}plain"), host="ins.example.org", scheme="http")
    ask("http where it is insecure", "ins.example.org/ins", "v1.0.0")
    page(f"/ins{q}", meta(f"noins.example.org/ins {git}plain"), host="noins.example.org", scheme="http")
    ask("http where it is not", "noins.example.org/ins", "v1.0.0")
    ask("a suffix in the path", f"{H}/s/x.git", "v1.0.0", "main")
    ask("a suffix, and a folder behind it", f"{H}/s/x.git/sub", "v0.1.0", "main")
    ask("a suffix without a repository", f"{H}/s/y.git", "v1.0.0")
    ask("bitbucket", "bitbucket.org/stoatest/plain", "v1.0.0")
    ask("bitbucket with a suffix", "bitbucket.org/stoatest/plain.git", "v1.0.0")
    ask("a host alone", "github.com", "v1.0.0")
    ask("an owner alone", "github.com/stoatest", "v1.0.0")
    ask("a name with a tilde", "github.com/stoatest/~x", "v1.0.0")
    ask("a host for examples", "example.net/x", "v1.0.0")
    ask("a host for examples too", "rsc.io", "v1.0.0")


def main():
    tmp, fetch = sys.argv[1], sys.argv[2]
    base = os.path.join(tmp, "repos")
    os.makedirs(base)
    home = os.path.join(tmp, "home")
    for r in repos():
        r.make(base, home)
    config = os.path.join(tmp, "gitconfig")
    with open(config, "w") as f:
        f.write(f'[url "file://{base}/"]\n')
        for url in "git.example.org/", f"{H}/s/", "bitbucket.org/stoatest/", "github.com/stoatest/":
            f.write(f"\tinsteadOf = https://{url}\n")
    define()
    hosts = ["*.example.org", "gopkg.in", "*.example.net", "rsc.io", "github.com", "bitbucket.org"]
    crt, key = certificate(tmp, hosts)
    web = Web(lambda scheme, host, path: PAGES.get((scheme, host.split(":")[0], path)), crt, key)
    d = Differ(tmp, fetch, config,
               go_env=dict(HTTPS_PROXY=web.url, HTTP_PROXY=web.url, SSL_CERT_FILE=crt,
                           GOINSECURE="ins.example.org"),
               stoa_env=dict(STOA_HTTPS_PROXY=web.url, STOA_HTTP_PROXY=web.url, STOA_CA_FILE=crt,
                             STOA_INSECURE="ins.example.org"))

    def results():
        only = sys.argv[3:]
        for i, (claim, module, queries) in enumerate(CASES):
            if not only or module in only:
                yield f"{claim}: as the go command", d.compare(f"case{i}", module, queries)
        yield (f"{d.answers} answers and {d.refusals} refusals compared",
               [] if only or (d.answers > 25 and d.refusals > 40) else ["too few"])
        del web.asked[:]
        for path in "github.com", "github.com/stoatest", "bitbucket.org/x":
            d.stoa("list", path)
        yield "parents of repositories cost no question", [str(a) for a in web.asked]
        del web.asked[:]
        d.stoa("list", f"{H}/a")
        d.stoa("list", f"{H}/a/sub")
        yield "what was found is remembered", [str(a) for a in web.asked]
        shutil.rmtree(os.path.join(d.cache, "mod"))
        d.stoa_env.update(STOA_DISCOVERY_TTL="0", STOA_FETCH_TIMEOUT="20s")
        rc, why = d.stoa("info", f"{H}/s/x.git", "v1.0.0")
        ok = rc == 0 and os.path.exists(d.file(f"{H}/s/x.git", "@v/v1.0.0.mod"))
        yield "where nothing is remembered, an .info by a suffix brings its .mod", [] if ok else [f"{rc} {why}"]

    sys.exit(tap(results()))


main()
