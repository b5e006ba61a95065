#!/bin/sh
# Requests for a source with TLS wait for the one connection that all could use.
# When it does not come, they give up together, not one after the other.
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"

start_upstream
export up_url
conf 'helper_idle = 1s' 'connect_timeout = 2s'

"$PYTHON" - <<'END'
from tap import *

N = 8
names = ["example.com/m%d@v1.0.0" % i for i in range(N)]
subprocess.run([sys.executable, os.environ["lib"] + "/mkmod", T + "/up", *names], check=True)
# connections are taken by the kernel, and nobody reads them
mute = socket.create_server(("127.0.0.1", 0), backlog=64)
dead = "https://127.0.0.1:%d" % mute.getsockname()[1]
with open(T + "/stoa.conf", "a") as f:
    f.write("upstream = %s|%s\n[module \"corp.example\"]\nupstream = %s\n"
            % (dead, os.environ["up_url"], dead))
p = start_fcgi()


def timed(uris):
    began = time.monotonic()
    answers = together([lambda u=u: via_fcgi(u) for u in uris])
    return answers, time.monotonic() - began


answers, took = timed(["/example.com/m%d/@v/v1.0.0.mod" % i for i in range(N)])
equal("all come from the other source", [a[0] for a in answers], [200] * N)
ok("after one time to connect, not %d" % N, took < 2 * N / 2, took)
answers, took = timed(["/corp.example/m%d/@v/v1.0.0.mod" % i for i in range(N)])
equal("where there is no other, all are told", [a[0] for a in answers], [504] * N)
ok("at the same time", took < 2 * N / 2, took)
equal("that there was no connection", [a[2] for a in answers
                                       if b"tls: " not in a[2] and b"connect: " not in a[2]], [])
ok("the responder stops", stop(p) is not None)
mute.close()
done()
END
