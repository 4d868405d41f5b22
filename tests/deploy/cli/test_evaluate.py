"""The command on a small folder, with the models that are shipped."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from deploy.accuracy.jpeg import SHIFTS_PX
from deploy.accuracy.weather import NAMES
from deploy.cli.evaluate import evaluate


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A plate, a picture cut off in the middle, one that is missing, one of another split, and two without
    a labelled plate, one of which is said to hold none, beside a third that is no picture."""
    picture = np.full((240, 400, 3), 90, np.uint8)
    cv2.rectangle(picture, (80, 90), (320, 150), (240, 240, 240), -1)
    cv2.putText(picture, "MH 12 AB 1234", (88, 132), cv2.FONT_HERSHEY_DUPLEX, 0.95, (10, 10, 10), 2)
    cv2.imwrite(str(tmp_path / "plate.jpg"), picture)
    whole = (tmp_path / "plate.jpg").read_bytes()
    (tmp_path / "cut.jpg").write_bytes(whole[: len(whole) // 3])
    plate = {"box": [80, 90, 320, 150], "text": "MH12AB1234", "lines": 1}
    notes = [
        {"image": name, "source": "made", "split": split, "width": 400, "height": 240, "plates": [plate]}
        for name, split in (("plate.jpg", "val"), ("cut.jpg", "val"), ("gone.jpg", "val"), ("t.jpg", "test"))
    ]
    (tmp_path / "torn.jpg").write_bytes(b"no picture")
    cv2.imwrite(str(tmp_path / "wall.jpg"), np.full((240, 400, 3), 90, np.uint8))
    notes += [
        {
            "image": name,
            "source": "wall",
            "split": "val",
            "width": 400,
            "height": 240,
            "plates_complete": complete,
        }
        for name, complete in (("wall.jpg", True), ("plate.jpg", False), ("torn.jpg", False))
    ]
    (tmp_path / "annotations.jsonl").write_text("".join(json.dumps(note) + "\n" for note in notes) + "{\n")
    return tmp_path


def run(*arguments: str) -> Any:
    single = typer.Typer()
    single.command()(evaluate)
    return CliRunner().invoke(single, arguments)


def test_figures_name_the_models_the_rates_and_everything_skipped(folder: Path, tmp_path: Path) -> None:
    report = tmp_path / "build" / "accuracy.json"
    result = run("--pictures", str(folder), "--json", str(report))
    assert result.exit_code == 0, result.output
    figures = json.loads(report.read_text())
    assert {model["name"] for model in figures["models"]} == {"vehicle", "plate", "characters", "lines"}
    everything = figures["end_to_end"]["all"]
    assert (everything["pictures"], everything["plates"]) == (1, 1)
    assert everything["exact"]["of"] == 1
    assert figures["alone"]["characters"]["all"]["plates"]["of"] == 1
    assert figures["alone"]["plate"]["all"]["recall"]["of"] >= 1
    lines = figures["alone"]["plate"]["all"]["lines_right"]
    assert lines["right"] == lines["of"] == figures["alone"]["plate"]["all"]["recall"]["right"]
    assert [item["picture"] for item in figures["skipped"]] == [
        "annotations.jsonl line 8",
        "cut.jpg",
        "gone.jpg",
        "torn.jpg",
    ]
    assert "gone.jpg" in result.output
    assert "accepted reads that are right" in result.output
    assert "MH12AB1234" in report.with_suffix(".html").read_text() or everything["exact"]["right"] == 1
    invented = figures["invented"]
    assert (invented["without"]["pictures"], invented["unlabelled"]["pictures"]) == (1, 1)
    assert invented["without"]["any_text"]["rate"] == 0.0
    assert invented["unlabelled"]["any_text"]["rate"] == 1.0
    assert figures["goals"][-1]["holds"] is True
    ours = figures["peers"]["plates, average precision at an overlap of a half"]["platestream"]
    assert ours["all"]["labelled"] == 1


def test_a_plate_outside_its_picture_is_told_and_the_others_are_judged(folder: Path, tmp_path: Path) -> None:
    notes = (folder / "annotations.jsonl").read_text().splitlines()
    first = json.loads(notes[0])
    first["plates"] += [{"box": [900, 90, 980, 150], "text": "KA01CD5678"}]
    (folder / "annotations.jsonl").write_text("\n".join([json.dumps(first), *notes[1:]]))
    report = tmp_path / "build" / "accuracy.json"
    result = run("--pictures", str(folder), "--json", str(report))
    assert result.exit_code == 0, result.output
    figures = json.loads(report.read_text())
    told = {item["picture"]: item["why"] for item in figures["skipped"]}
    assert told["plate.jpg plate 2"] == "box [900.0, 90.0, 980.0, 150.0]: outside the picture of 400 x 240"
    assert figures["end_to_end"]["all"]["plates"] == 1
    assert figures["alone"]["characters"]["all"]["plates"]["of"] == 1
    assert figures["alone"]["plate"]["all"]["recall"]["of"] >= 1


def test_a_split_without_plates_is_said_in_one_line(folder: Path, tmp_path: Path) -> None:
    result = run("--pictures", str(folder), "--split", "train", "--json", str(tmp_path / "figures.json"))
    assert result.exit_code == 1
    assert "no plate with a known text in the split train" in result.output


def test_a_split_that_nobody_knows_is_refused_and_the_figures_stay(folder: Path, tmp_path: Path) -> None:
    report = tmp_path / "figures.json"
    report.write_text("those of before")
    result = run("--pictures", str(folder), "--split", "vall", "--json", str(report))
    assert result.exit_code == 2
    assert "vall" in result.output
    assert report.read_text() == "those of before"


@pytest.mark.parametrize("names", [("--json", "both.html"), ("--json", "both", "--html", "both")])
def test_figures_and_page_are_not_written_into_one_file(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, names: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("--pictures", str(folder), *names)
    assert result.exit_code == 2
    assert "cannot hold the figures and the page" in " ".join(result.output.replace("│", " ").split())


def test_frames_are_compressed_anew_at_every_quality_and_the_lowest_that_costs_nothing_is_named(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("--pictures", str(folder), "--jpeg")
    assert result.exit_code == 0, result.output
    found = json.loads((tmp_path / "build" / "jpeg.json").read_text())
    as_it_is, *qualities = found["qualities"]
    assert (as_it_is["quality"], as_it_is["plates"]) == (None, len(SHIFTS_PX))
    sizes = [each["bits_per_pixel"] for each in qualities]
    assert sizes == sorted(sizes, reverse=True)
    assert f"quality {found['smallest']} is the lowest" in result.output


@pytest.mark.parametrize("what", ["--jpeg", "--weather"])
def test_without_a_known_text_there_is_nothing_to_measure(folder: Path, what: str) -> None:
    result = run("--pictures", str(folder), what, "--split", "train")
    assert result.exit_code == 1
    assert "no plate with a known text" in result.output


def test_every_condition_is_drawn_over_the_same_plates(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("--pictures", str(folder), "--weather")
    assert result.exit_code == 0, result.output
    found = json.loads((tmp_path / "build" / "weather.json").read_text())
    assert [each["condition"] for each in found["conditions"]] == list(NAMES)
    assert {each["plates"] for each in found["conditions"]} == {1}
    assert found["conditions"][0]["exact"] == 1
    assert all(name in result.output for name in NAMES)


def test_only_one_other_thing_is_measured_at_a_time(folder: Path) -> None:
    result = run("--pictures", str(folder), "--weather", "--jpeg")
    assert result.exit_code == 2
    assert "not together with --jpeg" in result.output
