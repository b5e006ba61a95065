#!/usr/bin/env python3
"""A module proxy that misbehaves as it is told to.

    upstream.py --root DIR --run DIR [--tls CERT KEY]

Serves the files of DIR, a GOPROXY folder tree, over HTTP/1.1 on 127.0.0.1 and a
port that the system chooses. In the run folder:

    port      the port, written at once when the server listens
    requests  one line a request: METHOD and decoded path
    headers   one JSON object a request: method, path (raw), headers, active
              (requests in progress, this one included), t (monotonic)
    rules     one JSON object a line, read again for each request; the first
              whose "path" (a regular expression) is found in the decoded path
              applies. "method" and "times" (so many requests only) narrow it.

Keys of a rule, which combine where that makes sense:

    status, headers       what to answer with; a status of 300 up has no file
    body, body_file       instead of the file ("body" is text)
    repeat                the body so many times
    gate                  wait until this file exists, before the head
    body_gate             the same in the middle of the body
    delay                 seconds before the head
    chunk, chunk_delay    the body in pieces of so many bytes, with a pause
    cut                   end the connection after so many bytes of the body
    length                Content-Length: a number, "+N", "-N" or "none"
    gzip                  Content-Encoding: gzip, whatever was asked for
    bomb                  a gzip body that unpacks to so many zero bytes (whole MiB)
    endless               a body without end (chunked; with "length", that long)
    hang                  no answer until the client goes
    close                 no answer, end the connection
    auth                  "name:password": 401 without it
    hops                  so many redirects to itself before the answer
    redirect              Location; {path} stands for the path asked for

SPDX-License-Identifier: Apache-2.0
"""
import argparse
import base64
import gzip
import json
import os
import re
import select
import socket
import ssl
import struct
import sys
import threading
import time
import urllib.parse
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TYPES = {".info": "application/json", ".zip": "application/zip"}
POLL = 0.01


def bomb(size):
    """A gzip file of so many zero bytes (whole MiB), made of one block that repeats."""
    count, zeros = size >> 20, bytes(1 << 20)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(zeros) + packer.flush(zlib.Z_FULL_FLUSH)
    crc = 0
    for _ in range(min(count, 64)):	# who unpacks more than that gives up before the end
        crc = zlib.crc32(zeros, crc)
    return (b"\x1f\x8b\x08\0\0\0\0\0\2\3" + block * count + packer.flush() +
            struct.pack("<II", crc, (count << 20) & 0xffffffff))


class Gone(Exception):
    """The client went away, or we end the connection on purpose."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512
    allow_reuse_address = True

    def __init__(self, addr, root, run):
        self.root = root
        self.run = run
        self.lock = threading.Lock()
        self.active = 0
        self.used = {}
        self.requests = open(os.path.join(run, "requests"), "a", buffering=1)
        self.headers = open(os.path.join(run, "headers"), "a", buffering=1)
        self.tls = None
        super().__init__(addr, Handler)

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], (OSError, Gone)):
            super().handle_error(request, client_address)

    def finish_request(self, request, client_address):
        if self.tls:
            # in the connection's own thread: a handshake may take for ever
            request = self.tls.wrap_socket(request, server_side=True)
        super().finish_request(request, client_address)
        try:
            request.close()
        except OSError:
            pass

    def rule_for(self, method, path):
        try:
            with open(os.path.join(self.run, "rules"), encoding="utf-8") as f:
                lines = f.read().splitlines()
        except FileNotFoundError:
            return {}
        for line in lines:
            if not line.strip() or line.startswith("#"):
                continue
            rule = json.loads(line)
            if "method" in rule and rule["method"] != method:
                continue
            if not re.search(rule.get("path", ""), path):
                continue
            if "times" in rule:
                with self.lock:
                    n = self.used.get(line, 0)
                    if n >= rule["times"]:
                        continue
                    self.used[line] = n + 1
            return rule
        return {}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "upstream"
    sys_version = ""

    def setup(self):
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def log_message(self, *args):
        pass

    def gone(self):
        """The client has closed, or sends what nobody asked for."""
        ready, _, _ = select.select([self.connection], [], [], 0)
        if not ready:
            return False
        try:
            return self.connection.recv(1, socket.MSG_PEEK) == b""
        except (OSError, ValueError):
            return True		# TLS sockets cannot peek

    def pause(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.gone():
                raise Gone
            time.sleep(min(POLL, seconds))

    def wait_file(self, name):
        while not os.path.exists(name):
            if self.gone():
                raise Gone
            time.sleep(POLL)

    def do_GET(self):
        raw, _, query = self.path.partition("?")
        path = urllib.parse.unquote(raw)
        server = self.server
        with server.lock:
            server.active += 1
            server.requests.write("%s %s\n" % (self.command, path))
            server.headers.write(json.dumps({
                "method": self.command, "path": self.path, "active": server.active,
                "t": time.monotonic(),
                "headers": {k.lower(): v for k, v in self.headers.items()}}) + "\n")
        try:
            self.answer(server.rule_for(self.command, path), path, query)
        except (Gone, OSError):
            self.close_connection = True
        finally:
            with server.lock:
                server.active -= 1

    do_HEAD = do_POST = do_PUT = do_DELETE = do_GET

    def file_of(self, path):
        name = os.path.normpath(self.server.root + "/" + path)
        if not name.startswith(self.server.root + "/") or not os.path.isfile(name):
            return None
        with open(name, "rb") as f:
            return f.read()

    def answer(self, rule, path, query):
        if "gate" in rule:
            self.wait_file(rule["gate"])
        if "delay" in rule:
            self.pause(rule["delay"])
        if rule.get("hang"):
            while not self.gone():
                time.sleep(POLL)
            raise Gone
        if rule.get("close"):
            raise Gone
        if "auth" in rule:
            want = "Basic " + base64.b64encode(rule["auth"].encode()).decode()
            if self.headers.get("Authorization") != want:
                return self.send(401, {"WWW-Authenticate": 'Basic realm="x"'},
                                 b"credentials, please\n", rule)
        if "hops" in rule:
            hop = int(urllib.parse.parse_qs(query).get("hop", ["0"])[0])
            if hop < rule["hops"]:
                where = urllib.parse.quote(path, safe="/@!+") + "?hop=%d" % (hop + 1)
                return self.send(302, {"Location": where}, b"", {})
        if "redirect" in rule:
            where = rule["redirect"].replace("{path}", urllib.parse.quote(path, safe="/@!+"))
            return self.send(rule.get("status", 302), {"Location": where}, b"", {})

        status = rule.get("status", 200)
        if "body" in rule:
            body = rule["body"].encode("utf-8", "surrogateescape")
        elif "body_file" in rule:
            with open(rule["body_file"], "rb") as f:
                body = f.read()
        elif status >= 300:
            body = b"upstream says %d\n" % status
        else:
            body = self.file_of(path)
        if body is None:
            return self.send(404, {"Content-Type": "text/plain"},
                             ("not found: no file %s\n" % path).encode(), {})
        body *= rule.get("repeat", 1)
        head = {"Content-Type": TYPES.get(os.path.splitext(path)[1], "text/plain; charset=utf-8")}
        if rule.get("gzip"):
            body = gzip.compress(body, 6)
            head["Content-Encoding"] = "gzip"
        if "bomb" in rule:
            body = bomb(rule["bomb"])
            head["Content-Encoding"] = "gzip"
        head.update(rule.get("headers", {}))
        return self.send(status, head, body, rule)

    def send(self, status, head, body, rule):
        length = rule.get("length", "+0")
        endless = rule.get("endless")
        chunked = False
        if endless and "length" not in rule:
            chunked = True
            head["Transfer-Encoding"] = "chunked"
        elif length == "none":
            self.close_connection = True
        elif isinstance(length, str):
            head["Content-Length"] = str(max(0, len(body) + int(length)))
        else:
            head["Content-Length"] = str(length)
        if status == 204:
            head.pop("Content-Length", None)
        self.send_response_only(status)
        for k, v in head.items():
            self.send_header(k, v)
        self.send_header("Connection", "close" if self.close_connection else "keep-alive")
        self.end_headers()
        if self.command == "HEAD" or status in (204, 304):
            return
        if endless:
            block = (body or b"x" * 65536) * (1 + 65536 // max(1, len(body)))
            while True:
                self.wfile.write((b"%x\r\n%s\r\n" % (len(block), block)) if chunked else block)
                if "chunk_delay" in rule:
                    self.pause(rule["chunk_delay"])
        end = min(len(body), rule.get("cut", len(body)))
        at = 0
        if "body_gate" in rule:
            at = end // 2
            self.wfile.write(body[:at])
            self.wfile.flush()
            self.wait_file(rule["body_gate"])
        if "chunk" in rule:
            while at < end:
                step = min(rule["chunk"], end - at)
                self.wfile.write(body[at:at + step])
                at += step
                self.pause(rule.get("chunk_delay", 0))
        else:
            self.wfile.write(body[at:end])
        if "cut" in rule or head.get("Content-Length", str(len(body))) != str(len(body)):
            raise Gone


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--root", required=True)
    p.add_argument("--run", required=True)
    p.add_argument("--tls", nargs=2, metavar=("CERT", "KEY"))
    a = p.parse_args()
    server = Server(("127.0.0.1", 0), os.path.abspath(a.root), a.run)
    if a.tls:
        server.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.tls.load_cert_chain(a.tls[0], a.tls[1])
    name = os.path.join(a.run, "port")
    with open(name + ".new", "w") as f:
        f.write("%d\n" % server.server_address[1])
    os.rename(name + ".new", name)
    server.serve_forever(poll_interval=0.05)


main()
