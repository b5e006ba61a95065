"""checks.py: what the matrix cannot say of a server: the go command over TLS,
what comes while stoa is not there, passwords, and who the client is.

SPDX-License-Identifier: Apache-2.0
"""
import base64
import json
import os
import re
import shutil
import socket
import ssl
import struct
import subprocess
import sys
import time

import client
import fcgi
import servers
import tap

T = servers.T
TLS = T + "/tls"
JUNK = "not for clients"
FAKE = "203.0.113.66"       # nobody is there
LIST = "/example.com/plain/@v/list"
INFO = "/example.com/plain/@v/v1.0.0.info"
ZIP = "/example.com/plain/@v/v1.0.0.zip"
MODULES = ("example.com/plain@v1.0.0", "example.com/Cased/mod@v1.2.3-RC1",
           "example.com/big@v2.0.0+incompatible", "example.com/fetched@v1.1.0",
           "example.com/Fetched/Too@v1.0.0-Beta", "example.com/huge@v1.0.0")


# ---------------------------------------------------------------- what is needed

def run(*argv, **more):
    return subprocess.run(argv, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, **more).stdout.decode()


def make_tls():
    """An authority of our own, a certificate for localhost, and passwords."""
    os.makedirs(TLS)
    run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=Test",
        "-keyout", TLS + "/ca.key", "-out", TLS + "/ca.pem",
        "-addext", "basicConstraints=critical,CA:TRUE")
    run("openssl", "req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost",
        "-keyout", TLS + "/key.pem", "-out", TLS + "/cert.csr")
    servers.write(TLS + "/ext", "subjectAltName=DNS:localhost,IP:127.0.0.1\n")
    run("openssl", "x509", "-req", "-in", TLS + "/cert.csr", "-CA", TLS + "/ca.pem", "-CAkey",
        TLS + "/ca.key", "-CAcreateserial", "-days", "2", "-extfile", TLS + "/ext",
        "-out", TLS + "/cert.pem")
    servers.write(TLS + "/passwords", "gopher:%s\n" % run("openssl", "passwd", "-apr1", "secret").strip())
    for name in os.listdir(TLS):
        os.chmod(TLS + "/" + name, 0o644)


def tls(s):
    context = ssl.create_default_context(cafile=TLS + "/ca.pem")
    return context.wrap_socket(s, server_hostname="localhost")


class Balancer:
    """A haproxy. Each way is (name, port to connect to, options of the server line);
    http=True makes it write X-Forwarded-For instead."""

    def __init__(self, name, ways):
        ports = servers.free_ports(len(ways))
        self.ports = {way[0]: port for way, port in zip(ways, ports)}
        text = "defaults\n\ttimeout connect 5s\n\ttimeout client 30s\n\ttimeout server 30s\n"
        for (way, to, options), port in zip(ways, ports):
            mode = "http\n\toption forwardfor" if way == "http" else "tcp"
            text += "listen %s\n\tbind 127.0.0.1:%d\n\tmode %s\n\tserver s 127.0.0.1:%d %s\n" % (
                way, port, mode, to, options)
        conf = "%s/%s-haproxy.cfg" % (T, name)
        servers.write(conf, text)
        with open(conf + ".out", "wb") as out:
            self.process = subprocess.Popen([servers.program("haproxy"), "-db", "-f", conf], stdout=out,
                                            stdin=subprocess.DEVNULL, stderr=out, start_new_session=True)
        for port in ports:
            if not tap.wait_for(10, lambda p=port: connects(p)):
                raise RuntimeError("haproxy does not start: " + servers.read(conf + ".out")[-500:])

    def stop(self):
        self.process.terminate()
        self.process.wait()


def connects(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False


def logged(site, target):
    """The client= of stoa's line about the target (stoa logs what it refuses)."""
    def find():
        return re.findall(r"client=(\S*) .*path=\S*%s" % re.escape(target), site.stoa_log())
    return tap.wait_for(5, find) or ["nothing"]


def access_has(site, address, target):
    """The access log has a line with both."""
    def find():
        return any(target in line and re.search(r"(^|[^0-9.])%s([^0-9.]|$)" % re.escape(address), line)
                   for line in site.access_log().splitlines())
    return bool(tap.wait_for(5, find))


# ---------------------------------------------------------------- the go command

def go(site, *argv):
    home = site.dir + "/go"
    env = dict(os.environ, GOPROXY="https://localhost:%d%s" % (site.port_of("TLSPORT"), site.prefix),
               SSL_CERT_FILE=TLS + "/ca.pem", GOMODCACHE=home + "/mod", GOPATH=home, GOFLAGS="-modcacherw",
               GONOSUMDB="*", GOSUMDB="off")
    os.makedirs(home, exist_ok=True)
    r = subprocess.run(["go"] + list(argv), env=env, cwd=home, stdin=subprocess.DEVNULL,
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120, check=False)
    return r.returncode, r.stdout.decode(), r.stderr.decode()


def sums(text):
    """Module and h1 of what go mod download -json says."""
    out, decoder = {}, json.JSONDecoder()
    while text.strip():
        one, end = decoder.raw_decode(text.strip())
        out["%s@%s" % (one["Path"], one["Version"])] = one.get("Sum", one.get("Error"))
        text = text.strip()[end:]
    return out


def wanted_sums(mkmod):
    out = {}
    for m in MODULES:
        path, version = m.split("@")
        at = "%s/up/%s/@v/%s.zip" % (T, escaped(path), escaped(version))
        out[m] = run(sys.executable, mkmod, "h1", at).strip()
    return out


def escaped(text):
    return re.sub("[A-Z]", lambda m: "!" + m.group().lower(), text)


def check_go(name, context):
    site = context.site(name, "/go", ("tls", "accesslog"))
    try:
        rc, out, err = go(site, "mod", "download", "-json", *MODULES)
        tap.equal("%s: go mod download over TLS" % name, (rc, sums(out)), (0, context.sums))
        rc, out, err = go(site, "list", "-m", "-versions", "example.com/Cased/mod")
        tap.equal("%s: go list" % name, (rc, out.strip(), err),
                  (0, "example.com/Cased/mod v1.2.3-RC1 v1.3.0", ""))
        rc, out, err = go(site, "list", "-m", "err.example/s404@v1.0.0")
        why = "server response: not found: err.example/s404@v1.0.0: http://127.0.0.1:"
        tap.ok("%s: the go command shows why" % name, rc == 1 and why in err, err)
        tap.ok("%s: it came by HTTP/2" % name, "HTTP/2" in site.access_log(), site.access_log()[-300:])
    finally:
        site.stop()
        shutil.rmtree(site.dir, ignore_errors=True)


# ---------------------------------------------------------------- isolation

NEVER = ("/example.com/plain/@v/v1.0.0.ziphash", "/example.com/plain/@v/v1.0.0.lock",
         "/example.com/plain/@v/.hidden", "/example.com/plain/@v/.v1.0.0.info",
         "/example.com/plain/@v/main.info", "/example.com/plain/@v/v1.0.info",
         "/example.com/plain/@v/v01.0.0.info", "/example.com/plain/readme.zip", "/.htaccess",
         "/.git/config", "/state/locks", "/../state/locks", "/%2e%2e/state/locks",
         "/..%2fstate/locks", "/mod/example.com/plain/@v/list", "/mod/.htaccess", LIST,
         "/example.com/!cased/mod/@latest", "/example.com/plain/@v/", "/example.com/plain",
         "/example.com/plain/@v/v1.0.0.info/", "/example.com/plain/@v/v1.0.0.INFO",
         "/stoa-files" + INFO, "/stoa-files/example.com/plain/@v/main.info", "/stoa-files/../state/locks")

MISSING = ["/example.com/plain/@v/v9.9.9." + ext for ext in ("info", "mod", "zip")]
UNREADABLE = ["/example.com/odd/@v/v1.0.1.mod", "/example.com/odd/@v/v1.0.2.zip"]


def check_isolation(name, context):
    """With stoa gone, what a server still sends comes from the tree."""
    site = context.site(name, "", ())
    try:
        site.backend.stop()
        site.backend = None
        static = "-static" in name
        for target in (INFO, ZIP, INFO.replace(".info", ".mod"), "/example.com/%21cased/mod/@v/v1.3.0.zip"):
            a = client.request(site.port, "GET", target)
            tap.equal("%s without stoa: %s %s" % (name, target, "comes" if static else "does not come"),
                      a.status == 200, static)
        got = {t: client.request(site.port, "GET", t) for t in NEVER}
        bad = ["%s: %d %r" % (t, a.status, a.text[:80]) for t, a in got.items()
               if a.status < 400 or JUNK in a.text]
        tap.ok("%s without stoa: nothing else of the tree comes (%d paths)" % (name, len(NEVER)),
               not bad, "\n".join(bad))
        got = {t: client.request(site.port, "GET", t) for t in MISSING + UNREADABLE}
        bad = ["%s: %d %r" % (t, a.status, a.headers) for t, a in got.items()
               if a.status < 400 or "max-age" in a.cache_control]
        tap.ok("%s without stoa: no failure may be kept" % name, not bad, "\n".join(bad))
    finally:
        site.stop()


# ---------------------------------------------------------------- passwords

def basic(text):
    return [("Authorization", "Basic " + base64.b64encode(text.encode()).decode())]


def check_auth(name, context):
    site = context.site(name, "", ("auth",))
    try:
        for target in (INFO, ZIP, LIST, "/", "/readyz"):
            answers = [client.request(site.port, "GET", target, h).status
                       for h in ([], basic("gopher:wrong"), basic("other:secret"), basic("gopher:secret"))]
            tap.equal("%s: a password is wanted for %s" % (name, target), answers, [401, 401, 401, 200])
    finally:
        site.stop()


# ---------------------------------------------------------------- who the client is

def header_v1(address):
    return b"PROXY TCP4 %s 192.0.2.1 4711 443\r\n" % address.encode()


def header_v2(address, family=socket.AF_INET):
    to = "192.0.2.1" if family == socket.AF_INET else "2001:db8::1"
    data = socket.inet_pton(family, address) + socket.inet_pton(family, to) + struct.pack(">HH", 4711, 443)
    kind = 0x11 if family == socket.AF_INET else 0x21
    return b"\r\n\r\n\0\r\nQUIT\n" + bytes([0x21, kind]) + struct.pack(">H", len(data)) + data


SPOOFS = [("X-Forwarded-For", FAKE), ("Forwarded", "for=" + FAKE), ("X-Real-IP", FAKE),
          ("Client-IP", FAKE), ("True-Client-IP", FAKE), ("CF-Connecting-IP", FAKE),
          ("Remote-Addr", FAKE), ("Remote_Addr", FAKE), ("X-Remote-Addr", FAKE)]


def check_spoofing(name, context):
    site = context.site(name, "", ("accesslog",))
    try:
        client.request(site.port, "GET", "/spoof", SPOOFS, source="127.0.0.9")
        tap.equal("%s: headers do not change who the client is" % name, logged(site, "/spoof"), ["127.0.0.9"])
        tap.ok("%s: nor in the access log" % name, access_has(site, "127.0.0.9", "/spoof"),
               site.access_log()[-500:])
        for kind, before in (("v1", header_v1(FAKE)), ("v2", header_v2(FAKE))):
            try:
                status = client.request(site.port, "GET", "/plain-" + kind, before=before).status
            except OSError:
                status = 0
            tap.ok("%s: a PROXY header (%s) on a plain port is refused" % (name, kind),
                   status in (0, 400), status)
        tap.ok("%s: and not believed" % name, FAKE not in site.stoa_log(), site.stoa_log()[-500:])
    finally:
        site.stop()


def check_proxy(name, context):
    """Through a real load balancer, with v1 and v2, plain and in TLS."""
    caddy = name.startswith("currentcaddy")
    extras = ("tls", "proxy-protocol", "accesslog") + (() if caddy else ("tls-proxy-protocol",))
    site = context.site(name, "", extras)
    port = site.port_of("PROXYPORT")
    ways = [("v1", port, "send-proxy"), ("v2", port, "send-proxy-v2")]
    if not caddy:
        ways.append(("tls", site.port_of("TLSPROXYPORT"), "send-proxy-v2"))
    balancer = None
    try:
        balancer = Balancer(name, ways)
        for n, (way, _, _) in enumerate(ways):
            who, wrap = "127.0.0.%d" % (20 + n), tls if way == "tls" else None
            for target, status in (("/behind-" + way, 404), (INFO + "?" + way, 200)):
                a = client.request(balancer.ports[way], "GET", target, SPOOFS, wrap=wrap, source=who)
                tap.equal("%s: %s through haproxy, %s" % (name, target, way), a.status, status)
                tap.ok("%s: its address is in the access log" % name, access_has(site, who, target),
                       site.access_log()[-500:])
            tap.equal("%s: and in stoa's, %s" % (name, way), logged(site, "/behind-" + way), [who])
        a = client.request(port, "GET", "/six", before=header_v2("2001:db8::7", socket.AF_INET6))
        tap.equal("%s: an IPv6 client" % name, (a.status, logged(site, "/six")), (404, ["2001:db8::7"]))
        try:
            status = client.request(port, "GET", "/bare", source="127.0.0.9").status
        except OSError:
            status = 0
        if caddy:
            tap.equal("%s: without a PROXY header the peer is the client" % name,
                      (status, logged(site, "/bare")), (404, ["127.0.0.9"]))
        else:
            tap.ok("%s: without a PROXY header nothing is answered" % name, status in (0, 400), status)
        tap.ok("%s: what headers say is not believed" % name, FAKE not in site.stoa_log())
    finally:
        if balancer:
            balancer.stop()
        site.stop()


def check_trusted(name, context):
    """X-Forwarded-For of a balancer that a setting names; and of one that none does."""
    for trusted, wanted in (("127.0.0.1 10.0.0.0/8", "127.0.0.30"), ("10.0.0.0/8", "127.0.0.1")):
        site = context.site(name, "", ("forwarded",), "trusted_peers = %s\n" % trusted)
        balancer = None
        try:
            balancer = Balancer("%s-trusted" % name, [("http", site.port, "")])
            client.request(balancer.ports["http"], "GET", "/by-name", SPOOFS, source="127.0.0.30")
            tap.equal("%s: X-Forwarded-For, trusted_peers = %s" % (name, trusted),
                      logged(site, "/by-name"), [wanted])
        finally:
            if balancer:
                balancer.stop()
            site.stop()
            shutil.rmtree(site.dir)


# ---------------------------------------------------------------- kept connections

def check_kept(name, context):
    """Connections that others keep and do not use hold up nobody."""
    site = context.site(name, "", (), "threads = 2\n")
    idle = []
    try:
        for _ in range(40):
            s = fcgi.connect(site.names["SOCKET"], 5)
            idle.append(s)
            s.sendall(fcgi.request(fcgi.environment("GET", LIST), keep=True))
            if fcgi.answer(s)[2] != "end 0":
                raise RuntimeError("a kept connection got no answer")
        for turn in range(3):   # nginx keeps its own, the second time uses them again
            start = time.monotonic()
            answers = tap.together([lambda: client.request(site.port, "GET", LIST).status] * 50)
            tap.ok("%s: 2 threads, 40 idle connections, 50 requests at once (%d)" % (name, turn + 1),
                   answers == [200] * 50 and time.monotonic() - start < 10,
                   "%.1f s: %s" % (time.monotonic() - start, answers))
    finally:
        for s in idle:
            s.close()
        site.stop()


# ---------------------------------------------------------------- all of them

def first(names, end):
    """One mode of each server."""
    out = {}
    for n in names:
        if n.endswith(end):
            out.setdefault(n.split("-")[0], n)
    return list(out.values())


def each(check, names, context):
    for name in names:
        try:
            check(name, context)
        except servers.Missing as e:
            tap.skip("%s: %s" % (name, check.__name__), str(e))


def run_all(names, context):
    make_tls()
    context.sums = wanted_sums(context.mkmod)
    if shutil.which("go"):
        each(check_go, names, context)
    else:
        tap.skip("the go command", "no go on this machine")
    each(check_isolation, [n for n in names if servers.is_external(n)], context)
    each(check_auth, first(names, "-static"), context)
    each(check_spoofing, names, context)
    each(check_proxy, [n for n in first(names, "-static") if not n.startswith("caddy-")], context)
    each(check_trusted, names, context)
    each(check_kept, [n for n in names if n == "nginx-keep-through"], context)
