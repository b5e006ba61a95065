# tests/vcs/dirhash.py: the hash h1 of a module zip.
# SPDX-License-Identifier: Apache-2.0
import base64
import hashlib
import zipfile


def h1(path):
    lines = []
    with zipfile.ZipFile(path) as z:
        for i in z.infolist():
            lines.append((i.filename, hashlib.sha256(z.read(i)).hexdigest()))
    whole = "".join(f"{digest}  {name}\n" for name, digest in sorted(
        lines, key=lambda l: l[0].encode()))
    return "h1:" + base64.b64encode(hashlib.sha256(whole.encode()).digest()).decode()
