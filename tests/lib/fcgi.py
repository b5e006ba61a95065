#!/usr/bin/env python3
"""A FastCGI client that can also be rude.

    fcgi.py SOCKET METHOD URI [NAME=VALUE]...

writes what the responder sent on its output stream to standard output, its
error stream to standard error; exit 0 when the request was ended properly.
As a module it gives the pieces: records, connections, whole requests.

SPDX-License-Identifier: Apache-2.0
"""
import os
import socket
import struct
import sys

BEGIN, ABORT, END, PARAMS, STDIN, STDOUT, STDERR = 1, 2, 3, 4, 5, 6, 7
GET_VALUES, GET_VALUES_RESULT, UNKNOWN = 9, 10, 11
RESPONDER, AUTHORIZER, FILTER = 1, 2, 3


def pair(k, v):
    k = k.encode() if isinstance(k, str) else k
    v = v.encode("utf-8", "surrogateescape") if isinstance(v, str) else v

    def size(n):
        return bytes([n]) if n < 128 else struct.pack(">I", n | 0x80000000)
    return size(len(k)) + size(len(v)) + k + v


def record(kind, rid, data=b""):
    """The data in as many records as it takes; one empty record for none."""
    out = b""
    while True:
        piece, data = data[:65535], data[65535:]
        out += struct.pack(">BBHHBB", 1, kind, rid, len(piece), 0, 0) + piece
        if not data:
            return out


def begin(rid=1, keep=False, role=RESPONDER):
    return record(BEGIN, rid, struct.pack(">HB5x", role, 1 if keep else 0))


def environment(method, uri, more=None):
    path, _, query = uri.partition("?")
    env = {"GATEWAY_INTERFACE": "CGI/1.1", "SERVER_PROTOCOL": "HTTP/1.1",
           "SERVER_SOFTWARE": "test", "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "80",
           "REMOTE_ADDR": "127.0.0.1", "REMOTE_PORT": "4711", "REQUEST_METHOD": method,
           "REQUEST_URI": uri, "SCRIPT_NAME": "", "PATH_INFO": path, "QUERY_STRING": query}
    env.update(more or {})
    return env


def request(env, keep=False, role=RESPONDER, body=b"", rid=1):
    data = begin(rid, keep, role)
    data += record(PARAMS, rid, b"".join(pair(k, v) for k, v in env.items()))
    data += record(PARAMS, rid)
    if body:
        data += record(STDIN, rid, body)
    return data + record(STDIN, rid)


def connect(path, timeout=30.0):
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(timeout)
    s.connect(path)
    return s


def need(s, n):
    data = b""
    while len(data) < n:
        piece = s.recv(n - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data


def answer(s):
    """(stdout, stderr, how): how is "end STATUS", "eof", "timeout", "management" or an error."""
    out, err = [], []
    try:
        while True:
            _, kind, _, n, pad, _ = struct.unpack(">BBHHBB", need(s, 8))
            data = need(s, n)
            need(s, pad)
            if kind == STDOUT:
                out.append(data)
            elif kind == STDERR:
                err.append(data)
            elif kind == END:
                how = "end %d" % data[4]
                break
            elif kind in (GET_VALUES_RESULT, UNKNOWN):
                how = "management"
                break
    except EOFError:
        how = "eof"
    except socket.timeout:
        how = "timeout"
    except OSError as e:
        how = type(e).__name__
    return b"".join(out), b"".join(err), how


def parse(out):
    """(status, headers with lower-case names, body) of what a responder wrote."""
    head, _, body = out.partition(b"\r\n\r\n")
    headers = {}
    for line in head.decode("latin-1").split("\r\n"):
        k, _, v = line.partition(":")
        headers[k.strip().lower()] = v.strip()
    status = int(headers.get("status", "200").split()[0]) if head else 0
    return status, headers, body


def get(path, uri, method="GET", more=None, timeout=30.0):
    """A whole request: (status, headers, body, how)."""
    s = connect(path, timeout)
    try:
        s.sendall(request(environment(method, uri, more)))
        out, _, how = answer(s)
    finally:
        s.close()
    return parse(out) + (how,)


def main():
    more = dict(a.split("=", 1) for a in sys.argv[4:])
    s = connect(sys.argv[1], float(os.environ.get("FCGI_TIMEOUT", "60")))
    s.sendall(request(environment(sys.argv[2], sys.argv[3], more)))
    out, err, how = answer(s)
    sys.stdout.buffer.write(out)
    sys.stderr.buffer.write(err)
    if how != "end 0":
        sys.stderr.write("fcgi.py: %s\n" % how)
        sys.exit(1)


if __name__ == "__main__":
    main()
