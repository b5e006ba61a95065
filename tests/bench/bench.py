"""bench.py: measures stoa and prints a table; run.sh builds and starts it.

SPDX-License-Identifier: Apache-2.0
"""
import argparse
import os
import platform
import re
import signal
import subprocess
import sys
import time

import far
import live
import repos
import rows
import webs
from lab import Failure, Lab, read

ROWS = {"static": rows.static, "fastcgi": rows.fastcgi, "cgi": rows.cgi, "memory": rows.memory,
        "far": far.far, "near": far.near, "live": live.live, "direct": repos.repos,
        "stored": rows.stored, "servers": webs.webs}
FORMAT = "%-50s %12s %12s %7s  %-15s %-10s %s"


def first_line(argv):
    try:
        r = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return "?"
    return r.stdout.decode("utf-8", "replace").split("\n")[0]


def compiler(build):
    found = re.search(r"(?m)^CC = (.*)$", read(os.path.join(build, "Makefile")))
    flags = re.search(r"(?m)^CFLAGS = (.*)$", read(os.path.join(build, "Makefile")))
    cc = found.group(1).split() if found else ["cc"]
    return "%s, %s" % (first_line(cc[:1] + ["--version"]), flags.group(1) if flags else "")


def machine(build):
    model = re.search(r"(?m)^model name\s*:\s*(.*)$", read("/proc/cpuinfo"))
    print("cpu       %s, %d cores" % (model.group(1) if model else platform.machine(), os.cpu_count()))
    print("kernel    %s %s" % (platform.system(), platform.release()))
    print("compiler  %s" % compiler(build))
    print("lighttpd  %s" % first_line(["lighttpd", "-v"]))
    load = read("/proc/loadavg").split()[:3]
    busy = float(load[0]) > os.cpu_count()
    print("load      %s%s" % (" ".join(load), ": busy, take more --rounds" if busy else ""))
    print()


def say(row):
    print((FORMAT % (row.what, row.value, row.reference,
                     "%.3f" % row.ratio if row.ratio is not None else "",
                     row.spread, row.target, row.verdict())).rstrip())
    sys.stdout.flush()


def interrupt(_signal, _frame):
    raise KeyboardInterrupt


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--top", required=True)
    p.add_argument("--build", required=True)
    p.add_argument("--rounds", type=int, default=5)
    p.add_argument("--seconds", type=int, default=2)
    p.add_argument("--only", action="append", choices=list(ROWS))
    p.add_argument("--server", action="append", choices=list(webs.MODES))
    options = p.parse_args()
    signal.signal(signal.SIGTERM, interrupt)
    signal.signal(signal.SIGHUP, interrupt)
    machine(options.build)
    print(FORMAT % ("what", "measured", "reference", "ratio", "middle half", "target", ""))
    started = time.monotonic()
    missed = failed = 0
    lab = Lab(options.top, options.build)
    try:
        for name, measure in ROWS.items():
            if options.only and name not in options.only:
                continue
            try:
                for row in measure(lab, options):
                    say(row)
                    missed += row.ok is False
            except Failure as e:
                failed += 1
                print("%s: ERROR: %s" % (name, e))
            except rows.Skip as e:
                print("%s: SKIP: %s" % (name, e))
    except KeyboardInterrupt:
        print("interrupted; ending what runs and removing %s" % lab.dir, file=sys.stderr)
        return 130
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        lab.close()
    print("\n%d targets missed, %d rows failed, %.0f s" % (missed, failed, time.monotonic() - started))
    return 2 if failed else 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
