"""What can be seen of the house style without understanding C.

SPDX-License-Identifier: Apache-2.0
"""
import re

from csource import Tap, code, files, placeholder, read

tap = Tap()
ours = [(f, read(f)) for f in files(".c", ".h", ".def")]
ours = [(f, t) for f, t in ours if not placeholder(t)]
scripts = [(f, read(f)) for f in files(".py", ".sh", ".t")]


def lines(test, what):
    bad = []
    for f, text in what:
        for number, line in enumerate(text.split("\n"), 1):
            if test(line):
                bad.append("%s:%d: %s" % (f, number, line.strip()[:60]))
    return bad


def short(f):
    return f[len("common/"):] if f.startswith("common/") else f


tap.check("there is something to look at", [] if ours else ["no C files"])
tap.check("no line is wider than 100 columns",
          lines(lambda s: len(s.expandtabs(8)) > 100,
                [x for x in ours if not x[0].startswith("tests/")]))
tap.check("no line of a test is wider than 120 columns",
          lines(lambda s: len(s.expandtabs(8)) > 120, [x for x in ours if x[0].startswith("tests/")]))
tap.check("no line of a script is wider than 120 columns",
          lines(lambda s: len(s.expandtabs(8)) > 120, scripts))
tap.check("no blanks at the end of a line", lines(lambda s: s != s.rstrip(), ours + scripts))
tap.check("C is indented with tabs",
          lines(lambda s: re.match(r"\t* {8}", s) or re.match(r" {2,7}[^ *]", s),
                [(f, t) for f, t in ours if not f.endswith(".def")]))
tap.check("a file ends with one newline",
          [f for f, t in ours + scripts if not t.endswith("\n") or t.endswith("\n\n")])
tap.check("only /* */ comments",
          [f for f, t in ours
           if re.search(r"(?m)(^|[\s;{}])//", re.sub(r'"(?:\\.|[^"\\\n])*"|/\*.*?\*/', "", t,
                                                      flags=re.S))])
tap.check("a file begins with its name and what it is for",
          [f for f, t in ours if not t.startswith("/* %s: " % short(f)) and
           not (f.startswith("tests/") and t.startswith("/* "))])
tap.check("each file says its licence",
          [f for f, t in ours + scripts if "SPDX-License-Identifier: Apache-2.0" not in t])
bad_first, bad_last = [], []
for f, t in ours:
    if not f.endswith(".c"):
        continue
    incs = re.findall(r'(?m)^\s*#\s*include\s*[<"]([^>"]+)[>"]', t)
    incs = [i for i in incs if not i.endswith(".def")]
    if not incs or incs[0] != "base/sys.h":
        bad_first.append(f)
    if not f.startswith("tests/") and (not incs or incs[-1] != "base/banned.h"):
        bad_last.append(f)
tap.check("base/sys.h is the first include of each .c file", bad_first)
tap.check("base/banned.h is the last include of each .c file", bad_last)
guard = []
for f, t in ours:
    if f.endswith(".h") and not f.startswith("tests/"):
        want = re.sub(r"\W", "_", short(f)).upper()
        if "#ifndef %s\n#define %s\n" % (want, want) not in t and f not in (
                "common/base/sys.h", "common/base/banned.h") and "#ifndef" not in t:
            guard.append(f)
tap.check("headers have guards", guard)
src = [(f, code(t)) for f, t in ours if not f.startswith("tests/")]
tap.check("no typedef of ours", lines(lambda s: re.match(r"\s*typedef\s+(struct|enum|union)", s), src))
tap.check("no return in parentheses",
          lines(lambda s: re.search(r"\breturn \([^()]*\);", s) is not None, src))
tap.check("attributes only through base/sys.h",
          lines(lambda s: "__attribute__" in s, [x for x in src if x[0] != "common/base/sys.h"]))
tap.check("systems are told apart by features outside base/",
          lines(lambda s: re.search(r"\b__(linux|FreeBSD|NetBSD|OpenBSD)__\b", s) is not None,
                [x for x in src if not x[0].startswith("common/base/")]))
tap.end()
