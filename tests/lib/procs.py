#!/usr/bin/env python3
"""procs.py FOLDER [PROGRAM]: the numbers of running programs (default
stoa-fetch) whose arguments or environment name the folder. With a program of
"" every process counts but ours.

SPDX-License-Identifier: Apache-2.0
"""
import os
import sys


def read(pid, name):
    try:
        with open("/proc/%s/%s" % (pid, name), "rb") as f:
            return f.read()
    except OSError:
        return b""


def parent(pid):
    for line in read(pid, "status").split(b"\n"):
        if line.startswith(b"PPid:"):
            return int(line.split()[1])
    return 0


def main_ones(pids):
    """Without those whose parent is among them: a sanitizer looks for leaks in a
    process beside its own, and waits for it for ever when that is killed."""
    return [p for p in pids if parent(p) not in pids]


def find(folder, program="stoa-fetch"):
    want = os.fsencode(folder)
    found = []
    for pid in os.listdir("/proc"):
        if not pid.isdigit() or int(pid) in (os.getpid(), os.getppid()):
            continue
        argv = read(pid, "cmdline")
        if not argv:
            continue
        if program and os.path.basename(argv.split(b"\0")[0]) != os.fsencode(program):
            continue
        if want in argv or want in read(pid, "environ"):
            found.append(int(pid))
    return main_ones(found) if program else found


if __name__ == "__main__":
    for number in find(*sys.argv[1:]):
        print(number)
