# tests/vcs/gitcases.py: the repositories of the differential test, and what is asked
# of each: [(module path behind the repository's, [queries])].
# SPDX-License-Identifier: Apache-2.0
import sys

from gitrepo import GitRepo

HOST = "github.com/stoatest"
CASES = []


def case(fn):
    CASES.append(fn)
    return fn


def start(name, gomod=True, **kw):
    r = GitRepo(name, **kw)
    files = {"a.go": f"package {name.replace('-', '')}\n", "LICENSE": "license\n"}
    if gomod:
        files["go.mod"] = mod(name)
    r.commit(files)
    return r


def mod(name, go="", more=""):
    return f"module {HOST}/{name}\n" + (f"\ngo {go}\n" if go else "") + more


def pseudo(r, mark, base="v0.0.0-", time=None):
    """A pseudo-version for a commit, to be filled in once its id is known."""
    return lambda: f"{base}{stamp(r, mark, time)}-{r.ids[mark][:12]}"


def stamp(r, mark, time=None):
    import datetime
    import subprocess
    t = int(subprocess.run(["git", "-C", r.dir, "log", "-1", "--format=%ct", r.ids[mark]],
                           stdout=subprocess.PIPE, check=True).stdout)
    return datetime.datetime.fromtimestamp(t + (time or 0), datetime.timezone.utc).strftime(
        "%Y%m%d%H%M%S")


def commit_id(r, mark, n=64, upper=False):
    return lambda: r.ids[mark][:n].upper() if upper else r.ids[mark][:n]


@case
def plain():
    r = start("plain")
    r.tag("v1.0.0")
    r.commit()
    r.tag("v1.1.0", annotated=True)
    b = r.commit()
    return r, [("", ["v1.0.0", "v1.1.0", "main", "HEAD", "v1.2.0", "v9.0.0", commit_id(r, b),
                     commit_id(r, b, 7), commit_id(r, b, 6), commit_id(r, b, 12, True), "nothing",
                     pseudo(r, b, "v1.1.1-0."), pseudo(r, b), pseudo(r, b, "v1.2.1-0."),
                     pseudo(r, b, "v1.1.1-0.", 1), pseudo(r, 1, "v1.0.1-0."),
                     pseudo(r, 1, "v1.1.1-0.")])]


@case
def notags():
    r = start("notags")
    b = r.commit()
    return r, [("", ["main", "HEAD", commit_id(r, 1), commit_id(r, 1, 9), pseudo(r, 1),
                     pseudo(r, b), pseudo(r, b, "v1.0.0-")])]


@case
def nogomod():
    r = start("nogomod", gomod=False)
    r.tag("v1.0.0")
    r.commit()
    r.tag("v2.0.0")
    r.commit()
    r.tag("v2.1.0")
    b = r.commit({"go.mod": mod("nogomod") + ""})
    return r, [("", ["v1.0.0", "v2.0.0+incompatible", "v2.0.0", "v2.1.0+incompatible", "main",
                     "v1.0.0+incompatible", pseudo(r, b, "v1.0.1-0.")])]


@case
def incompatible_mix():
    r = start("incompat", gomod=False)
    r.tag("v1.0.0")
    r.commit()
    r.tag("v2.0.0")
    r.commit()
    r.tag("v2.1.0")
    r.commit({"go.mod": mod("incompat/v3")})
    r.tag("v3.0.0")
    r.commit({"go.mod": None})
    r.tag("v4.0.0")
    b = r.commit()
    return r, [("", ["v2.0.0+incompatible", "v3.0.0", "v3.0.0+incompatible", "v4.0.0", "main",
                     pseudo(r, b, "v4.0.1-0."), lambda: pseudo(r, b, "v4.0.1-0.")() +
                     "+incompatible"]),
               ("/v3", ["v3.0.0", "main", "v4.0.0"]), ("/v4", ["v4.0.0"]), ("/v2", ["v2.0.0"])]


@case
def compatible_hides_incompatible():
    r = start("hides")
    r.tag("v1.0.0")
    r.commit({"go.mod": None})
    r.tag("v2.0.0")
    return r, [("", ["v2.0.0", "v2.0.0+incompatible", "main"])]


@case
def majors_on_branches():
    r = start("branches")
    r.tag("v1.0.0")
    r.branch("v2")
    r.checkout("v2")
    r.commit({"go.mod": mod("branches/v2")})
    r.tag("v2.0.0")
    c = r.commit()
    r.checkout("main")
    r.commit()
    r.tag("v1.1.0")
    return r, [("", ["v1.0.0", "v1.1.0", "main", "v2", "v2.0.0", commit_id(r, c)]),
               ("/v2", ["v2.0.0", "main", "v1.0.0", "v2.1.0", pseudo(r, c, "v2.0.1-0."),
                        pseudo(r, c, "v2.0.0-")])]


@case
def majors_in_folders():
    r = start("folders")
    r.tag("v1.0.0")
    r.commit({"v2/go.mod": mod("folders/v2"), "v2/x.go": "package x\n", "v2/LICENSE": "two\n"})
    r.tag("v2.0.0")
    r.commit({"v3/go.mod": "module other.example/thing/v3\n", "v3/x.go": "package x\n"})
    r.tag("v3.0.0")
    r.commit({"v4/go.mod": "module other.example/thing\n", "v4/x.go": "package x\n"})
    r.tag("v4.0.0")
    r.commit({"v5/go.mod": "// nothing\n", "v5/x.go": "package x\n"})
    r.tag("v5.0.0")
    return r, [("", ["v1.0.0", "v2.0.0", "v2.0.0+incompatible"]), ("/v2", ["v2.0.0", "main"]),
               ("/v3", ["v3.0.0"]), ("/v4", ["v4.0.0"]), ("/v5", ["v5.0.0"])]


@case
def both_places():
    r = start("both", gomod=False)
    r.commit({"go.mod": mod("both/v2"), "v2/go.mod": mod("both/v2")})
    r.tag("v2.0.0")
    return r, [("/v2", ["v2.0.0", "main"]), ("", ["main", "v2.0.0"])]


@case
def subdirectories():
    r = start("subdirs")
    r.commit({"sub/go.mod": mod("subdirs/sub"), "sub/s.go": "package sub\n",
              "deep/er/go.mod": mod("subdirs/deep/er"), "deep/er/d.go": "package er\n",
              "deep/er/LICENSE": "own\n", "nomod/n.go": "package n\n"})
    r.tag("v1.0.0")
    r.tag("sub/v0.1.0")
    r.tag("deep/er/v0.2.0", annotated=True)
    r.tag("nomod/v1.0.0")
    b = r.commit()
    r.commit({"sub/v2/go.mod": mod("subdirs/sub/v2"), "sub/v2/s.go": "package sub\n"})
    r.tag("sub/v2.0.0")
    return r, [("", ["v1.0.0", "main"]), ("/sub", ["v0.1.0", "v1.0.0", "main",
               commit_id(r, b), pseudo(r, b, "v0.1.1-0."), pseudo(r, b)]),
               ("/deep/er", ["v0.2.0", "main"]), ("/deep", ["main", "v0.2.0"]),
               ("/nomod", ["v1.0.0", "main"]), ("/sub/v2", ["v2.0.0", "main"])]


@case
def sub_major_branch():
    r = start("submajor")
    r.commit({"sub/go.mod": mod("submajor/sub/v2"), "sub/s.go": "package sub\n"})
    r.tag("sub/v2.0.0")
    r.tag("sub/v2.1.0-rc.1")
    return r, [("/sub/v2", ["v2.0.0", "v2.1.0-rc.1", "main"]), ("/sub", ["main", "v2.0.0"])]


@case
def odd_tags():
    r = start("oddtags")
    for t in ("v1", "v1.0", "1.0.0", "v1.0.0+meta", "v1.01.0", "v0.0.1-2", "v2.0.0+incompatible",
              "v0.0.0-20200101000000-0123456789ab", "release", "x/v1.0.0"):
        r.tag(t)
    b = r.commit()
    return r, [("", ["v1.0.0+meta", "release", "main", "v0.0.1-2", "1.0.0", "v2.0.0+incompatible",
                     "v0.0.0-20200101000000-0123456789ab", commit_id(r, 1, 10),
                     pseudo(r, b, "v1.0.1-0."), "v1.0.0"])]


@case
def meta_at_head():
    r = start("metahead")
    r.tag("v1.5.0")
    r.commit()
    r.tag("v1.2.3+meta")
    return r, [("", ["main", "v1.2.3+meta", "HEAD"])]


@case
def prereleases():
    r = start("pre")
    r.tag("v0.1.0-alpha")
    r.commit()
    r.tag("v0.1.0-beta")
    r.commit()
    r.tag("v0.1.0-beta.2")
    b = r.commit()
    return r, [("", ["v0.1.0-alpha", "main", pseudo(r, b, "v0.1.0-beta.2.0."),
                     pseudo(r, b, "v0.1.0-alpha.0."), pseudo(r, b, "v0.1.0-gamma.0.")])]


@case
def several_tags_at_head():
    r = start("several")
    r.tag("v1.0.0")
    r.tag("v1.1.0")
    r.tag("v1.0.1-rc1")
    r.tag("foo")
    return r, [("", ["main", "foo", "v1.0.0", "v1.1.0", "v1.0.1-rc1"])]


@case
def retract_range():
    r = start("retract")
    r.tag("v1.0.0")
    r.commit()
    r.tag("v1.1.0")
    r.commit({"go.mod": mod("retract", "1.16", "retract [v1.1.0, v1.2.0] // oh\n")})
    r.tag("v1.2.0")
    r.commit()
    return r, [("", ["v1.0.0", "v1.1.0", "v1.2.0", "main"])]


@case
def retract_all():
    r = start("retractall")
    r.tag("v1.0.0")
    r.commit({"go.mod": mod("retractall", "1.16", "retract (\n\tv1.0.0\n\tv1.0.1 // self\n)\n")})
    r.tag("v1.0.1")
    r.commit()
    return r, [("", ["v1.0.0", "v1.0.1", "main"])]


@case
def retract_head():
    r = start("retracthead")
    r.tag("v1.0.0")
    r.commit({"go.mod": mod("retracthead", "1.16", "retract [v0.0.0, v1.9.9]\n")})
    r.tag("v1.0.1")
    return r, [("", ["main", "v1.0.1"])]


@case
def retract_broken():
    r = start("retractbroken")
    r.tag("v1.0.0")
    r.commit({"go.mod": mod("retractbroken", "", "retract v1.0.0\nrequire oops\n")})
    r.tag("v1.0.1")
    r.commit()
    return r, [("", ["v1.0.0", "v1.0.1", "main"])]


@case
def retract_malformed_line():
    r = start("retractmal")
    r.tag("v1.0.0")
    r.commit({"go.mod": mod("retractmal", "", "retract [v1.0.0\nretract v1.0.0\nretract x y\n")})
    r.tag("v1.0.1")
    return r, [("", ["v1.0.0", "main"])]


@case
def merged_side():
    r = start("merged")
    r.tag("v1.0.0")
    r.branch("side")
    r.checkout("side")
    s = r.commit()
    r.tag("v1.5.0")
    r.checkout("main")
    r.commit()
    m = r.commit({"m.txt": "m"}, merge=[s])
    return r, [("", ["main", "side", pseudo(r, m, "v1.5.1-0."), pseudo(r, m, "v1.0.1-0.")])]


@case
def unmerged_side():
    r = start("unmerged")
    r.branch("side")
    r.checkout("side")
    r.commit()
    r.tag("v1.5.0")
    r.checkout("main")
    b = r.commit()
    return r, [("", ["main", "side", "v1.5.0", pseudo(r, b, "v1.5.1-0."), pseudo(r, b)])]


@case
def deep_history():
    r = start("deep")
    r.tag("v1.0.0")
    marks = [r.commit() for _ in range(40)]
    return r, [("", [commit_id(r, marks[5]), commit_id(r, marks[6], 8),
                     pseudo(r, marks[7], "v1.0.1-0."), "main"])]


@case
def orphan_tag():
    r = start("orphan")
    r.commit({"go.mod": mod("orphan"), "o.go": "package o\n"}, branch="elsewhere", parent=0)
    r.tag("v0.5.0")
    r.checkout("main")
    r.commit()
    return r, [("", ["v0.5.0", "main", "elsewhere"])]


@case
def symlinks():
    r = start("links")
    r.commit({"link.go": ("link", "a.go"), "dir": ("link", "sub"), "sub/LICENSE": ("link", "../LICENSE"),
              "sub/go.mod": mod("links/sub"), "sub/s.go": "package s\n", "run.sh": ("exec", "#!/bin/sh\n")})
    r.tag("v1.0.0")
    r.tag("sub/v1.0.0")
    return r, [("", ["v1.0.0"]), ("/sub", ["v1.0.0"])]


@case
def license_link():
    r = start("licenselink")
    r.commit({"LICENSE": ("link", "COPYING"), "COPYING": "text\n", "sub/go.mod": mod("licenselink/sub"),
              "sub/s.go": "package s\n"})
    r.tag("sub/v1.0.0")
    r.tag("v1.0.0")
    return r, [("", ["v1.0.0"]), ("/sub", ["v1.0.0"])]


@case
def gomod_link():
    r = start("gomodlink", gomod=False)
    r.commit({"go.mod": ("link", "real.mod"), "real.mod": mod("gomodlink")})
    r.tag("v1.0.0")
    return r, [("", ["v1.0.0", "main"])]


@case
def nested_gomod_link():
    r = start("nestedlink")
    r.commit({"in/go.mod": ("link", "../go.mod"), "in/x.go": "package in\n"})
    r.tag("v1.0.0")
    return r, [("", ["v1.0.0"])]


@case
def submodules():
    r = start("submodules")
    r.commit({"third": ("sub", "0123456789012345678901234567890123456789"),
              ".gitmodules": "[submodule \"third\"]\n\tpath = third\n\turl = ../plain\n"})
    r.tag("v1.0.0")
    return r, [("", ["v1.0.0", "main"])]


@case
def attributes_eol():
    r = start("eol")
    r.commit({".gitattributes": "*.txt text eol=crlf\ngo.mod text eol=crlf\n*.bin -text\n",
              "x.txt": "one\ntwo\n", "y.bin": "one\r\ntwo\n", "z.md": "a\r\nb\n"})
    r.tag("v1.0.0")
    return r, [("", ["v1.0.0"])]


@case
def attributes_ident():
    r = start("ident")
    r.commit({".gitattributes": "*.go ident\n", "i.go": "package i // $Id$\n",
              "sub/go.mod": mod("ident/sub"), "sub/i.go": "package i // $Id$\n"})
    r.tag("v1.0.0")
    r.tag("sub/v1.0.0")
    return r, [("", ["v1.0.0"]), ("/sub", ["v1.0.0"])]


@case
def attributes_export():
    r = start("export")
    r.commit({".gitattributes": "secret export-ignore\nv.txt export-subst\nd/ export-ignore\n",
              "secret": "s\n", "v.txt": "$Format:%H$ $Format:%d$\n", "d/x": "x"})
    r.tag("v1.0.0")
    return r, [("", ["v1.0.0", "main"])]


@case
def attributes_encoding():
    r = start("encoding")
    r.commit({".gitattributes": "u.txt text working-tree-encoding=UTF-16LE eol=lf\n",
              "u.txt": "h\u00e4llo\n"})
    r.tag("v1.0.0")
    return r, [("", ["v1.0.0"])]


@case
def attributes_filter():
    r = start("filter")
    r.commit({".gitattributes": "*.dat filter=lfs diff=lfs merge=lfs -text\n",
              "x.dat": "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3\n"})
    r.tag("v1.0.0")
    return r, [("", ["v1.0.0"])]


@case
def vendored():
    r = start("vendored", gomod=False)
    files = {"vendor/modules.txt": "x\n", "vendor/a/a.go": "package a\n", "vendor/v.go": "package v\n",
             "pkg/vendor/p.go": "package p\n", "pkg/vendor/q/q.go": "package q\n",
             "a/vendor/x": "x\n", "vendored/y": "y\n", "xvendor/z/z": "z\n", "a/b/vendor/modules.txt": "m"}
    r.commit(dict(files, **{"go.mod": mod("vendored", "1.23")}))
    r.tag("v1.0.0")
    r.commit({"go.mod": mod("vendored", "1.24")})
    r.tag("v1.1.0")
    r.commit({"go.mod": mod("vendored", "1.24rc1")})
    r.tag("v1.2.0")
    r.commit({"go.mod": mod("vendored")})
    r.tag("v1.3.0")
    r.commit({"go.mod": mod("vendored", "v1.25")})
    r.tag("v1.4.0")
    return r, [("", ["v1.0.0", "v1.1.0", "v1.2.0", "v1.3.0", "v1.4.0"])]


@case
def nested_modules():
    r = start("nested")
    r.commit({"in/go.mod": "module x.example/y\n", "in/x.go": "package x\n", "in/deep/y.go": "package y\n",
              "up/GO.MOD": "", "up/z.go": "package z\n", "inn/x.go": "package inn\n"})
    r.tag("v1.0.0")
    return r, [("", ["v1.0.0"])]


@case
def gomod_case():
    r = start("modcase", gomod=False)
    r.commit({"GO.MOD": mod("modcase")})
    r.tag("v1.0.0")
    return r, [("", ["v1.0.0", "main"])]


def bad_name(name, path, more=None):
    def fn():
        r = start(name)
        r.tag("v0.9.0")
        r.commit(dict({path: "x\n"}, **(more or {})))
        r.tag("v1.0.0")
        return r, [("", ["v1.0.0", "v0.9.0", "main"])]
    return case(fn)


bad_name("names-aux", "aux.go")
bad_name("names-colon", "a:b.txt")
bad_name("names-quote", "a'b.txt")
bad_name("names-smile", "\u263a.txt")
bad_name("names-letter", "h\u00e4llo \u00fc.txt")
bad_name("names-nfd", "a\u0308.txt")
bad_name("names-bytes", b"a\xff.txt")
bad_name("names-dot", "x./y")
bad_name("names-tilde", "z~1/x", {"dir.name/with space/x y.txt": "x"})
bad_name("names-hidden", ".hidden/x", {".hg_archival.txt": "x", "sub/.hg_archival.txt": "y"})
bad_name("names-fold", "Readme", {"README": "y"})
bad_name("names-folddir", "Dir/x", {"dir/y": "y"})
bad_name("names-kelvin", "\u212a.txt", {"k.txt": "y"})
bad_name("names-backslash", "a\\b.txt")
bad_name("names-vendored", "vendor/x/a:b.txt")
bad_name("names-nestedbad", "in/aux.txt", {"in/go.mod": "module x\n"})
bad_name("names-linkfold", "X.txt", {"x.txt": ("link", "a.go")})


@case
def long_names():
    r = start("longnames")
    r.commit({"d" * 200 + "/" + "f" * 200 + ".txt": "x", "e" * 120 + "/" + "g" * 50: "y"})
    r.tag("v1.0.0")
    return r, [("", ["v1.0.0"])]


@case
def gomod_forms():
    r = start("forms", gomod=False)
    forms = ['module "github.com/stoatest/forms"\n', "module `github.com/stoatest/forms`\n",
             "// c\n\nmodule github.com/stoatest/forms // x\n", "module (\n\tgithub.com/stoatest/forms\n)\n",
             "module other.example/zzz\n", "modulex y\n", "", "go 1.20\n", "module\tgithub.com/stoatest/forms\r\n",
             "module github.com/stoatest/forms/v2\n", "module gopkg.in/forms.v2\n", "module x.example/v1\n",
             "module \"unterminated\n", "module a b c\n", "module x.example/y/v0\n"]
    for i, text in enumerate(forms):
        r.commit({"go.mod": text, "n.txt": str(i)})
        r.tag(f"v0.0.{i}")
    return r, [("", [f"v0.0.{i}" for i in range(len(forms))] + ["main"])]


@case
def upper_case():
    r = GitRepo("UpperCase")
    r.commit({"go.mod": mod("UpperCase"), "a.go": "package a\n"})
    r.tag("v1.0.0-RC1")
    r.branch("Feature")
    return r, [("", ["v1.0.0-RC1", "Feature", "main"])]


@case
def sha256_repo():
    r = start("sha256", sha256=True)
    r.tag("v1.0.0")
    b = r.commit()
    return r, [("", ["v1.0.0", "main", commit_id(r, b), commit_id(r, b, 40), pseudo(r, b, "v1.0.1-0."),
                     "HEAD"])]


@case
def empty_repo():
    return GitRepo("emptyrepo"), [("", ["main", "HEAD", "v1.0.0"])]


@case
def headless():
    r = start("headless")
    r.tag("v1.0.0")
    r.default = "trunk"
    return r, [("", ["main", "HEAD", "v1.0.0"])]


@case
def headless_untagged():
    r = start("headless2")
    r.default = "trunk"
    return r, [("", ["main", "HEAD"])]


@case
def branch_like_tag():
    r = start("samename")
    r.tag("both")
    r.branch("v1.0.0")
    r.commit()
    r.branch("both")
    r.branch("abcdef1")
    return r, [("", ["both", "v1.0.0", "abcdef1", "main"])]


@case
def time_travel():
    r = start("times")
    r.commit(time=86400)
    r.tag("v1.0.0")
    b = r.commit(time=4102444800)
    return r, [("", ["v1.0.0", "main", pseudo(r, b, "v1.0.1-0.")])]


@case
def prefix_tags():
    r = start("prefixtags")
    r.commit({"sub/go.mod": mod("prefixtags/sub"), "sub/s.go": "package s\n"})
    r.tag("v1.9.0")
    r.tag("subx/v1.8.0")
    r.commit()
    r.tag("sub/v0.0.10")
    r.commit()
    r.tag("sub/v0.0.9")
    b = r.commit()
    return r, [("/sub", ["main", "v0.0.9", pseudo(r, b, "v0.0.11-0."), pseudo(r, b, "v0.0.10-0."),
                         "v1.9.0"]), ("", ["main"])]


@case
def decimal_increment():
    r = start("decimal")
    r.tag("v1.2.9")
    b = r.commit()
    return r, [("", ["main", pseudo(r, b, "v1.2.10-0."), pseudo(r, b, "v1.2.0-0.")])]


@case
def short_and_long_rev():
    r = start("revlen")
    b = r.commit()
    return r, [("", [lambda: f"v0.0.0-{stamp(r, b)}-{r.ids[b][:11]}",
                     lambda: f"v0.0.0-{stamp(r, b)}-{r.ids[b][:13]}",
                     lambda: f"v0.0.0-{stamp(r, b)}-{'0' * 12}"])]


@case
def license_in_sub():
    r = GitRepo("nolicense")
    r.commit({"go.mod": mod("nolicense"), "sub/go.mod": mod("nolicense/sub"), "sub/s.go": "package s\n"})
    r.tag("sub/v1.0.0")
    r.commit({"sub/LICENSE/inner": "x\n", "LICENSE": "top\n"})
    r.tag("sub/v1.1.0")
    return r, [("/sub", ["v1.0.0", "v1.1.0"])]


@case
def only_major_two():
    r = start("onlytwo", gomod=False)
    r.commit({"go.mod": mod("onlytwo/v2")})
    r.tag("v2.0.0")
    return r, [("", ["main", "v2.0.0", "v2.0.0+incompatible"]), ("/v2", ["main", "v2.0.0"]),
               ("/v3", ["main"])]


@case
def legacy_then_modules():
    r = start("legacy", gomod=False)
    r.tag("v1.0.0")
    r.commit()
    r.tag("v2.0.0")
    r.commit({"go.mod": mod("legacy"), "v2/go.mod": mod("legacy/v2"), "v2/a.go": "package a\n"})
    r.tag("v1.1.0")
    r.tag("v2.1.0")
    return r, [("", ["v1.1.0", "v2.0.0+incompatible", "v2.1.0", "main"]), ("/v2", ["v2.1.0", "v2.0.0"])]


@case
def sub_folder_gone():
    r = start("gone")
    r.commit({"sub/go.mod": mod("gone/sub"), "sub/s.go": "package s\n"})
    r.tag("sub/v1.0.0")
    r.commit({"sub/go.mod": None, "sub/s.go": None})
    r.tag("sub/v1.1.0")
    return r, [("/sub", ["v1.0.0", "v1.1.0", "main"])]


@case
def big_numbers():
    r = start("bignum")
    r.tag("v1.99999999999999999999.0")
    r.tag("v1.100000000000000000000.0")
    return r, [("", ["v1.100000000000000000000.0", "main"])]


@case
def no_such_repository():
    return None, [("nosuchrepo", ["v1.0.0", "main"])]


if __name__ == "__main__":
    print(len(CASES), file=sys.stderr)
