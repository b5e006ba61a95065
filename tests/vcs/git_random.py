# tests/vcs/git_random.py TMP FETCH N [SEED]: random repositories, compared with what the
# go command says of them. A difference names the seed that brings it back.
# SPDX-License-Identifier: Apache-2.0
import os
import random
import shutil
import sys

from differ import Differ, tap
from gitcases import HOST, commit_id, pseudo
from gitrepo import GitRepo

SUBS = ["", "sub", "deep/er"]


def version(rnd):
    v = f"v{rnd.choice([0, 0, 1, 1, 1, 2, 2, 3])}.{rnd.randrange(3)}.{rnd.randrange(3)}"
    return v + rnd.choice(["", "", "", "", "-rc.1", "-rc.2", "-0", "+meta", "-alpha+meta"])


def gomod(rnd, name, sub):
    path = f"{HOST}/{name}" + (f"/{sub}" if sub else "")
    text = f"module {path}{rnd.choice(['', '', '', '', '/v2', '/v2', '/v3'])}\n"
    if rnd.random() < 0.4:
        text += f"go 1.{rnd.choice([12, 17, 23, 24, 25])}\n"
    while rnd.random() < 0.3:
        low, high = sorted([f"v{rnd.randrange(3)}.{rnd.randrange(3)}.0" for _ in range(2)])
        text += rnd.choice([f"retract {low}\n", f"retract [{low}, {high}]\n"])
    if rnd.random() < 0.04:
        text += "oops (\n"
    return text


def files(rnd, name, n):
    out = {}
    for sub in SUBS:
        if rnd.random() < 0.3:
            out[os.path.join(sub, "go.mod")] = gomod(rnd, name, sub) if rnd.random() < 0.85 else None
        if rnd.random() < 0.15:
            folder = os.path.join(sub, rnd.choice(["v2", "v3"]), "go.mod")
            out[folder] = gomod(rnd, name, sub)
    pool = ["a.go", "sub/s.go", "deep/er/d.go", "vendor/x/x.go", "vendor/modules.txt", "sub/vendor/y/y.go",
            "pkg/vendor/p.go", "LICENSE", "sub/LICENSE", "d\u00e9/x.txt", "t.txt", "v2/z.go"]
    for path in rnd.sample(pool, rnd.randrange(1, 5)):
        out[path] = rnd.choice([f"text {n}\n", f"$Id$ {n}\r\n", f"$Format:%H$ {n}\n"])
    if rnd.random() < 0.1:
        out["link"] = ("link", "a.go")
    if rnd.random() < 0.1:
        out["exec.sh"] = ("exec", "#!/bin/sh\n")
    if rnd.random() < 0.05:
        out["third"] = ("sub", "%040x" % rnd.randrange(16 ** 40))
    if rnd.random() < 0.15:
        out[rnd.choice([".gitattributes", "sub/.gitattributes"])] = rnd.choice(
            ["*.txt eol=crlf\n", "* text=auto\n", "*.go ident\n", "*.txt export-ignore\n", "* export-subst\n"])
    if rnd.random() < 0.03:
        out[rnd.choice(["aux.txt", "A.go", "sub/b:c"])] = "bad\n"
    return out


def removed(rnd, r, known):
    """Nothing may be removed that is not there."""
    return {p: w for p, w in known.items() if w is not None}


def build(seed):
    rnd = random.Random(seed)
    r = GitRepo(f"rnd{seed}")
    trees = {}
    branches = ["main"]
    tags = []
    for n in range(1, rnd.randrange(3, 14)):
        if rnd.random() < 0.2 and r.heads:
            b = f"b{n}"
            r.branch(b, rnd.randrange(1, r.n + 1))
            branches.append(b)
            r.checkout(b)
        elif rnd.random() < 0.4:
            r.checkout(rnd.choice(branches))
        merge = []
        if r.at in r.heads and rnd.random() < 0.2:
            m = rnd.randrange(1, r.n + 1)
            if m != r.heads[r.at]:
                merge = [m]
        tree = dict(trees.get(r.heads.get(r.at), {}))
        new = files(rnd, r.name, n)
        # a path cannot be a file and a folder
        change = {p: w for p, w in new.items() if w is not None or p in tree}
        r.commit(change, merge=merge)
        for p, w in change.items():
            if w is None:
                tree.pop(p, None)
            else:
                tree[p] = w
        trees[r.n] = tree
        while rnd.random() < 0.45:
            prefix = rnd.choice(["", "", "", "sub/", "deep/er/"])
            t = prefix + version(rnd)
            if t not in tags:
                tags.append(t)
                r.tag(t, rnd.randrange(1, r.n + 1) if rnd.random() < 0.3 else None,
                      annotated=rnd.random() < 0.3)
    if "main" not in r.heads:
        r.branch("main")
    return rnd, r, branches, tags


def questions(rnd, r, branches, tags):
    for sub in rnd.sample(SUBS, 2):
        for major in rnd.sample(["", "", "/v2", "/v3"], 2):
            prefix = sub + "/" if sub else ""
            some = [t[len(prefix):] for t in tags if t.startswith(prefix) and "/" not in t[len(prefix):]]
            q = rnd.sample(some, min(3, len(some)))
            q += [v + "+incompatible" for v in q if v[:2] in ("v2", "v3") and "+" not in v]
            q.append(rnd.choice(branches))
            m = rnd.randrange(1, r.n + 1)
            q.append(commit_id(r, m, rnd.choice([7, 12, 40]))())
            base = rnd.choice(["v0.0.0-", "v2.0.0-", "v1.0.0-"])
            if some and rnd.random() < 0.7:
                v = rnd.choice(some).split("+")[0]
                if "-" in v:
                    base = v + ".0."
                else:
                    a, b, c = v.split(".")
                    base = f"{a}.{b}.{int(c) + 1}-0."
            q.append(pseudo(r, m, base)())
            yield (f"/{sub}" if sub else "") + major, list(dict.fromkeys(q))


def main():
    tmp, fetch, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    first = int(sys.argv[4]) if len(sys.argv) > 4 else random.randrange(10 ** 9)
    print(f"# seeds {first} to {first + count - 1}", flush=True)
    repos = os.path.join(tmp, "repos")
    os.makedirs(repos)
    config = os.path.join(tmp, "gitconfig")
    with open(config, "w") as f:
        f.write(f'[url "file://{repos}/"]\n\tinsteadOf = https://{HOST}/\n')
    d = Differ(tmp, fetch, config)

    def results():
        for seed in range(first, first + count):
            rnd, r, branches, tags = build(seed)
            r.make(repos, d.home)
            bad = []
            for i, (sub, queries) in enumerate(questions(rnd, r, branches, tags)):
                bad += d.compare(f"{seed}-{i}", f"{HOST}/{r.name}{sub}", queries)
            yield f"seed {seed}: as the go command", bad
            shutil.rmtree(r.dir)
            shutil.rmtree(os.path.join(tmp, "mod"), ignore_errors=True)
        yield f"{d.answers} answers and {d.refusals} refusals compared", [] if d.refusals else ["none"]

    sys.exit(tap(results()))


if __name__ == "__main__":
    main()
