from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from deploy.cli import train as command


def app() -> typer.Typer:
    single = typer.Typer()
    single.command()(command.train)
    return single


@pytest.fixture
def without_pytorch(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *rest: None if name == "torch" else real(name, *rest)
    )
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("without_pytorch")
def test_without_the_training_parts_one_line_says_how_to_get_them(tmp_path: Path) -> None:
    result = CliRunner().invoke(app(), ["characters", "--pictures", str(tmp_path)])
    assert result.exit_code == 2
    assert result.output.strip().splitlines() == [
        "the training parts (PyTorch) are not installed: run `make train-setup` once"
    ]


def calls_of(folder: Path, monkeypatch: pytest.MonkeyPatch, *, status: int) -> list[list[str]]:
    """What the interpreter in `folder` is asked for, which ends with `status`."""
    python = folder / command.TRAINING_PYTHON
    python.parent.mkdir(parents=True)
    python.touch()
    calls: list[list[str]] = []

    def run(call: list[str], **_: Any) -> subprocess.CompletedProcess[bytes]:
        calls.append(call)
        return subprocess.CompletedProcess(call, status)

    monkeypatch.setattr(subprocess, "run", run)
    return calls


@pytest.mark.usefixtures("without_pytorch")
def test_the_environment_that_set_up_made_does_the_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = calls_of(tmp_path, monkeypatch, status=3)
    result = CliRunner().invoke(app(), ["plates", "--pictures", str(tmp_path), "--minutes", "5", "--resume"])
    assert result.exit_code == 3
    assert calls[0][:4] == [str(command.TRAINING_PYTHON), "-m", "triton_models.training", "plates"]
    assert calls[0][-3:] == ["--minutes", "5.0", "--resume"]
    assert calls[0][calls[0].index("--output") + 1].endswith("repository/plate")


@pytest.mark.usefixtures("without_pytorch")
def test_every_checkpoint_to_begin_with_is_handed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    starts = [tmp_path / "one.pt", tmp_path / "other.pt"]
    for path in starts:
        path.touch()
    calls = calls_of(tmp_path, monkeypatch, status=0)
    asked = [word for path in starts for word in ("--start", str(path))]
    CliRunner().invoke(app(), ["lines", "--pictures", str(tmp_path), *asked])
    assert calls[0][-4:] == asked


def test_an_interpreter_that_has_pytorch_trains_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())
    assert command.training_python() == sys.executable
