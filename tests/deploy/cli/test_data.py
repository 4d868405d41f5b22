"""The command on a small folder, with the reader that is shipped."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from deploy.cli.data import data


def test_what_is_wrong_is_named_and_a_sheet_and_a_list_are_written(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    picture = cv2.resize(rng.integers(0, 255, (6, 8, 3)).astype(np.uint8), (320, 240))
    for name in ("one.jpg", "copy.jpg"):
        cv2.imwrite(str(tmp_path / name), picture)
    (tmp_path / "cut.jpg").write_bytes((tmp_path / "one.jpg").read_bytes()[:2000])
    plate = {"box": [80, 90, 380, 150], "text": "MH12AB1234"}
    notes = [
        {"image": name, "source": "made", "split": split, "width": 320, "height": 240, "plates": [plate]}
        for name, split in (("one.jpg", "train"), ("copy.jpg", "test"), ("cut.jpg", "val"), ("no.jpg", "val"))
    ]
    (tmp_path / "annotations.jsonl").write_text("".join(json.dumps(note) + "\n" for note in notes) + "{\n")
    single = typer.Typer()
    single.command()(data)
    out = {name: tmp_path / "out" / name for name in ("data.json", "data.jpg", "suspects.jsonl")}
    result = CliRunner().invoke(
        single,
        [str(tmp_path), "--json", str(out["data.json"]), "--sheet", str(out["data.jpg"]),
         "--suspects", str(out["suspects.jsonl"])],
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    figures = json.loads(out["data.json"].read_text())
    assert figures["found"]["missing or damaged"] == 2
    assert figures["found"]["box outside"] == 4
    assert figures["found"]["near-duplicate in another split"] == 1
    assert figures["sources"]["made"]["pictures"] == {"test": 1, "train": 1, "val": 2}
    assert len(figures["damaged_lines"]) == 1
    assert "copy.jpg (test), 0 bits" in result.output
    sheet = cv2.imread(str(out["data.jpg"]))
    assert sheet is not None
    assert sheet.shape[1] == 8 * 200 or sheet.shape[1] == 2 * 200
    assert out["suspects.jsonl"].is_file()


def test_a_plate_outside_its_picture_is_named_and_keeps_no_suspect_from_being_found(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    cv2.imwrite(str(tmp_path / "one.jpg"), np.full((240, 320, 3), 90, np.uint8))
    plate = {"box": [900, 90, 980, 150], "text": "MH12AB1234"}
    note = {"image": "one.jpg", "source": "made", "split": "train", "width": 320, "height": 240}
    (tmp_path / "annotations.jsonl").write_text(json.dumps({**note, "plates": [plate]}))
    single = typer.Typer()
    single.command()(data)
    out = {name: str(tmp_path / name) for name in ("data.json", "data.jpg", "suspects.jsonl")}
    result = CliRunner().invoke(
        single,
        [str(tmp_path), "--json", out["data.json"], "--sheet", out["data.jpg"],
         "--suspects", out["suspects.jsonl"]],
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    assert "plate [900.0, 90.0, 980.0, 150.0]: not within 320 x 240" in result.output
    assert "one.jpg plate 1: box [900.0, 90.0, 980.0, 150.0]" in caplog.text
