# tests/vcs/git_differential.py TMP FETCH [NAME...]: every case of gitcases.py.
# SPDX-License-Identifier: Apache-2.0
import os
import sys

import gitcases
from differ import Differ, tap


def main():
    tmp, fetch, only = sys.argv[1], sys.argv[2], sys.argv[3:]
    repos = os.path.join(tmp, "repos")
    os.makedirs(repos)
    config = os.path.join(tmp, "gitconfig")
    with open(config, "w") as f:
        f.write(f'[url "file://{repos}/"]\n\tinsteadOf = https://{gitcases.HOST}/\n')
    d = Differ(tmp, fetch, config)

    def results():
        for case in gitcases.CASES:
            repo, modules = case()
            if repo is None:
                name, modules = modules[0][0], [("", modules[0][1])]
            else:
                name = repo.name
                if only and name not in only:
                    continue
                repo.make(repos, d.home)
            if only and name not in only:
                continue
            bad = []
            for i, (sub, queries) in enumerate(modules):
                asked = []
                for q in queries:
                    while callable(q):
                        q = q()
                    asked.append(q)
                bad += d.compare(f"{name}-{i}", f"{gitcases.HOST}/{name}{sub}", asked)
            yield f"git: {name}: {sum(len(q) for _, q in modules)} queries as the go command", bad
        yield f"{d.answers} answers and {d.refusals} refusals compared", (
            [] if only or (d.answers > 100 and d.refusals > 50) else ["too few"])

    sys.exit(tap(results()))


main()
