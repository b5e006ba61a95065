"""Includes go downward only, and outside libraries stay behind their wall.

SPDX-License-Identifier: Apache-2.0
"""
import re

from csource import Tap, files, read

LOW = ["base", "module", "config", "policy", "cache"]
MAY = {"base": ["base"]}
for i, m in enumerate(LOW):
    MAY[m] = LOW[:i + 1]
MAY["metrics"] = LOW + ["metrics"]
MAY["http"] = LOW + ["metrics", "http"]
MAY["serve"] = LOW + ["metrics", "http", "serve"]
MAY["fcgi"] = MAY["serve"] + ["fcgi"]
MAY["cgi-bin"] = MAY["serve"] + ["cgi-bin"]
MAY["fetch"] = LOW + ["metrics", "fetch"]
MAY["admin"] = MAY["fetch"] + ["admin"]

LIBRARIES = [
    (r"curl/|openssl/|zip\.h|zlib\.h|jansson\.h|archive", r"(fetch|admin)/", "network, zip, JSON, crypto"),
    (r"sqlite3\.h", r"admin/", "SQLite"),
    (r"fcgi\w*\.h", r"fcgi/", "libfcgi"),
    (r"ini\.h", r"common/config/", "libinih"),
    (r"pthread\.h", r"fcgi/|fetch/|admin/|common/(metrics|base|serve)/", "threads"),
]


def module_of(name):
    parts = name.split("/")
    return parts[1] if parts[0] == "common" else parts[0]


tap = Tap()
ours = [f for f in files(".c", ".h", ".def") if not f.startswith("tests/")]
edges = {}
outside = []
unknown = []
for f in ours:
    for number, line in enumerate(read(f).split("\n"), 1):
        m = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
        if not m:
            continue
        where = "%s:%d: %s" % (f, number, m.group(2))
        if m.group(1) == "<" or "/" not in m.group(2):
            outside.append((f, m.group(2), where))
            continue
        to = m.group(2).split("/")[0]
        edges.setdefault(module_of(f), []).append((to, where))
        if to not in MAY:
            unknown.append(where)
for f in ours:
    if module_of(f) not in MAY:
        unknown.append(f)
tap.check("every folder has its place in the order", sorted(set(unknown)))
for m in MAY:
    tap.check("%s includes %s only" % (m, ", ".join(MAY[m])),
              [w for to, w in edges.get(m, []) if to in MAY and to not in MAY[m]])
for pattern, owners, what in LIBRARIES:
    tap.check("%s: only in %s" % (what, owners),
              [w for f, inc, w in outside
               if re.match(pattern, inc) and not re.match(owners, f)])
tap.end()
