"""rows.py: what is measured without a network.

SPDX-License-Identifier: Apache-2.0
"""
import os
import re
import shutil
import threading

from lab import Failure, Side, cpu_seconds, memory_kb, ratio, spread, write

CONNECTIONS = 16
SLICES_A_SECOND = 20     # of each side, see load.c
THREADS = 128   # the default of stoa.conf's threads
HITS = 100000
BIG = 300 << 20
MANY = 100000
MOST_KB = 6 * 1024
BASE = "/example.com/bench/@v/"
INFO = BASE + "v1.0.0.info"
FILES = ((INFO, ".info of %d bytes"), (BASE + "v1.0.0.mod", ".mod of %d bytes"),
         (BASE + "v1.0.0.zip", ".zip of %d bytes"))


class Skip(Exception):
    """A row that does not apply here; the text says why."""


class Row:
    def __init__(self, what, value, reference="", share=None, within="", target="", ok=None):
        self.what = what
        self.value = value
        self.reference = reference
        self.ratio = share
        self.spread = within
        self.target = target
        self.ok = ok

    def verdict(self):
        return "" if self.ok is None else "PASS" if self.ok else "MISS"


def rate(what, a, b, least=None, most=None):
    """A row of two sides in requests per second: more is better."""
    r = ratio(a, b)
    target = "%.2f..%.2f" % (least, most) if most else ">= %.2f" % least if least else ""
    return Row(what, "%.0f/s" % a.median(), "%.0f/s" % b.median(), r, spread(a, b), target,
               least <= r <= (most or r) if least else None)


def cost(what, unit, scale, a, b, most=None):
    """A row of two sides in time: less is better."""
    r = ratio(a, b)
    return Row(what, "%.3f %s" % (a.median() * scale, unit), "%.3f %s" % (b.median() * scale, unit),
               r, spread(a, b), "<= %.2f" % most if most else "", r <= most if most else None)


def make_cache(lab):
    """One module: a .info as the go command writes it, 20 kB of .mod, 1 MB of
    .zip, and a large .zip that is a hole."""
    cache = lab.path("cache")
    v = cache + "/mod" + BASE
    if os.path.isdir(v):
        return cache
    write(v + "v1.0.0.info", '{"Version":"v1.0.0","Time":"2024-03-01T12:00:00Z","Origin":{"VCS":"git",'
          '"URL":"https://example.com/bench","Ref":"refs/tags/v1.0.0"}}')
    write(v + "v1.0.0.mod", "module example.com/bench\n" + "".join(
        "require example.com/m%06d v1.2.3\n" % i for i in range(600)))
    write(v + "v1.0.0.zip", os.urandom(1 << 20))
    with open(v + "v1.1.0.zip", "wb") as f:
        f.truncate(BIG)
    return cache


def names_of(lab, cache):
    conf = lab.path("stoa.conf")
    write(conf, "helper = %s\noffline = yes\nlog_level = warn\n" % lab.program("fetch/stoa-fetch"))
    return {"PREFIX": "", "CACHE": cache, "CONF": conf, "FCGI": lab.program("fcgi/stoa.fcgi")}


def must_answer(server, path):
    status, headers, body = server.get(path)
    if status != 200:
        raise Failure("%s: %s is answered with %d: %s" % (server.name, path, status, body[:200]))
    return headers, body


def one_path(lab, uri):
    name = lab.path("paths", uri.rsplit("/", 1)[1])
    write(name, uri + "\n")
    return name


def turns(lab, options, a, b, connections=CONNECTIONS, watch=None):
    """Two servers, each with a file of paths, asked in turns for as many rounds
    of as many seconds as the options say. Requests per second of both, and with
    the numbers of two processes, the processor time that a request takes them."""
    lab.load(a, b, SLICES_A_SECOND // 2, connections)   # warms both
    rates, cpus = (Side(), Side()), (Side(), Side())
    for _ in range(options.rounds):
        before = [cpu_seconds(pid) for pid in watch or ()]
        slices = lab.load(a, b, options.seconds * SLICES_A_SECOND, connections)
        for i, pid in enumerate(watch or ()):
            cpus[i].values.append((cpu_seconds(pid) - before[i]) / sum(s[2 * i] for s in slices))
        for i in 0, 1:
            rates[i].values += [s[2 * i] / s[2 * i + 1] for s in slices]
    return rates + cpus


PLAIN = """
server.compat-module-load = "disable"
server.modules       = ( "mod_staticfile" )
server.bind          = "127.0.0.1"
server.port          = @PORT@
server.document-root = "@CACHE@/mod"
server.errorlog      = "@ERRORLOG@"
server.pid-file      = "@PIDFILE@"
mimetype.assign      = ( ".info" => "application/json", ".mod" => "text/plain; charset=utf-8",
                         ".zip" => "application/zip" )
"""


def static(lab, options):
    names = names_of(lab, make_cache(lab))
    ours = lab.serve("static-first", lab.config("static-first.conf"), names)
    plain = lab.serve("plain", PLAIN, names)
    if must_answer(ours, INFO)[1] != must_answer(plain, INFO)[1]:
        raise Failure("the two lighttpd send different files")
    path = one_path(lab, INFO)
    a, b, cpu_a, cpu_b = turns(lab, options, (ours, path), (plain, path),
                               watch=(ours.process.pid, plain.process.pid))
    lab.stop(ours)
    lab.stop(plain)
    yield rate("static-first hit / lighttpd without stoa", a, b, 0.95)
    yield cost("  processor time of lighttpd", "us", 1e6, cpu_a, cpu_b)


def cgi_environment(names, uri):
    """What lighttpd's mod_cgi passes, and what etc/lighttpd/cgi.conf adds."""
    return {"GATEWAY_INTERFACE": "CGI/1.1", "SERVER_PROTOCOL": "HTTP/1.1", "REQUEST_METHOD": "GET",
            "REQUEST_URI": uri, "SCRIPT_NAME": "", "PATH_INFO": uri, "QUERY_STRING": "",
            "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "80", "SERVER_ADDR": "127.0.0.1",
            "REMOTE_ADDR": "127.0.0.1", "REMOTE_PORT": "40000", "REQUEST_SCHEME": "http",
            "DOCUMENT_ROOT": "/nonexistent", "REDIRECT_STATUS": "200", "HTTP_HOST": "127.0.0.1",
            "HTTP_USER_AGENT": "Go-http-client/1.1", "HTTP_ACCEPT_ENCODING": "gzip",
            "SERVER_SOFTWARE": "lighttpd", "STOA_CONF": names["CONF"],
            "STOA_CACHE": names["CACHE"], "STOA_PREFIX": "/"}


def reply_of(lab, names, uri):
    """The bytes of stoa's answer, head and body, in a file."""
    env = cgi_environment(names, uri)
    out = lab.path("reply" + os.path.splitext(uri)[1])
    argv = ["sh", "-c", 'exec "$0" >"$1"', lab.program("cgi-bin/stoa.cgi"), out]
    lab.run(argv, env=dict(env, PATH=os.environ["PATH"]))
    return out


def forwards_only(lab, send_file):
    """fastcgi.conf as it is but for who sends the file."""
    text = lab.config("fastcgi.conf")
    if '"X-Sendfile"' not in text:
        raise Failure("etc/lighttpd/fastcgi.conf does not set X-Sendfile")
    return text if send_file else text.replace('"X-Sendfile"', '"off"')


def fastcgi_pair(lab, names, uri):
    """stoa.fcgi and the empty responder, each behind the same lighttpd."""
    conf = forwards_only(lab, False)
    ours = lab.serve("stoa-fcgi", conf, names)
    env = {"EMPTY_REPLY": reply_of(lab, names, uri), "EMPTY_THREADS": str(THREADS)}
    empty = lab.serve("empty-fcgi", conf, dict(names, FCGI=lab.program("tests/bench/empty.fcgi")), env)
    answers = must_answer(ours, uri), must_answer(empty, uri)
    if answers[0] != answers[1]:
        raise Failure("stoa.fcgi and the empty responder answer differently: %s, %s" %
                      (answers[0][0], answers[1][0]))
    return ours, empty, len(answers[0][1])


def fastcgi_size(lab, options, names, uri, text, least):
    ours, empty, size = fastcgi_pair(lab, names, uri)
    path = one_path(lab, uri)
    a, b, cpu_a, cpu_b = turns(lab, options, (ours, path), (empty, path),
                               watch=(ours.responder(), empty.responder()))
    lab.stop(ours)
    lab.stop(empty)
    yield rate("stoa.fcgi / empty responder, " + text % size, a, b, least)
    yield cost("  processor time of the responder", "us", 1e6, cpu_a, cpu_b)


def fastcgi(lab, options):
    names = names_of(lab, make_cache(lab))
    for uri, text in FILES:
        yield from fastcgi_size(lab, options, names, uri, text, 0.85 if uri == INFO else None)
    handed = lab.serve("handed", forwards_only(lab, True), names)
    copied = lab.serve("copied", forwards_only(lab, False), names)
    for uri, text in FILES:
        size = len(must_answer(handed, uri)[1])
        must_answer(copied, uri)
        path = one_path(lab, uri)
        a, b, _, _ = turns(lab, options, (handed, path), (copied, path))
        yield rate("X-Sendfile / through stoa.fcgi, " + text % size, a, b)
    lab.stop(handed)
    lab.stop(copied)


def spawn(lab, options, ours, empty, env):
    """The medians of two CGI programs that run in turns, in each round."""
    a, b = Side(), Side()

    def turns(n):
        out, _ = lab.run([lab.program("tests/bench/spawn"), str(n), ours, empty], env=env, timeout=300)
        return map(float, out.split())
    n = max(50, min(20000, int(2 * options.seconds / sum(turns(50)))))
    for _ in range(options.rounds):
        for side, took in zip((a, b), turns(n)):
            side.values.append(took)
    return a, b


def instructions(lab, program, env):
    """Instructions of one run outside the kernel, or None without valgrind."""
    if not shutil.which("valgrind"):
        return None
    _, err = lab.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", program],
                     env=dict(env, PATH=os.environ["PATH"]))
    found = re.search(r"Collected\s*:\s*(\d+)", err)
    return int(found.group(1)) if found else None


def counted(what, a, b, least=None, most=None):
    if not a or not b:
        return Row(what, "no valgrind")
    return Row(what, "%d" % a, "%d" % b, a / b, "", "%.2f..%.2f" % (least, most) if most else "",
               least <= a / b <= most if most else None)


def cgi(lab, options):
    names = names_of(lab, make_cache(lab))
    ours, empty = lab.program("cgi-bin/stoa.cgi"), lab.program("tests/bench/empty.cgi")
    size = os.path.getsize(reply_of(lab, names, INFO))
    env = dict(cgi_environment(names, INFO), EMPTY_BYTES=str(size))
    a, b = spawn(lab, options, ours, empty, env)
    yield cost("stoa.cgi / empty CGI, %d bytes" % size, "ms", 1e3, a, b, 1.3)
    yield counted("  instructions outside the kernel", instructions(lab, ours, env),
                  instructions(lab, empty, env))
    conf = lab.config_without_static("cgi.conf")
    os.makedirs(lab.path("empty"), exist_ok=True)
    shutil.copy(empty, lab.path("empty/stoa.cgi"))
    one = lab.serve("stoa-cgi", conf, dict(names, CGI=ours))
    two = lab.serve("empty-cgi", conf + 'setenv.set-environment += ( "EMPTY_BYTES" => "%d" )\n' % size,
                    dict(names, CGI=lab.path("empty/stoa.cgi")))
    must_answer(one, INFO)
    must_answer(two, INFO)
    path = one_path(lab, INFO)
    a, b, _, _ = turns(lab, options, (one, path), (two, path), 4)
    lab.stop(one)
    lab.stop(two)
    yield rate("  through lighttpd's mod_cgi", a, b)


def memory_row(what, ours, empty, target=False):
    most = ours["VmHWM"]
    return Row(what, "%d kB" % most, "%d kB" % empty["VmHWM"], most / empty["VmHWM"],
               "now %d kB" % ours["VmRSS"], "<= %d kB" % MOST_KB if target else "",
               most <= MOST_KB if target else None)


def hit_both(lab, a, b):
    """HITS requests each at least, at 64 connections."""
    path = one_path(lab, INFO)
    done = [0, 0]
    for _ in range(60):
        for s in lab.load((a, path), (b, path), SLICES_A_SECOND, 64):
            done = [done[0] + s[0], done[1] + s[2]]
        if min(done) >= HITS:
            return
    raise Failure("only %d and %d requests in 60 rounds" % tuple(done))


def drain_at_once(server, path, times):
    sizes = []
    readers = [threading.Thread(target=lambda: sizes.append(server.drain(path))) for _ in range(times)]
    for r in readers:
        r.start()
    for r in readers:
        r.join()
    if len(sizes) != times or min(sizes) < BIG:
        raise Failure("the large zip came short: %s" % sizes)


def memory(lab, _options):
    names = names_of(lab, make_cache(lab))
    ours, empty, _ = fastcgi_pair(lab, names, INFO)
    pids = ours.responder(), empty.responder()
    yield memory_row("memory after the start / empty responder", *map(memory_kb, pids))
    hit_both(lab, ours, empty)
    yield memory_row("memory after %d hits, 64 connections" % HITS, *map(memory_kb, pids), target=True)
    for _ in range(2):
        drain_at_once(ours, BASE + "v1.1.0.zip", 4)
    yield memory_row("memory after 8 zips of 300 MB, 4 at once", *map(memory_kb, pids), target=True)
    lab.stop(ours)
    lab.stop(empty)


def store(lab, name, modules, versions):
    """A cache with the .info and .mod of modules * versions versions, the file of
    the paths of the .info, and one of them."""
    cache = lab.path(name)
    uris = []
    for m in range(modules):
        v = "/example.com/many%04d/@v/" % m
        folder = cache + "/mod" + v
        os.makedirs(folder)
        write(folder + "list", "".join("v1.%d.0\n" % (100 + n) for n in range(versions)))
        write(folder + "v1.0.0.mod", "module example.com/many%04d\n" % m)
        for n in range(versions):
            stem = folder + "v1.%d.0" % (100 + n)
            with open(stem + ".info", "w", encoding="ascii") as f:
                f.write('{"Version":"v1.%d.0","Time":"2024-03-01T12:00:00Z"}' % (100 + n))
            os.link(folder + "v1.0.0.mod", stem + ".mod")
            uris.append(v + "v1.%d.0.info" % (100 + n))
    # as many lines for few as for many: the client's own caches must not differ
    write(lab.path("paths", name), ("\n".join(uris) + "\n") * (MANY // len(uris)))
    return cache, lab.path("paths", name), uris[0]


def stored(lab, options):
    made = store(lab, "many", MANY // 100, 100), store(lab, "few", 10, 10)
    servers, counts = [], []
    for name, (cache, _, uri) in zip(("stored-many", "stored-few"), made):
        names = names_of(lab, cache)
        servers.append(lab.serve(name, forwards_only(lab, False), names))
        must_answer(servers[-1], uri)
        counts.append(instructions(lab, lab.program("cgi-bin/stoa.cgi"), cgi_environment(names, uri)))
    (many, few), (all_paths, few_paths) = servers, (m[1] for m in made)
    a, b, cpu_a, cpu_b = turns(lab, options, (many, all_paths), (few, few_paths),
                               watch=(many.responder(), few.responder()))
    for server in servers:
        lab.stop(server)
    yield rate("stoa.fcgi, 100,000 / 100 versions stored", a, b, 0.9, 1.1)
    yield cost("  processor time of stoa.fcgi", "us", 1e6, cpu_a, cpu_b)
    yield counted("  instructions of stoa.cgi outside the kernel", *counts, 0.9, 1.1)
    for cache, _, _ in made:
        shutil.rmtree(cache)
