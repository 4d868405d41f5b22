"""File names with [brackets] are told as they are: Rich would take some of them for its own marks."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
import typer
from PIL import Image
from typer.testing import CliRunner

from deploy.cli.process import process
from deploy.cli.read import read
from deploy.demo.__main__ import main as demo

NAMES = [  # in the second the brackets are around a folder's end
    "gate [north].jpg",
    "gate [/red].jpg",
]


def run(command: Any, *arguments: object) -> Any:
    single = typer.Typer()
    single.command()(command)
    return CliRunner().invoke(single, [str(each) for each in arguments])


def named(tmp_path: Path, name: str) -> Path:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_has_its_name_in_the_table_and_in_its_error(tmp_path: Path, name: str) -> None:
    picture = named(tmp_path, name)
    Image.new("RGB", (64, 48)).save(picture)
    missing = picture.with_stem("no [old]")

    result = run(read, picture, missing)

    assert picture.name in result.stdout
    assert result.stderr == f"{missing}: there is no such file\n"


@pytest.mark.parametrize("name", NAMES)
def test_a_video_that_cannot_be_read_has_its_name_in_its_error(tmp_path: Path, name: str) -> None:
    video = named(tmp_path, name)

    assert run(process, video).stderr.startswith(f"{video}: cannot be opened")


@pytest.mark.parametrize("name", NAMES)
def test_the_demo_names_a_video_that_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    monkeypatch.setenv("PLATESTREAM_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("VIDEO", name)
    monkeypatch.setattr(sys, "argv", ["demo"])

    assert demo() == 1
    assert capsys.readouterr().out == f"VIDEO {name}: there is no such file or folder\n"
