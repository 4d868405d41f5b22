"""PACKAGE LOCK FOLDER: some files of an npm package, checked against the lock's integrity -> one folder."""

from __future__ import annotations

import base64
import hashlib
import shutil
import sys
import tarfile
import tomllib
from pathlib import Path

ROOT = "package/"
"""npm packs everything into this folder."""


def unpack(package: Path, lock: Path, folder: Path) -> int:
    """The lock's files of a packed package and none besides, by their last names; returns how many. The
    folder is replaced as a whole; it does not appear when something is wrong."""
    wanted = tomllib.loads(lock.read_text())
    kind, _, expected = wanted["integrity"].partition("-")
    actual = base64.b64encode(hashlib.new(kind, package.read_bytes()).digest()).decode()
    if actual != expected:
        # What does not match must not be found there the next time either.
        package.unlink()
        sys.exit(f"{package.name} has {kind} {actual}, the lock says {expected}")
    draft = folder.with_name(f"{folder.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    with tarfile.open(package) as content:
        for name in wanted["files"]:
            packed = content.extractfile(ROOT + name) if ROOT + name in content.getnames() else None
            if packed is None:
                sys.exit(f"{package.name}: {name} is no file")
            (draft / Path(name).name).write_bytes(packed.read())
    shutil.rmtree(folder, ignore_errors=True)
    draft.rename(folder)
    return len(wanted["files"])


if __name__ == "__main__":
    packed_package, lock_file, target = map(Path, sys.argv[1:4])
    print(f"{unpack(packed_package, lock_file, target)} files in {target}")
