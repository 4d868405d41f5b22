"""What a command cannot write is told in one line that names it, before the work where that takes long."""

from __future__ import annotations

import errno
import json
import os
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest

from contracts.errors import Stop
from deploy.cli import evaluate as evaluate_command
from deploy.cli.main import app
from deploy.cli.outputs import check_writable, writing


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    cv2.imwrite(str(folder / "one.jpg"), np.full((30, 40, 3), 90, np.uint8))
    note = {"image": "one.jpg", "source": "here", "split": "val", "width": 40, "height": 30}
    (folder / "annotations.jsonl").write_text(json.dumps(note))
    return folder


def test_a_check_leaves_what_is_there_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "old.json").write_text("{}")
    check_writable(tmp_path / "old.json", tmp_path / "build" / "new.json")
    assert (tmp_path / "old.json").read_text() == "{}"
    assert list((tmp_path / "build").iterdir()) == []


def test_what_cannot_be_opened_to_write_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Stop, match=r"file/new\.json: cannot be written: (Not a directory|File exists)"):
        check_writable(tmp_path / "file" / "new.json")
    with pytest.raises(Stop, match=r"cannot be written: Is a directory"):
        check_writable(tmp_path)


def a_disk(**figures: int) -> Any:
    return lambda _: SimpleNamespace(**{"f_blocks": 1000, "f_frsize": 4096, "f_bavail": 1000, **figures})


def test_a_full_disk_is_told_and_no_empty_file_is_left_of_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fstatvfs", a_disk(f_bavail=3))
    with pytest.raises(Stop, match=r"new\.json: cannot be written: No space left on device"):
        check_writable(tmp_path / "new.json")
    check_writable(Path("/dev/null"))
    monkeypatch.setattr(os, "fstatvfs", a_disk(f_blocks=0, f_bavail=0))
    check_writable(tmp_path / "other.json")
    assert not (tmp_path / "other.json").exists()


def test_what_fails_while_it_is_written_is_named() -> None:
    full = Path("/dev/full")
    with pytest.raises(Stop, match=r"/dev/full: cannot be written: No space left on device"), writing(full):
        full.write_text("figures")


def called(monkeypatch: pytest.MonkeyPatch, *words: str | Path) -> str | int | None:
    """What the console script ends with: a sentence goes to stderr, and the status is 1."""
    monkeypatch.setattr(sys, "argv", ["platestream", *map(str, words)])
    with pytest.raises(SystemExit) as ended:
        app()
    return ended.value.code


@pytest.mark.parametrize("option", ["--json", "--sheet", "--suspects"])
def test_data_says_first_what_it_cannot_write(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, option: str
) -> None:
    monkeypatch.chdir(tmp_path)
    said = called(monkeypatch, "data", folder, option, folder / "one.jpg" / "out")
    assert said == f"platestream: {folder}/one.jpg/out: cannot be written: File exists"
    assert list((tmp_path / "build").iterdir() if (tmp_path / "build").exists() else []) == []


def test_data_says_what_it_could_not_write(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said = called(monkeypatch, "data", folder, "--json", "/dev/full")
    assert said == f"platestream: /dev/full: cannot be written: {os.strerror(errno.ENOSPC)}"


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["--json", "file/out.json"], "file/out.json"),
        (["--html", "file/out.html"], "file/out.html"),
        (["--jpeg"], "build/jpeg.json"),
    ],
)
def test_evaluate_says_before_it_measures_what_it_cannot_write(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], named: str
) -> None:
    def measured(*what: object) -> None:
        pytest.fail("nothing is measured")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(evaluate_command, "_measured", measured)
    monkeypatch.setattr(evaluate_command, "_drawn", measured)
    (tmp_path / "file").write_text("")
    if "--jpeg" in words:
        (tmp_path / "build").write_text("")
    for pictures in ([], ["--pictures", str(folder)]):
        said = called(monkeypatch, "evaluate", *pictures, *words)
        assert str(said).startswith(f"platestream: {named}: cannot be written: ")


def test_evaluate_says_that_scenes_cannot_be_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "pictures").write_text("")
    said = called(monkeypatch, "evaluate", "--limit", "1")
    assert str(said).startswith("platestream: build/pictures: cannot be written: ")
