from __future__ import annotations

from pathlib import Path

import pytest

from contracts.errors import Stop
from triton_models.training.labels.sources import check_without, told_missing


def test_sources_that_are_named_and_have_nothing_are_told() -> None:
    assert told_missing(["b", "drawn", "a", "here"], [], ["here", "here"]) == (
        "nothing to learn from is there of a, b"
    )


def test_what_is_left_out_on_purpose_is_not_missed() -> None:
    assert told_missing(["left", "here", "drawn"], ["left"], ["here", "another"]) == ""


def test_a_source_to_leave_out_that_no_picture_is_of_is_refused(tmp_path: Path) -> None:
    note = '{"image": "a.jpg", "source": "trucks", "split": "train", "width": 9, "height": 9}\n'
    (tmp_path / "annotations.jsonl").write_text(note)
    check_without(tmp_path, ["trucks"])
    with pytest.raises(Stop, match=r"--without truck: no picture .* there are trucks"):
        check_without(tmp_path, ["truck"])
