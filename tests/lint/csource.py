"""What the lint tests share: our C files, and their text without comments and strings.

SPDX-License-Identifier: Apache-2.0
"""
import os
import re

SRC = os.environ.get("top_srcdir", ".")
FOLDERS = ("common", "fcgi", "cgi-bin", "fetch", "admin", "tests")
TOKEN = re.compile(r"""/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'""", re.S)


def files(*endings, folders=FOLDERS):
    """Paths relative to the source tree, sorted."""
    found = []
    for folder in folders:
        for at, subs, names in os.walk(os.path.join(SRC, folder)):
            subs.sort()
            for name in names:
                if name.endswith(endings):
                    found.append(os.path.relpath(os.path.join(at, name), SRC))
    return sorted(found)


def read(name):
    with open(os.path.join(SRC, name), encoding="utf-8") as f:
        return f.read()


def placeholder(text):
    return text.startswith("/* placeholder") or len(text) < 100


def code(text):
    """Comments and the insides of strings become blanks; lines stay where they are."""
    def blank(m):
        s = m.group()
        if s[0] in "\"'":
            return s[0] + re.sub(r"[^\n]", " ", s[1:-1]) + s[-1]
        return re.sub(r"[^\n]", " ", s)
    return TOKEN.sub(blank, text)


class Tap:
    def __init__(self):
        self.n = 0

    def check(self, claim, complaints):
        self.n += 1
        if complaints:
            print("not ok %d - %s" % (self.n, claim))
            for c in complaints[:50]:
                print("#   " + c)
        else:
            print("ok %d - %s" % (self.n, claim))

    def end(self):
        print("1..%d" % self.n)
