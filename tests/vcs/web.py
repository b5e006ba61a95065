# tests/vcs/web.py: any host of the web: an HTTP proxy on the loopback that answers for
# all of them itself, with a certificate of its own for https.
# SPDX-License-Identifier: Apache-2.0
import http.server
import os
import ssl
import subprocess
import threading


def certificate(folder, hosts):
    """A self-signed certificate for the hosts: (file with it, file with its key)"""
    crt, key = os.path.join(folder, "web.crt"), os.path.join(folder, "web.key")
    names = ",".join("DNS:" + h for h in hosts)
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30",
                    "-subj", "/CN=stoa test", "-addext", "subjectAltName=" + names,
                    "-keyout", key, "-out", crt], check=True, stderr=subprocess.DEVNULL)
    return crt, key


class Web:
    """answer(scheme, host, path_with_query) -> (status, headers, bytes) or None"""

    def __init__(self, answer, crt=None, key=None):
        self.answer = answer
        self.asked = []
        context = None
        if crt:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(crt, key)
        web = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            inside = None

            def log_message(self, *a):
                pass

            def do_CONNECT(self):
                host = self.path.rsplit(":", 1)[0]
                self.send_response(200)
                self.end_headers()
                self.wfile.flush()
                try:
                    s = context.wrap_socket(self.connection, server_side=True)
                except (ssl.SSLError, OSError):
                    self.close_connection = True
                    return
                self.connection = s
                self.rfile = s.makefile("rb")
                self.wfile = s.makefile("wb", buffering=0)
                self.inside = host
                self.close_connection = False

            def do_GET(self):
                if self.inside:
                    scheme, host, path = "https", self.inside, self.path
                else:
                    rest = self.path.split("://", 1)[-1]
                    host, _, path = rest.partition("/")
                    scheme, path = "http", "/" + path
                web.asked.append((scheme, host, path))
                got = web.answer(scheme, host, path) or (404, {}, b"nothing here\n")
                status, headers, body = got
                if isinstance(body, str):
                    body = body.encode()
                self.send_response(status)
                for k, v in headers.items():
                    self.send_header(k, v)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *a):
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = "http://127.0.0.1:%d" % self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
