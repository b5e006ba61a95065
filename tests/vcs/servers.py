# tests/vcs/servers.py: ports of the loopback, and an sshd.
# SPDX-License-Identifier: Apache-2.0
import getpass
import os
import shutil
import socket
import subprocess
import time


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def may_have(address, port):
    try:
        socket.create_server((address, port)).close()
        return True
    except OSError:
        return False


def wait_port(port, address="127.0.0.1"):
    for _ in range(250):
        try:
            socket.create_connection((address, port), 1).close()
            return True
        except OSError:
            time.sleep(0.02)
    return False


class Sshd:
    """Keys good and bad, and files of known hosts, known and others, in its folder. port is
    0 where there is no sshd, or it cannot have the port."""

    def __init__(self, d, address="127.0.0.1", port=None):
        os.makedirs(d, 0o700)
        self.port = 0
        sshd = shutil.which("sshd") or "/usr/sbin/sshd"
        if not os.access(sshd, os.X_OK) or not shutil.which("ssh-keygen") or not may_have(address, port or 0):
            return
        for key in "host", "good", "bad":
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", f"{d}/{key}"], check=True)
        shutil.copy(f"{d}/good.pub", f"{d}/authorized")
        port = port or free_port()
        with open(f"{d}/conf", "w") as f:
            f.write(f"Port {port}\nListenAddress {address}\nHostKey {d}/host\nPidFile {d}/pid\n"
                    f"AuthorizedKeysFile {d}/authorized\nStrictModes no\nUsePAM no\nPasswordAuthentication no\n"
                    "KbdInteractiveAuthentication no\nPermitRootLogin yes\n")
        if os.geteuid() == 0:
            os.makedirs("/run/sshd", exist_ok=True)
        with open(f"{d}/log", "w") as log:
            self.p = subprocess.Popen([sshd, "-D", "-e", "-f", f"{d}/conf"], stdin=subprocess.DEVNULL, stderr=log)
        if not wait_port(port, address):
            self.stop()
            return
        self.port = port
        self.at = f"{getpass.getuser()}@{address}" + ("" if port == 22 else f":{port}")
        host = address if port == 22 else f"[{address}]:{port}"
        for name, key in ("known", "host"), ("others", "bad"):
            with open(f"{d}/{key}.pub") as f, open(f"{d}/{name}", "w") as to:
                to.write(f"{host} " + " ".join(f.read().split()[:2]) + "\n")

    def stop(self):
        self.p.terminate()
        self.p.wait()
