"""Labels' texts as people write them, held against texts as a reader gives them."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from triton_models.training.characters.plates import read_plates
from triton_models.training.evaluation.plates import FoundPlate
from triton_models.training.evaluation.run import PictureRead, evaluate
from triton_models.training.labels.annotations import Annotation, LabelledPlate, as_read, read_annotations

BOX = (10.0, 10.0, 90.0, 30.0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A picture whose plate is labelled as it is written, and one with a character that nobody could read."""
    notes = [
        {
            "image": f"{number}.jpg",
            "source": "own",
            "split": "val",
            "width": 100,
            "height": 40,
            "plates": [{"box": BOX, "text": text}],
        }
        for number, text in enumerate(("MH 12 ab-1234", "MH 12 A? 1234"))
    ]
    for note in notes:
        cv2.imwrite(str(tmp_path / str(note["image"])), np.full((40, 100, 3), 90, np.uint8))
    (tmp_path / "annotations.jsonl").write_text("".join(json.dumps(note) + "\n" for note in notes))
    return tmp_path


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("MH 12 AB 1234", "MH12AB1234"),
        ("mh-12.ab 1234", "MH12AB1234"),
        ("MH12A?1234", None),
        (" ", None),
        ("", None),
        (None, None),
    ],
)
def test_spaces_dashes_dots_and_small_letters_make_no_other_text(
    written: str | None, read: str | None
) -> None:
    plate = LabelledPlate(box=BOX, text=written)
    note = Annotation(image="a.jpg", source="own", split="val", width=100, height=40, plates=(plate,))
    assert [each.text for each in as_read(note).plates] == [read]


async def test_a_plate_labelled_as_it_is_written_is_read_exactly(folder: Path) -> None:
    async def reader(_: Path) -> PictureRead:
        return PictureRead([FoundPlate(BOX, "MH12AB1234", 0.99, accepted=True)])

    found = await evaluate(folder, read_annotations(folder, "val").pictures, reader, lambda: None)

    everything = found.counts["all"]
    assert (everything.labelled, everything.exact, everything.accepted_right) == (1, 1, 1)


def test_it_is_learned_from_and_one_that_nobody_could_read_is_not(folder: Path) -> None:
    assert [(cut.name, cut.text) for cut in read_plates(folder, "val").plates] == [("0.jpg", "MH12AB1234")]
