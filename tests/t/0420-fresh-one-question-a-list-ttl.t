#!/bin/sh
# A list or @latest that is stale costs one question at the source in a list_ttl,
# however many ask at once by whichever program, and whatever the source answers;
# go get -u on a warm cache waits for no list that is merely stale.
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"

for n in 0 1 2 3 4 5 6 7 8 9; do
	mkmod "$T/up" --latest "example.com/m$n@v1.0.0"
	mkmod "$T/up" --head "example.com/head$n@v0.0.0-20240102030405-0123456789ab"
	mkmod "$T/up" "example.com/bare$n@v1.0.0"
done
start_upstream
conf "upstream = $up_url" 'list_ttl = 600s' 'list_stale = 6000s' 'helper_idle = 1s'
start_fcgi

"$PYTHON" - <<'END'
from tap import *

STALE, EXPIRED = 700, 10000
MODULES = [k + str(n) for k in ("m", "head", "bare") for n in range(10)]
SERVED = {(file, head, 200) for file in ("list", "@latest") for head in (False, True)}
# What the cache has stands for it: the .info of the latest version, which only of a
# pseudo-version makes no list.
GONE = SERVED - {("list", True, 200)} | {("list", True, 404)}
URIS = ["/example.com/%s/%s" % (m, f) for m in MODULES for f in ("@v/list", "@latest")]


def mutable(uri):
    return T + "/cache/mod" + uri


def age(seconds):
    for u in URIS:
        then = time.time() - seconds
        os.utime(mutable(u), (then, then))


def forget():
    """What was refused is forgotten, as after its time."""
    for at, _, files in os.walk(T + "/cache/state/refused"):
        for name in files:
            os.unlink(os.path.join(at, name))


def everybody(rounds=4):
    """All are asked by both programs at once, again and again."""
    return set(together([lambda u=u, f=f: (u.rsplit("/", 1)[1], "head" in u, f(u)[0])
                         for _ in range(rounds) for u in URIS for f in (via_fcgi, cgi)]))


def times(before):
    """How often each was asked for since."""
    lines = asked()[before:]
    return [lines.count("GET " + u) for u in URIS]


def settled():
    return wait_for(10, lambda: not helpers())


# the @latest of those that have none at the source is made of what the cache has
first = [via_fcgi("/example.com/bare%d/@v/v1.0.0.info" % n)[0] for n in range(10)]
first += [via_fcgi(u)[0] for u in URIS]
equal("all are there", set(first), {200})
ok("the helper leaves", settled())

# --- merely stale
forget()
age(STALE)
before = len(asked())
equal("stale ones are served", everybody(), SERVED)
ok("the refreshes end", settled())
equal("stale: each was asked for once", set(times(before)), {1})
equal("and again they are served", everybody(1), SERVED)
ok("nothing is under way", settled())
equal("within list_ttl nobody is asked", set(times(before)), {1})

# --- too old: clients wait
forget()
age(EXPIRED)
before = len(asked())
equal("old ones are served", everybody(2), SERVED)
ok("nothing is under way", settled())
equal("old: each was asked for once", set(times(before)), {1})

# --- a source that is down, or has lost them
for status in 503, 404:
    rules('{"path": "(list|latest)$", "status": %d}' % status)
    for how, seconds in ("stale", STALE), ("old", EXPIRED):
        forget()
        age(seconds)
        before = len(asked())
        want = GONE if (status, how) == (404, "old") else SERVED
        equal("%d, %s: the answers" % (status, how), everybody(2), want)
        ok("%d, %s: nothing is under way" % (status, how), settled())
        # the refusals of failures are short ones where nothing is there to be served
        soon = time.time() + 300
        short = []
        for at, _, files in os.walk(T + "/cache/state/refused"):
            for name in files:
                text = open(os.path.join(at, name)).read()
                if int(text.split("expires: ")[1].split("\n")[0]) < soon:
                    short.append(text)
        equal("%d, %s: no refusal ends before list_ttl" % (status, how), short, [])
        equal("%d, %s: each was asked for once" % (status, how), set(times(before)), {1})
        equal("%d, %s: and again the answers" % (status, how), everybody(1), want)
        ok("%d, %s: still nothing is under way" % (status, how), settled())
        equal("%d, %s: nobody is asked again" % (status, how), set(times(before)), {1})
done()
END
