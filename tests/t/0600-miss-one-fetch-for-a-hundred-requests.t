#!/bin/sh
# A hundred first requests for one file at once, half by stoa.cgi, half through
# lighttpd and stoa.fcgi: the upstream is asked once, and all get the same bytes.
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"
have_lighttpd || skip_all "no lighttpd on this machine"
need curl

mkmod "$T/up" --size 3000000 example.com/m@v1.0.0
start_upstream
conf "upstream = $up_url" 'helper_idle = 1s'
start_fcgi
start_lighttpd external
export http_url

"$PYTHON" - <<'END'
import os

from tap import *

URI = "/example.com/m/@v/v1.0.0.zip"
want = file_sum(T + "/up" + URI)
base = os.environ["http_url"]
rules('{"path": "zip$", "gate": "%s/gate", "chunk": 100000, "chunk_delay": 0.005}' % T)


def open_gate():
    """When everybody has asked: 50 stoa.cgi run, and the upstream knows."""
    came = wait_for(30, lambda: len(procs.find(T, "stoa.cgi")) == 50 and asked("zip"))
    touch(T + "/gate")
    return came


out = together([lambda: cgi(URI)] * 50 + [lambda: via_http(base, URI)] * 50 + [open_gate])
ok("all were waiting at the same time", out.pop())
equal("100 answers of 200", [o[0] for o in out], [200] * 100)
equal("all bytes are the same", set(sum_of(o[2]) for o in out), {want})
equal("one request reached the upstream", asked(), ["GET " + URI])
equal("all stoa.cgi ended well", set(o[3] for o in out[:50]), {"exit 0"})
ok("no helper is left", wait_for(5, lambda: not helpers()), helpers())

# the same for what does not exist: one question, a hundred answers
rules('{"path": "", "gate": "%s/gate2", "status": 404}' % T)
NO = "/example.com/m/@v/v1.9.0.zip"


def open_gate2():
    came = wait_for(30, lambda: len(procs.find(T, "stoa.cgi")) == 50 and asked("v1.9"))
    touch(T + "/gate2")
    return came


out = together([lambda: cgi(NO)] * 50 + [lambda: via_http(base, NO)] * 50 + [open_gate2])
ok("all were waiting for what does not exist", out.pop())
equal("100 answers of 404", [o[0] for o in out], [404] * 100)
equal("one request for what does not exist", len(asked("v1.9")), 1)
done()
END
