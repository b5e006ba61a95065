#!/bin/sh
# A helper that is stopped answers nobody. Whoever asked it is told when the time
# is up; the next one gets another helper, and the old one leaves when it goes on.
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"

start_upstream
conf "upstream = $up_url" 'helper_idle = 60s' 'fetch_timeout = 2s'

"$PYTHON" - <<'END'
import signal

from tap import *

names = ["example.com/m%d@v1.0.0" % i for i in range(4)]
subprocess.run([sys.executable, os.environ["lib"] + "/mkmod", T + "/up", *names], check=True)
MODS = ["/%s/@v/%s.mod" % tuple(n.split("@")) for n in names]
p = start_fcgi()
equal("a helper is started", via_fcgi(MODS[0])[0], 200)
old = helpers()
equal("one", len(old), 1)
os.kill(old[0], signal.SIGSTOP)
try:
    a = via_fcgi(MODS[1])
    equal("while it is stopped, a miss has its time", a[0], 504)
    ok("and says why", b"did not end in time" in a[2], a)
    equal("the next is served", via_fcgi(MODS[2])[0], 200)
    equal("by another helper", len(helpers()), 2)
finally:
    os.kill(old[0], signal.SIGCONT)
ok("the old one leaves when it goes on", wait_for(10, lambda: old[0] not in helpers()), helpers())
equal("and the other is still asked", (via_fcgi(MODS[3])[0], len(helpers())), (200, 1))
ok("the responder stops", stop(p) is not None)
ok("and its helper", wait_for(5, lambda: not helpers()), helpers())
done()
END
