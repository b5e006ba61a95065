"""client.py: one HTTP/1.1 request, byte for byte as it is given.

SPDX-License-Identifier: Apache-2.0
"""
import hashlib
import socket


class Answer:
    """What came back. Header names are lower case; a repeated one is joined."""

    def __init__(self, status, headers, body, end="whole"):
        self.status = status
        self.headers = headers
        self.size = len(body)
        self.sum = hashlib.sha256(body).hexdigest()
        self.text = body[:2000].decode("latin-1")
        self.end = end

    def __getattr__(self, name):
        return self.headers.get(name.replace("_", "-"), "")


def parse_head(head):
    lines = head.decode("latin-1").split("\r\n")
    headers = {}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        name, value = name.strip().lower(), value.strip()
        headers[name] = headers[name] + ", " + value if name in headers else value
    return int(lines[0].split(" ")[1]), headers


def unchunk(data):
    """The body of chunks, and whether the last one was there."""
    body, at = [], 0
    while True:
        end = data.find(b"\r\n", at)
        if end < 0:
            return b"".join(body), False
        size = int(data[at:end].split(b";")[0], 16)
        if size == 0:
            return b"".join(body), True
        body.append(data[end + 2:end + 2 + size])
        at = end + 2 + size + 2


def receive(s):
    """All that comes until the other side closes."""
    pieces = []
    while True:
        try:
            piece = s.recv(1 << 20)
        except ConnectionResetError:
            break
        if not piece:
            break
        pieces.append(piece)
    return b"".join(pieces)


def parse(data, method):
    head, there, body = data.partition(b"\r\n\r\n")
    if not there:
        return Answer(0, {}, data, "no head")
    status, headers = parse_head(head)
    end = "whole"
    if "chunked" in headers.get("transfer-encoding", "") and method != "HEAD":
        body, whole = unchunk(body)
        end = "whole" if whole else "cut"
    elif "content-length" in headers and method != "HEAD" and status != 304:
        end = "whole" if len(body) == int(headers["content-length"]) else "cut"
    return Answer(status, headers, body, end)


def exchange(port, data, wrap=None, timeout=60, source=None):
    s = socket.create_connection(("127.0.0.1", port), timeout,
                                 source_address=(source, 0) if source else None)
    try:
        if wrap:
            s = wrap(s)
        s.sendall(data)
        return receive(s)
    finally:
        s.close()


def request(port, method, target, headers=(), before=b"", wrap=None, source=None):
    """`before` goes in front of everything: a PROXY protocol header."""
    names = {name.lower() for name, _ in headers}
    lines = ["%s %s HTTP/1.1" % (method, target)]
    if "host" not in names:
        lines.append("Host: localhost:%d" % port)
    lines += ["%s: %s" % h for h in headers] + ["Connection: close"]
    if method in ("POST", "PUT", "PATCH") and "content-length" not in names:
        lines.append("Content-Length: 0")
    data = before + ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
    return parse(exchange(port, data, wrap, source=source), method)
