"""The console script for tests that call it as a person does."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.cli.main import app


@dataclass(frozen=True)
class Done:
    status: int
    out: str
    err: str


@pytest.fixture
def platestream(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Done]:
    """The entry of the console script in this process: a new one would take a second each time."""

    def call(*words: str) -> Done:
        monkeypatch.setenv("PLATESTREAM_STATE", str(tmp_path / "state"))
        monkeypatch.setattr(sys, "argv", ["platestream", *words])
        with pytest.raises(SystemExit) as ended:
            app()
        captured = capsys.readouterr()
        # What Python itself does with the sentence that a script ends with.
        if isinstance(ended.value.code, str):
            return Done(1, captured.out, captured.err + ended.value.code + "\n")
        return Done(int(ended.value.code or 0), captured.out, captured.err)

    return call
