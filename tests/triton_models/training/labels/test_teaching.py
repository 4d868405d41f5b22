"""A folder whose pictures get another model's vehicles as labels; a function plays the model."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from contracts.errors import Stop
from triton_models.training.detectors.pictures import Rgb
from triton_models.training.evaluation.peers import Boxes, vehicle_teacher
from triton_models.training.labels.annotations import TeacherLabels, read_annotations, read_teacher
from triton_models.training.labels.teaching import teach

COMPLETE = {"vehicles_complete": True, "vehicle_classes": ["car", "bus"]}
ONE_KIND = {"vehicles_complete": True, "vehicle_classes": ["rickshaw"]}


def a_folder(folder: Path, notes: dict[str, dict[str, Any]], teacher: dict[str, Any]) -> Path:
    folder.mkdir()
    cv2.imwrite(str(folder / "one.jpg"), np.full((30, 40, 3), 90, np.uint8))
    lines = []
    for name, note in notes.items():
        if not (folder / name).exists() and name != "missing.jpg":
            (folder / name).symlink_to("one.jpg")
        whole = {"image": name, "source": "here", "split": "train", "width": 40, "height": 30, **note}
        lines.append(json.dumps(whole) + "\n")
    (folder / "annotations.jsonl").write_text("".join(lines))
    taught = [json.dumps({"image": name, **labels}) + "\n" for name, labels in teacher.items()]
    (folder / "teacher.jsonl").write_text("".join(taught))
    return folder


def sees(picture: Rgb) -> Boxes:
    """A sure truck and something that is next to nothing, in every picture."""
    boxes = np.array([[1.04, 2.0, 30.0, 20.0], [0.0, 0.0, 5.0, 5.0]], np.float32)
    return Boxes(boxes, np.array([0.8, 0.05], np.float32), kinds=("truck", "car"))


def vehicles_of(folder: Path) -> dict[str, list[tuple[str, float]]]:
    found: dict[str, TeacherLabels] = read_teacher(folder, [])
    return {name: [(each.kind, each.score) for each in labels.vehicles] for name, labels in found.items()}


def quiet(total: int) -> Any:
    return lambda: None


def test_pictures_whose_vehicles_nobody_labelled_get_them_and_keep_their_plates(tmp_path: Path) -> None:
    corners = [[1, 1], [9, 1], [9, 4], [1, 4]]
    plates = {"plates": [{"box": [1, 1, 9, 4], "corners": corners, "score": 0.9}]}
    own = {"vehicles": [{"class": "car", "box": [1, 1, 9, 9], "score": 0.7}]}
    folder = a_folder(
        tmp_path / "from",
        {
            "one.jpg": {},
            "rickshaws.jpg": ONE_KIND,
            "known.jpg": {},
            "complete.jpg": COMPLETE,
            "crop.jpg": {"kind": "crop"},
            "held_out.jpg": {"split": "val"},
            "judged.jpg": {"split": "test"},
            "missing.jpg": {},
        },
        {"one.jpg": plates, "known.jpg": own},
    )

    added, left_out = teach(folder, tmp_path / "to", sees, quiet)

    truck = [("truck", 0.8)]
    taught = dict.fromkeys(("one.jpg", "rickshaws.jpg", "held_out.jpg"), truck)
    assert vehicles_of(tmp_path / "to") == taught | {"known.jpg": [("car", 0.7)]}
    assert (added, [each.picture for each in left_out]) == (3, ["missing.jpg"])
    assert len(read_teacher(tmp_path / "to", [])["one.jpg"].plates) == 1
    assert read_annotations(tmp_path / "to") == read_annotations(folder)
    assert (tmp_path / "to" / "one.jpg").read_bytes() == (folder / "one.jpg").read_bytes()


def test_a_folder_that_is_there_already_is_left_as_it_is(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "from", {"one.jpg": {}}, {})
    with pytest.raises(Stop, match="is there already"):
        teach(folder, folder, sees, quiet)
    assert vehicles_of(folder) == {}


def test_a_teacher_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Stop, match=r"yolox_nano\.onnx"):
        vehicle_teacher(tmp_path)


def test_a_folder_that_cannot_be_made_is_told_before_anything_is_looked_at(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "from", {"one.jpg": {}}, {})
    (tmp_path / "file").write_text("")
    looked: list[Rgb] = []

    def looks(picture: Rgb) -> Boxes:
        looked.append(picture)
        return sees(picture)

    with pytest.raises(Stop, match=r"file/to: cannot be written: Not a directory"):
        teach(folder, tmp_path / "file" / "to", looks, quiet)
    assert looked == []


def test_a_full_disk_is_told_and_what_was_begun_is_taken_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = a_folder(tmp_path / "from", {"one.jpg": {}}, {})

    def full(path: Path, content: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as disk:
        disk.setattr(Path, "write_bytes", full)
        with pytest.raises(Stop, match=r"/to: cannot be written: No space left on device"):
            teach(folder, tmp_path / "to", sees, quiet)
    assert [path.name for path in tmp_path.iterdir()] == ["from"]
    assert (folder / "one.jpg").is_file(), "links were taken away, not what they lead to"
    assert teach(folder, tmp_path / "to", sees, quiet)[0] == 1


def test_what_a_run_that_was_killed_left_does_not_block_the_next(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "from", {"one.jpg": {}}, {})
    (tmp_path / ".to.part").mkdir()
    (tmp_path / ".to.part" / "one.jpg").symlink_to(folder / "one.jpg")
    assert teach(folder, tmp_path / "to", sees, quiet)[0] == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["from", "to"]
    assert (folder / "one.jpg").is_file()


def test_a_taught_folder_within_the_other_does_not_hold_itself(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "from", {"one.jpg": {}}, {})
    teach(folder, folder / "to", sees, quiet)
    names = sorted(path.name for path in (folder / "to").iterdir())
    assert names == ["annotations.jsonl", "one.jpg", "teacher.jsonl"]
