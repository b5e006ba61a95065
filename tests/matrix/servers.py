"""servers.py: stoa behind each web server and in each mode, as etc/ has it.

A site is made of the files of etc/ as they are but for the names between at
signs. All that is started is ended by its number.

SPDX-License-Identifier: Apache-2.0
"""
import itertools
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import time

TOP = os.environ["top_srcdir"]
T = os.environ["T"]
BIN = T + "/bin"
PATH = os.environ["PATH"] + ":/usr/sbin:/sbin"
PORTS = ("PORT", "TLSPORT", "PROXYPORT", "TLSPROXYPORT")
APACHE_MODULES = ("/usr/lib/apache2/modules", "/usr/lib64/httpd/modules", "/usr/lib/httpd/modules")
EXTRAS = ("tls", "proxy-protocol", "tls-proxy-protocol", "auth", "accesslog")
FILES = {"X-Accel-Redirect": "send_file_prefix = /stoa-files\n"}


NUMBERS = itertools.count()


class Missing(Exception):
    """A program that is not installed."""


def read(path):
    with open(path, encoding="utf-8", errors="replace") as f:
        return f.read()


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


def free_ports(n):
    """Numbers of ports that nobody listens at now."""
    sockets = [socket.socket() for _ in range(n)]
    try:
        for s in sockets:
            s.bind(("127.0.0.1", 0))
        return [s.getsockname()[1] for s in sockets]
    finally:
        for s in sockets:
            s.close()


def program(*names):
    for name in names:
        found = shutil.which(name, path=PATH)
        if found:
            return found
    raise Missing("no %s on this machine" % names[0])


def give_away(path):
    """To the user that Apache and nginx become when root starts them."""
    if os.getuid() != 0:
        return
    user = pwd.getpwnam("www-data")
    for folder, names, files in os.walk(path):
        for f in [folder] + [os.path.join(folder, n) for n in names + files]:
            os.lchown(f, user.pw_uid, user.pw_gid)


def ends(process, seconds):
    try:
        process.wait(seconds)
        return True
    except subprocess.TimeoutExpired:
        return False


def starts_elsewhere(mode):
    """Of lighttpd and Apache, which can start stoa.fcgi themselves."""
    return mode.get("file", "").startswith("external") or "proxy-fcgi" in mode.get("site", ())


def listens(path):
    """Whether somebody listens there: bind(2) alone makes the file, but refuses."""
    return any(line.split()[3] == "00010000" and line.split()[-1] == path
               for line in read("/proc/net/unix").splitlines())


class Responder:
    """stoa.fcgi on a socket, started by spawn-fcgi or by itself."""

    def __init__(self, site, spawn):
        self.sock = site.names["SOCKET"]
        env = dict(site.responder_env, PATH=PATH, HOME=T + "/home", STOA_CONF=site.names["CONF"])
        if "ASAN_OPTIONS" in os.environ:
            env["ASAN_OPTIONS"] = os.environ["ASAN_OPTIONS"]
        argv = [BIN + site.responder, "--socket", self.sock]
        if spawn:
            argv = [program("spawn-fcgi"), "-n", "-s", self.sock, "-M", "0666", "-b", "1024", "--",
                    BIN + site.responder]
        with open(site.dir + "/stoa.log", "ab") as log:
            self.process = subprocess.Popen(argv, env=env, stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log, start_new_session=True)
        until = time.monotonic() + 10
        while not listens(self.sock):
            if time.monotonic() > until or self.process.poll() is not None:
                raise RuntimeError("stoa.fcgi does not start: " + read(site.dir + "/stoa.log")[-500:])
            time.sleep(0.02)
        os.chmod(self.sock, 0o666)

    def stop(self):
        self.process.terminate()
        if not ends(self.process, 5):
            self.process.kill()
            self.process.wait()
        if os.path.exists(self.sock):
            os.unlink(self.sock)


class Site:
    """One server in one mode. `mode` says which files of etc/ it is made of."""

    server = None       # name of the folder of etc/
    external = False    # stoa.fcgi is ours to start
    backend = None
    process = None
    responder = "/stoa.fcgi"    # below BIN
    responder_env = {}

    def __init__(self, name, mode, prefix, cache, conf, extras=()):
        self.name = name
        self.mode = mode
        self.external = self.external or starts_elsewhere(mode)
        self.prefix = prefix
        self.conf = conf
        self.extras = extras
        self.dir = "%s/%d-%s%s" % (T, next(NUMBERS), name, prefix.replace("/", "-"))
        self.cache = self.dir + "/cache"
        os.makedirs(self.dir + "/run")
        if cache:
            subprocess.run(["cp", "-al", cache, self.cache], check=True)
        else:
            os.makedirs(self.cache)
        give_away(self.dir)

    def fill(self, name):
        text = read("%s/etc/%s/%s" % (TOP, self.server, name))
        return re.sub("@([A-Z]+)@", lambda m: self.names.get(m.group(1), m.group(0)), text)

    def make_more(self):
        """What is in no file of etc/: a text of the mode's own."""
        if "more" in self.mode:
            write(self.dir + "/site/more.conf",
                  re.sub("@([A-Z]+)@", lambda m: self.names[m.group(1)], self.mode["more"]))

    def name_all(self):
        d = self.dir
        self.names = {
            "PREFIX": self.prefix, "CACHE": self.cache, "CONF": d + "/stoa.conf",
            "FCGI": BIN + "/stoa.fcgi", "CGI": BIN + "/stoa.cgi", "FCGIDIR": BIN, "CGIDIR": BIN,
            "SOCKET": d + "/run/socket", "RUN": d + "/run", "PIDFILE": d + "/run/pid",
            "ERRORLOG": d + "/error.log", "ACCESSLOG": d + "/access.log",
            "SITE": d + "/site", "EXTRA": d + "/extra", "UPSTREAM": d + "/upstream.conf",
            "MODULES": next((m for m in APACHE_MODULES if os.path.isdir(m)), ""),
            "CERT": T + "/tls/cert.pem", "KEY": T + "/tls/key.pem", "BALANCER": "127.0.0.0/8",
            "PASSWORDS": T + "/tls/passwords", "USER": "gopher", "HASH": "",
            "WEBDIR": d + "/www" + self.prefix}
        self.names.update(zip(PORTS, map(str, free_ports(len(PORTS)))))
        self.port = int(self.names["PORT"])

    def port_of(self, name):
        return int(self.names[name])

    def settings(self):
        send = self.mode.get("send_file", "off")
        text = "send_file = %s\n%s" % (send, FILES.get(send, ""))
        if self.external:
            text += "cache = %s\nprefix = %s/\n" % (self.cache, self.prefix)
        return text + self.conf

    def start(self):
        for attempt in range(3):
            self.name_all()
            write(self.names["CONF"], self.settings())
            argv, env = self.make()
            if self.external and not self.backend:
                self.backend = Responder(self, self.mode.get("spawn"))
            with open(self.dir + "/server.out", "ab") as out:
                self.process = subprocess.Popen(
                    argv, cwd=self.dir, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                    start_new_session=True,
                    env=dict({"PATH": PATH, "HOME": T + "/home", "TMPDIR": T + "/tmp"}, **env))
            if self.is_up():
                return self
            self.stop_server()
            if attempt == 2:
                self.stop()
        log = self.names["ERRORLOG"]
        raise RuntimeError("%s does not start: %s %s" % (
            self.name, read(self.dir + "/server.out")[-800:], read(log)[-800:] if os.path.exists(log) else ""))

    def is_up(self):
        until = time.monotonic() + 10
        while time.monotonic() < until and self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return True
            except OSError:
                time.sleep(0.02)
        return False

    def stop_server(self):
        if not self.process:
            return
        self.process.terminate()
        if not ends(self.process, 8):
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.process = None

    def stop(self):
        self.stop_server()
        if self.backend:
            self.backend.stop()
            self.backend = None

    def stoa_log(self):
        return "".join(read(f) for f in self.stoa_logs() if os.path.exists(f))

    def stoa_logs(self):
        return [self.dir + "/stoa.log"]

    def access_log(self):
        path = self.names["ACCESSLOG"]
        return read(path) if os.path.exists(path) else ""


class Lighttpd(Site):
    server = "lighttpd"

    def make(self):
        argv0 = program("lighttpd")
        text = "".join(self.fill(f + ".conf") for f in [self.mode["file"]] +
                       [e for e in EXTRAS if e in self.extras])
        write(self.dir + "/server.conf", text)
        return [argv0, "-D", "-f", self.dir + "/server.conf"], {}

    def stoa_logs(self):
        return [self.dir + "/stoa.log", self.dir + "/error.log.stoa", self.dir + "/error.log"]


class Apache(Site):
    server = "apache"

    def needs(self):
        modules = {"fcgid": "mod_fcgid.so"}
        wanted = [modules[f] for f in self.mode["site"] if f in modules]
        if self.mode.get("send_file"):
            wanted.append("mod_xsendfile.so")
        for m in wanted:
            if not os.path.exists(self.names["MODULES"] + "/" + m):
                raise Missing("no Apache module %s on this machine" % m)

    def make(self):
        argv0 = program("apache2", "httpd")
        self.needs()
        for f in self.mode["site"]:
            if f != "htaccess":
                write("%s/site/%s.conf" % (self.dir, f), self.fill(f + ".conf"))
        self.make_more()
        if "htaccess" in self.mode["site"]:
            self.make_host()
        extra = []
        for e in self.extras:
            if e == "auth":
                write(self.dir + "/site/auth.conf", self.fill("auth.conf"))
                extra += ["auth_basic", "authn_core", "authn_file", "authz_user"]
            elif e not in ("accesslog", "forwarded"):
                write("%s/extra/%s.conf" % (self.dir, e), self.fill(e + ".conf"))
        if "htaccess" in self.mode["site"]:
            extra.append("dir")
        modules = "".join('LoadModule %s_module "%s/mod_%s.so"\n' % (m, self.names["MODULES"], m)
                          for m in extra)
        write(self.dir + "/server.conf", modules + self.fill("apache.conf"))
        return [argv0, "-f", self.dir + "/server.conf", "-DFOREGROUND"], {}

    def make_host(self):
        """A shared host: what its owner has set up, and the customer's folder."""
        www, folder = self.dir + "/www", self.names["WEBDIR"]
        write(self.dir + "/site/host.conf", HOST % (www, www))
        if os.path.exists(folder + "/stoa.cgi"):
            return
        os.makedirs(folder, exist_ok=True)
        shutil.copy(BIN + "/stoa.cgi", folder)
        os.makedirs(self.cache + "/mod", exist_ok=True)
        if "static" in self.name:
            os.symlink(self.cache + "/mod", folder + "/mod")
        write(folder + "/.htaccess", self.fill("htaccess"))
        give_away(www)

    def stoa_logs(self):
        return [self.dir + "/stoa.log", self.dir + "/error.log"]


HOST = """
DocumentRoot "%s"
<Directory "%s">
	Require all granted
	AllowOverride FileInfo Options=ExecCGI,SymLinksIfOwnerMatch,Indexes
	Options SymLinksIfOwnerMatch
</Directory>
<Files ".ht*">
	Require all denied
</Files>
"""


class Nginx(Site):
    server = "nginx"
    external = True

    def make(self):
        argv0 = program("nginx")
        write(self.names["UPSTREAM"], self.fill(self.mode.get("upstream", "upstream") + ".conf"))
        for f in list(self.mode["site"]) + [e for e in self.extras if e not in ("accesslog", "forwarded")]:
            write("%s/site/%s.conf" % (self.dir, f), self.fill(f + ".conf"))
        self.make_more()
        write(self.dir + "/server.conf", self.fill("nginx.conf"))
        return [argv0, "-c", self.dir + "/server.conf", "-g", "daemon off;"], {}


class Caddy(Site):
    server = "caddy"
    external = True

    def binary(self):
        return program("caddy")

    def make(self):
        argv0 = self.binary()
        files = {}
        for f in list(self.mode["site"]) + [e for e in self.extras if e == "auth"]:
            files["site/%s.conf" % f] = f + ".conf"
        if "auth" in self.extras:
            self.names["HASH"] = subprocess.run(
                [argv0, "hash-password", "--plaintext", "secret"], stdout=subprocess.PIPE,
                check=True, env={"HOME": T + "/home"}).stdout.decode().strip()
        if "tls" in self.extras:
            files["extra/tls.site"] = "tls.site"
        if "proxy-protocol" in self.extras:
            files["extra/proxy-protocol.site"] = "proxy-protocol.site"
            files["extra/proxy-protocol.global"] = "proxy-protocol.global"
        for to, name in files.items():
            text = self.fill(name)
            if "forwarded" in self.extras:
                text = text.replace("#trusted_proxies", "trusted_proxies")
            write("%s/%s" % (self.dir, to), text)
        self.make_more()
        write(self.dir + "/Caddyfile", self.fill("Caddyfile"))
        return ([argv0, "run", "--adapter", "caddyfile", "--config", self.dir + "/Caddyfile"],
                {"XDG_DATA_HOME": self.dir + "/run", "XDG_CONFIG_HOME": self.dir + "/run"})


class CurrentCaddy(Caddy):
    """A newer Caddy than the distribution's; STOA_TEST_CADDY names it."""

    def binary(self):
        name = os.environ.get("STOA_TEST_CADDY", "")
        if not name:
            raise Missing("STOA_TEST_CADDY names no current caddy")
        return program(name)


STATIC, THROUGH = ("static", "fastcgi"), ("fastcgi",)
MODES = {
    "lighttpd-static": (Lighttpd, {"file": "static-first"}),
    "lighttpd-sendfile": (Lighttpd, {"file": "fastcgi", "send_file": "X-Sendfile"}),
    "lighttpd-cgi-static": (Lighttpd, {"file": "cgi"}),
    "lighttpd-cgi-sendfile": (Lighttpd, {"file": "cgi-all", "send_file": "X-Sendfile"}),
    "lighttpd-spawn-static": (Lighttpd, {"file": "external-static-first", "spawn": True}),
    "lighttpd-spawn-sendfile": (Lighttpd, {"file": "external", "spawn": True,
                                           "send_file": "X-LIGHTTPD-send-file"}),
    "lighttpd-spawn-through": (Lighttpd, {"file": "external", "spawn": True}),
    "apache-proxy-static": (Apache, {"site": ("static", "proxy-fcgi")}),
    "apache-proxy-sendfile": (Apache, {"site": ("proxy-fcgi",), "send_file": "X-Sendfile"}),
    "apache-proxy-through": (Apache, {"site": ("proxy-fcgi",)}),
    "apache-fcgid-static": (Apache, {"site": ("static", "fcgid")}),
    "apache-fcgid-sendfile": (Apache, {"site": ("fcgid",), "send_file": "X-Sendfile"}),
    "apache-cgid-static": (Apache, {"site": ("static", "cgid")}),
    "apache-cgid-sendfile": (Apache, {"site": ("cgid",), "send_file": "X-Sendfile"}),
    "apache-htaccess-static": (Apache, {"site": ("htaccess",)}),
    "apache-htaccess-through": (Apache, {"site": ("htaccess",)}),
    "nginx-static": (Nginx, {"site": STATIC}),
    "nginx-accel": (Nginx, {"site": THROUGH, "send_file": "X-Accel-Redirect"}),
    "nginx-keep-static": (Nginx, {"site": STATIC, "upstream": "upstream-keep"}),
    "nginx-keep-through": (Nginx, {"site": THROUGH, "upstream": "upstream-keep"}),
    "caddy-static": (Caddy, {"site": STATIC}),
    "caddy-static-accel": (Caddy, {"site": STATIC, "send_file": "X-Accel-Redirect"}),
    "caddy-accel": (Caddy, {"site": THROUGH, "send_file": "X-Accel-Redirect"}),
    "caddy-through": (Caddy, {"site": THROUGH}),
    "currentcaddy-static": (CurrentCaddy, {"site": STATIC}),
    "currentcaddy-static-accel": (CurrentCaddy, {"site": STATIC, "send_file": "X-Accel-Redirect"}),
    "currentcaddy-accel": (CurrentCaddy, {"site": THROUGH, "send_file": "X-Accel-Redirect"}),
}


def is_external(name):
    """Whether stoa.fcgi is started by us, and not by the server."""
    cls, mode = MODES[name]
    return cls.external or starts_elsewhere(mode)


def site(name, prefix, cache, conf, extras=()):
    cls, mode = MODES[name]
    return cls(name, mode, prefix, cache, conf, extras)
