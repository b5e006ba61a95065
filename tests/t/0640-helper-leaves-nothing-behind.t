#!/bin/sh
# 20,000 jobs (with sanitizers 2,000) leave no descriptor, thread, memory or process
# behind in the helper, and none in the responder.
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"
slow

mkmod "$T/up" example.com/m@v1.0.0 example.com/m@v1.1.0
conf "upstream = file://$T/up" 'helper_idle = 60s' 'ask_ahead = 0' 'log_level = error'
jobs=20000
memory=yes
# what is freed they keep for a while
! sanitized || { jobs=2000 memory=no; }
export jobs memory

"$PYTHON" - <<'END'
import glob

from tap import *

JOBS = int(os.environ["jobs"])
THREADS = 2	# of a helper at rest: the one that takes jobs, and the network's
JOB = b"stoa-job 1\nlist\nexample.com/m\n\n"


def job(name):
    """One job, asked as a responder would; its fault."""
    s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    s.settimeout(30)
    s.connect(name)
    s.send(JOB)
    out = s.recv(65536)
    s.close()
    return out.split(b"\n")[1]


def many(name, n):
    """n jobs by four threads; the faults that they had."""
    faults = {}
    lock = threading.Lock()

    def some():
        for _ in range(n // 4):
            f = job(name)
            with lock:
                faults[f] = faults.get(f, 0) + 1
    together([some] * 4)
    return faults


def status(pid):
    fields = dict(line.split(":", 1) for line in open("/proc/%d/status" % pid) if ":" in line)
    return {"fds": len(os.listdir("/proc/%d/fd" % pid)), "threads": int(fields["Threads"]),
            "kB": int(fields["VmRSS"].split()[0])}


def settled(pid):
    """When the last job's thread is gone, which answers before it ends."""
    wait_for(10, lambda: status(pid)["threads"] == THREADS)
    return status(pid)


def children(pid):
    return open("/proc/%d/task/%d/children" % (pid, pid)).read().split()


p = start_fcgi()
equal("a miss starts the helper", via_fcgi("/example.com/m/@v/list")[0], 200)
pid = helpers()[0]
name = glob.glob(T + "/cache/state/helper-*.sock")[0]
equal("the first jobs succeed", set(many(name, 400)), {b"none"})
before = settled(pid)
print("# before: %r" % before)
faults = many(name, JOBS)
equal("%d jobs succeed" % JOBS, faults, {b"none": JOBS})
after = settled(pid)
print("# after:  %r" % after)
equal("the same helper has done them", helpers(), [pid])
equal("no descriptor is left", after["fds"], before["fds"])
equal("no thread is left", (before["threads"], after["threads"]), (THREADS, THREADS))
if os.environ["memory"] == "yes":
    ok("no memory is left", after["kB"] - before["kB"] < 1024, before, after)
else:
    skip("no memory is left", "sanitizers keep what is freed for a while")
stage = os.listdir(T + "/cache/state/stage")
equal("no staged file is left", stage, [])

# the responder: helpers that come and go
at_first = status(p.pid)
for i in range(20):
    for h in helpers():
        os.kill(h, 9)
    wait_for(5, lambda: not helpers())
    for old in glob.glob(T + "/cache/mod/example.com/m/@v/v1.*"):
        os.unlink(old)
    if via_fcgi("/example.com/m/@v/v1.0.0.info")[0] != 200:
        ok("a miss after a kill is served", False)
wait_for(5, lambda: len(children(p.pid)) <= 1)
ok("no zombie is left in the responder", len(children(p.pid)) <= 1, children(p.pid))
ok("no descriptor is left in the responder",
   wait_for(5, lambda: status(p.pid)["fds"] <= at_first["fds"]), status(p.pid), at_first)
ok("it stops in time", stop(p) is not None)
done()
END
