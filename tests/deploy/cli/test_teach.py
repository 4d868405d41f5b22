"""The command that labels vehicles by another model."""

from __future__ import annotations

from pathlib import Path

import typer
from typer.testing import CliRunner

from contracts.errors import Stop
from deploy.cli.teach import teach


def test_a_folder_without_the_model_that_labels_is_named_and_nothing_is_written(tmp_path: Path) -> None:
    single = typer.Typer()
    single.command()(teach)
    (tmp_path / "annotations.jsonl").write_text("")
    result = CliRunner().invoke(
        single, [str(tmp_path), str(tmp_path / "to"), "--peers", str(tmp_path)], catch_exceptions=True
    )
    assert isinstance(result.exception, Stop)
    assert "yolox_nano.onnx, which would label the vehicles" in str(result.exception)
    assert not (tmp_path / "to").exists()
