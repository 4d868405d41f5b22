"""Rows of others' cascades over two tiny pictures."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deploy.accuracy.reads import Cascades, reads_beside_ours
from triton_models.geometry import box_corners
from triton_models.training.evaluation.peers import Boxes, Detector, Floats, Reader, Rgb
from triton_models.training.evaluation.plates import SourceCounts
from triton_models.training.labels.annotations import Annotation, Box, LabelledPlate

LEFT: Box = (0.0, 0.0, 40.0, 10.0)
RIGHT: Box = (50.0, 0.0, 90.0, 10.0)
PICTURE = np.zeros((20, 100, 3), np.uint8)


def note(source: str, *texts: str, complete: bool = False) -> Annotation:
    """A picture with plates from the left."""
    plates = tuple(LabelledPlate(box=box, text=text) for box, text in zip((LEFT, RIGHT), texts, strict=False))
    return Annotation(
        image=f"{source}.jpg", source=source, split="val", width=100, height=20, plates=plates,
        plates_complete=complete,
    )  # fmt: skip


def finds(*scored: tuple[Box, float]) -> Detector:
    boxes = np.array([box for box, _ in scored], np.float32)
    scores = np.array([score for _, score in scored], np.float32)
    return lambda picture: Boxes(boxes, scores, box_corners(boxes))


class Reads:
    """One text for a plate at the left, another for one at the right."""

    def __init__(self, left: str, right: str = "") -> None:
        self._texts = {LEFT[0]: left, RIGHT[0]: right}
        self.asked = 0

    def __call__(self, picture: Rgb, corners: Floats) -> str:
        self.asked += 1
        return self._texts[float(corners[0, 0])]


def rows(detectors: dict[str, Detector], readers: dict[str, Reader], *notes: Annotation) -> dict[str, Any]:
    cascades = Cascades(detectors, readers)
    ours = {name: SourceCounts() for name in ("all", "one line", *(each.source for each in notes))}
    for each in notes:
        cascades.add(each, PICTURE)
    return cascades.rows_beside(ours)


BOTH = finds((LEFT, 0.9), (RIGHT, 0.8))


def test_every_reader_stands_behind_every_detector_by_itself_and_by_rules_with_ours_first() -> None:
    table = rows(
        {"small": BOTH, "large": BOTH}, {"slots": Reads("A"), "lines": Reads("B")}, note("street", "A")
    )
    assert list(table) == [
        "platestream",
        "small + slots", "small + slots + Indian rules", "small + lines", "small + lines + Indian rules",
        "large + slots", "large + slots + Indian rules", "large + lines", "large + lines + Indian rules",
    ]  # fmt: skip
    columns = ["all", "all: accepted, right", "street", "street: accepted, right"]
    assert all(list(row) == columns for row in table.values())


def test_two_pictures_are_counted_together_and_by_source() -> None:
    """The first one's left plate is read but for a figure in place of a letter; nothing else is."""
    pictures = (note("street", "MH12AB1234", "KA05MZ1234"), note("trucks", "MH12AB1999"))
    table = rows({"small": BOTH}, {"lines": Reads("MH12A81234", "HELLO")}, *pictures)
    as_read, by_rules = table["small + lines"], table["small + lines + Indian rules"]

    def counted(rate: dict[str, int]) -> tuple[int, int]:
        return rate["right"], rate["of"]

    assert counted(as_read["all"]) == (0, 3)
    assert counted(as_read["all: accepted, right"]) == (0, 3)  # whatever is read is accepted
    assert counted(by_rules["all"]) == (1, 3)
    assert counted(by_rules["all: accepted, right"]) == (1, 2)  # HELLO is no number
    assert counted(by_rules["street: accepted, right"]) == (1, 1)
    assert counted(by_rules["trucks"]) == (0, 1)
    assert by_rules["all"]["low"] < by_rules["all"]["rate"] < by_rules["all"]["high"]


def test_what_fits_no_rule_is_still_read_as_it_stands() -> None:
    table = rows({"small": BOTH}, {"lines": Reads("ABC1234")}, note("street", "ABC1234"))
    by_rules = table["small + lines + Indian rules"]
    assert by_rules["all"]["right"] == 1
    assert by_rules["all: accepted, right"]["of"] == 0


@pytest.mark.parametrize(("complete", "accepted"), [(True, 2), (False, 1)])
def test_a_number_beside_the_labels_is_wrong_where_every_plate_is_labelled(
    complete: bool, accepted: int
) -> None:
    read = Reads("MH12AB1234", "KA05MZ1234")
    table = rows({"small": BOTH}, {"lines": read}, note("street", "MH12AB1234", complete=complete))
    precision = table["small + lines + Indian rules"]["all: accepted, right"]
    assert (precision["right"], precision["of"]) == (1, accepted)


def test_a_reader_sees_each_plate_that_a_detector_is_sure_of_once() -> None:
    read = Reads("MH12AB1234")
    rows({"small": finds((LEFT, 0.25), (RIGHT, 0.24))}, {"lines": read}, note("street", "MH12AB1234"))
    assert read.asked == 1


def test_an_empty_text_is_not_accepted() -> None:
    table = rows({"small": BOTH}, {"lines": Reads("")}, note("street", "MH12AB1234"))
    assert table["small + lines"]["all: accepted, right"]["of"] == 0


def test_ours_are_the_counts_of_the_run_from_end_to_end() -> None:
    cascades = Cascades({"small": BOTH}, {"lines": Reads("A")})
    cascades.add(note("street", "A"), PICTURE)
    street = SourceCounts(labelled=4, exact=3, accepted=2, accepted_right=2)
    ours = cascades.rows_beside({"all": street, "street": street, "night": SourceCounts()})["platestream"]
    assert (ours["street"]["right"], ours["street"]["of"]) == (3, 4)
    assert ours["street: accepted, right"]["rate"] == 1.0
    assert "night" not in ours


def test_without_others_models_there_is_no_table(tmp_path: Path) -> None:
    for peers in (None, tmp_path):
        assert asyncio.run(reads_beside_ours(tmp_path, [note("street", "A")], {}, peers)) == {}
