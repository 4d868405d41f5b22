from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from deploy.accuracy.voting import sequences, voting_gain
from deploy.reading.reader import PictureReader
from triton_models.training.labels.annotations import Annotation, LabelledPlate

BOX = (80.0, 90.0, 320.0, 150.0)


def note(name: str, text: str | None, group: str | None = "g", kind: str | None = None) -> Annotation:
    plate = LabelledPlate(box=BOX, text=text)
    return Annotation(
        image=name, source="clip", split="val", width=400, height=240, plates=(plate,), group=group, kind=kind
    )


def test_only_three_pictures_of_one_plate_are_a_sequence() -> None:
    notes = [note(f"{number}.jpg", "MH12AB1234") for number in range(3)]
    assert [len(frames) for frames in sequences(notes).values()] == [3]
    assert sequences(notes[:2]) == {}
    assert sequences([note("a.jpg", None)] * 3) == {}
    assert sequences([note("a.jpg", "MH12AB1234", group=None)] * 3) == {}
    assert sequences([note("a.jpg", "MH12AB1234", kind="crop")] * 3) == {}


async def test_a_sequence_counts_once_and_a_missing_frame_as_wrong(tmp_path: Path) -> None:
    picture = np.full((240, 400, 3), 90, np.uint8)
    cv2.rectangle(picture, (80, 90), (320, 150), (240, 240, 240), -1)
    cv2.putText(picture, "MH 12 AB 1234", (88, 132), cv2.FONT_HERSHEY_DUPLEX, 0.95, (10, 10, 10), 2)
    for name in ("0.jpg", "1.jpg", "2.jpg"):
        cv2.imwrite(str(tmp_path / name), picture)
    reader = PictureReader()
    try:
        notes = [note(f"{number}.jpg", "MH12AB1234") for number in range(4)]
        gain = await voting_gain(tmp_path, notes, reader)
    finally:
        await reader.close()
    assert (gain["sequences"], gain["frames"]) == (1, 4)
    assert gain["one_frame"] in (0.0, 0.75)
    assert gain["voted"]["of"] == 1
    assert gain["voted"]["right"] == (gain["one_frame"] > 0)
