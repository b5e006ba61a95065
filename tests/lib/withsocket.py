#!/usr/bin/env python3
"""Opens a listening socket, then becomes another program that inherits it.

    withsocket.py [--fd N] [--unix PATH | --port-file FILE] [--subst FILE]... -- PROGRAM [ARG]...

With --port-file the socket is on 127.0.0.1 and a port of the system's choice,
which is written there, and replaces @PORT@ in the files of --subst. With --fd 3
(the default) LISTEN_FDS and LISTEN_PID are set, as systemd does it; with --fd 0
they are not, as spawn-fcgi and web servers do it.

SPDX-License-Identifier: Apache-2.0
"""
import argparse
import os
import socket

p = argparse.ArgumentParser()
p.add_argument("--fd", type=int, default=3)
p.add_argument("--unix")
p.add_argument("--port-file")
p.add_argument("--subst", action="append", default=[])
p.add_argument("program", nargs="+")
a = p.parse_args()

if a.unix:
    s = socket.socket(socket.AF_UNIX)
    s.bind(a.unix)
else:
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(("127.0.0.1", 0))
s.listen(1024)
if s.fileno() != a.fd:
    os.dup2(s.fileno(), a.fd)
os.set_inheritable(a.fd, True)
if a.fd == 3:
    os.environ["LISTEN_FDS"] = "1"
    os.environ["LISTEN_PID"] = str(os.getpid())
if not a.unix:
    port = str(s.getsockname()[1])
    for name in a.subst:
        with open(name) as f:
            text = f.read()
        with open(name, "w") as f:
            f.write(text.replace("@PORT@", port))
    if a.port_file:
        with open(a.port_file + ".new", "w") as f:
            f.write(port + "\n")
        os.rename(a.port_file + ".new", a.port_file)
os.execvp(a.program[0], a.program)
