"""webs.py: what stoa costs behind each web server.

Beside the same server, set up alike, that sends the plain file, or that passes
the request to a responder that does nothing. The servers are those of the
tests (tests/matrix/servers.py), with the configurations of etc/ as they are.

SPDX-License-Identifier: Apache-2.0
"""
import os
import shutil
import sys

from lab import Failure, family
from rows import (BASE, INFO, PLAIN, Row, Skip, THREADS, cost, make_cache, must_answer, names_of, one_path,
                  rate, ratio, reply_of, spread, turns)

BIG_ZIP = BASE + "v1.2.0.zip"
BIG_SIZE = 50 << 20
PLAIN_FILES = {
    "lighttpd": PLAIN,
    "apache": 'DocumentRoot "@CACHE@/mod"\n<Directory "@CACHE@/mod">\nRequire all granted\n'
              "Options FollowSymLinks\n</Directory>\n",
    "nginx": 'location / { root "@CACHE@/mod"; }\n',
    "caddy": 'root * "@CACHE@/mod"\nfile_server\n',
}
# The target is for the file as the server sends it when nobody says more. What the
# answer's own headers cost shows beside one that has them: the same types and the
# same lifetime, and in Apache the same way of sending.
LIFETIME = '"public, max-age=31536000, immutable"'
TYPES = {"info": "application/json", "mod": '"text/plain; charset=utf-8"', "zip": "application/zip"}
SAME_ANSWERS = {
    "lighttpd": PLAIN + 'server.modules += ( "mod_setenv" )\n'
                'setenv.set-response-header = ( "Cache-Control" => %s )\n' % LIFETIME,
    "apache": 'DocumentRoot "@CACHE@/mod"\n%s',    # and the section of static.conf
    "nginx": 'location / { root "@CACHE@/mod"; add_header Cache-Control %s;\ntypes { %s } }\n' % (
        LIFETIME, " ".join("%s %s;" % (t, name) for name, t in TYPES.items())),
    "caddy": 'root * "@CACHE@/mod"\nheader Cache-Control %s\n' % LIFETIME + "".join(
        "@%s path *.%s\nheader @%s Content-Type %s\n" % (name, name, name, t)
        for name, t in TYPES.items()) + "file_server\n",
}
# static-first, handed off, through stoa.fcgi; the modes of the tests
MODES = {
    "lighttpd": ("lighttpd-spawn-static", "lighttpd-spawn-sendfile", "lighttpd-spawn-through"),
    "apache": ("apache-proxy-static", "apache-proxy-sendfile", "apache-proxy-through"),
    "nginx": ("nginx-keep-static", "nginx-accel", "nginx-keep-through"),
    "caddy": ("caddy-static", "caddy-accel", "caddy-through"),
}


class Webs:
    """The tests' servers, in the folder of the benchmark."""

    def __init__(self, lab):
        self.lab = lab
        self.dir = lab.path("webs")
        self.running = []
        if not os.path.isdir(self.dir):
            self.make()
        os.environ.update(T=self.dir, top_srcdir=lab.top)
        sys.path.insert(0, os.path.join(lab.top, "tests/matrix"))
        import servers  # pylint: disable=import-outside-toplevel
        self.servers = servers
        self.cache = make_cache(lab)
        big = self.cache + "/mod" + BIG_ZIP
        if not os.path.exists(big):
            with open(big, "wb") as f:
                f.write(os.urandom(1 << 20) * (BIG_SIZE >> 20))
        self.conf = "helper = %s/bin/stoa-fetch\noffline = yes\nlog_level = warn\n" % self.dir
        self.env = {"EMPTY_REPLY": reply_of(lab, names_of(lab, self.cache), INFO),
                    "EMPTY_THREADS": str(THREADS)}

    def make(self):
        for folder in ("bin/empty", "home", "tmp"):
            os.makedirs(self.dir + "/" + folder)
        for name in ("fcgi/stoa.fcgi", "cgi-bin/stoa.cgi", "fetch/stoa-fetch"):
            shutil.copy(self.lab.program(name), self.dir + "/bin")
        for kind in ("fcgi", "cgi"):
            shutil.copy(self.lab.program("tests/bench/empty." + kind),
                        self.dir + "/bin/empty/stoa." + kind)
        os.chmod(self.lab.dir, 0o755)   # for the users that servers become

    def site(self, mode, change=None):
        if isinstance(mode, str):
            cls, what = self.servers.MODES[mode]
            mode = cls, dict(what, spawn=True)
        site = mode[0]("bench", mode[1], "", self.cache, self.conf)
        if change:
            change(site)
        self.running.append(site)
        try:
            site.start()
        except self.servers.Missing as e:
            raise Skip(str(e)) from None
        except RuntimeError as e:
            raise Failure(str(e)) from None
        return Running(site)

    def plain(self, server, same=False):
        """A server that sends the file; with `same`, with the headers that stoa's
        configuration gives it."""
        text = SAME_ANSWERS[server] if same else PLAIN_FILES[server]
        if server == "lighttpd":
            return self.lab.serve("plain-web", text, {"CACHE": self.cache})
        if same and server == "apache":
            conf = self.servers.read(self.lab.top + "/etc/apache/static.conf")
            text %= conf[conf.index("<Directory "):]

        def alone(site):
            site.external = False
        cls = {"apache": self.servers.Apache, "nginx": self.servers.Nginx, "caddy": self.servers.Caddy}
        return self.site((cls[server], {"site": (), "more": text}), alone)

    def empty(self, mode):
        def change(site):
            site.responder = "/empty/stoa.fcgi"
            site.responder_env = self.env
            if not site.external:
                raise Failure("%s starts the responder itself" % mode)
        return self.site(mode, change)

    def stop(self, *sites):
        for running in sites:
            if isinstance(running, Running):
                running.site.stop()
                self.running.remove(running.site)
                shutil.rmtree(running.site.dir, ignore_errors=True)
            else:
                self.lab.stop(running)

    def close(self):
        for site in self.running:
            site.stop()


class Running:
    """A site with the face of lab.Server."""

    def __init__(self, site):
        self.site = site
        self.name = site.name
        self.port = site.port
        self.process = site.process

    def get(self, path):
        import client  # pylint: disable=import-outside-toplevel
        a = client.request(self.port, "GET", path)
        return a.status, sorted(a.headers.items()), a.text[:a.size].encode("latin-1")


def slow(lab):
    return Row("  99 % answered within", "%.2f ms" % (lab.p99[0] * 1e3), "%.2f ms" % (lab.p99[1] * 1e3),
               lab.p99[0] / lab.p99[1])


def bytes_row(what, a, b, size, least):
    r = ratio(a, b)
    return Row(what, "%.0f MB/s" % (a.median() * size / 1e6), "%.0f MB/s" % (b.median() * size / 1e6), r,
               spread(a, b), ">= %.2f" % least, r >= least)


def pair(webs, options, a, b, uri, connections=16):
    for server in a, b:
        must_answer(server, uri)
    path = one_path(webs.lab, uri)
    out = turns(webs.lab, options, (a, path), (b, path), connections,
                watch=(family(a.process.pid), family(b.process.pid)))
    webs.stop(a, b)
    return out


def answer(server):
    status, headers, body = server.get(INFO)
    return status, [h for h in headers if h[0].lower() != "date"], body


def one_server(webs, options, server):
    static, handed, through = MODES[server]
    a, b, cpu_a, cpu_b = pair(webs, options, webs.site(static), webs.plain(server), INFO)
    yield rate("%s: static-first / the plain file" % server, a, b, 0.95)
    yield cost("  processor time of the server", "us", 1e6, cpu_a, cpu_b)
    yield slow(webs.lab)
    a, b = webs.site(static), webs.plain(server, same=True)
    if answer(a) != answer(b):
        raise Failure("%s: not the same headers: %s %s" % (server, answer(a), answer(b)))
    a, b, _, _ = pair(webs, options, a, b, INFO)
    yield rate("  static-first / the plain file, same headers", a, b)
    a, b, _, _ = pair(webs, options, webs.site(through), webs.empty(through), INFO)
    yield rate("%s: stoa.fcgi / empty responder" % server, a, b, 0.85)
    yield slow(webs.lab)
    a, b, _, _ = pair(webs, options, webs.site(handed), webs.plain(server), BIG_ZIP, 2)
    yield bytes_row("%s: hand-off of 50 MB / the plain file" % server, a, b, BIG_SIZE, 0.9)
    yield slow(webs.lab)


def empty_cgi(webs, mode):
    """The same server and mode with a CGI program that does nothing."""
    cls, what = webs.servers.MODES[mode]
    size = os.path.getsize(webs.env["EMPTY_REPLY"])
    line = ('SetEnv EMPTY_BYTES %d\n' if cls is webs.servers.Apache else
            'setenv.set-environment += ( "EMPTY_BYTES" => "%d" )\n') % size

    class Empty(cls):
        def name_all(self):
            super().name_all()
            self.names.update(CGI=webs.dir + "/bin/empty/stoa.cgi", CGIDIR=webs.dir + "/bin/empty")

        def fill(self, name):
            text = super().fill(name)
            return text + line if name in ("cgid.conf", "cgi-all.conf") else text
    return webs.site((Empty, what))


def with_cgi(webs, options):
    """Without send_file, so that stoa.cgi sends the file itself."""
    for mode, site in (("apache-cgid-sendfile", {"site": ("cgid",)}),
                       ("lighttpd-cgi-sendfile", {"file": "cgi-all"})):
        cls = webs.servers.MODES[mode][0]
        a, b, _, _ = pair(webs, options, webs.site((cls, site)), empty_cgi(webs, mode), INFO, 4)
        yield rate("%s: stoa.cgi / empty CGI" % mode.split("-")[0], a, b)
        yield slow(webs.lab)


def kept(webs, options):
    """stoa.fcgi behind nginx, with kept connections and with one for each request."""
    once = (webs.servers.Nginx, {"site": ("fastcgi",), "spawn": True})
    a, b, _, _ = pair(webs, options, webs.site("nginx-keep-through"), webs.site(once), INFO)
    yield rate("nginx: kept connections / one for each request", a, b, 1.2)
    yield slow(webs.lab)


def webs(lab, options):
    w = Webs(lab)
    parts = [lambda s=s: one_server(w, options, s) for s in options.server or MODES]
    if not options.server:
        parts.append(lambda: with_cgi(w, options))
    if not options.server or "nginx" in options.server:
        parts.append(lambda: kept(w, options))
    try:
        for part in parts:
            try:
                yield from part()
            except Skip as e:
                yield Row("skipped: %s" % e, "")
    finally:
        w.close()
