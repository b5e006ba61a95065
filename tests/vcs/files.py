# tests/vcs/files.py: the files of a working folder.
# SPDX-License-Identifier: Apache-2.0
import os


def write_files(folder, files):
    """files: path -> text, None (removed), ("link", text), ("exec", text)"""
    for path, what in files.items():
        at = os.path.join(folder, path)
        if what is None:
            os.unlink(at)
            continue
        os.makedirs(os.path.dirname(at), exist_ok=True)
        kind, what = what if isinstance(what, tuple) else ("file", what)
        if kind == "link":
            os.symlink(what, at)
            continue
        with open(at, "wb") as f:
            f.write(what if isinstance(what, bytes) else what.encode())
        if kind == "exec":
            os.chmod(at, 0o755)
