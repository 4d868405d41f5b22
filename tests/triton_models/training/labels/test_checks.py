from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from triton_models.training.labels.annotations import (
    Annotation,
    LabelledCharacter,
    LabelledPlate,
    LabelledVehicle,
)
from triton_models.training.labels.checks import (
    BOX,
    CHARACTERS,
    FORMAT,
    MISSING,
    SIZE,
    TEXT,
    Finding,
    check_labels,
    check_pictures,
)


def note(*plates: LabelledPlate, vehicles: tuple[LabelledVehicle, ...] = ()) -> Annotation:
    return Annotation(
        image="a.jpg", source="here", split="val", width=200, height=100, plates=plates, vehicles=vehicles
    )


def plate(
    text: str | None = "MH12AB1234", box: tuple[float, float, float, float] = (10, 10, 90, 30)
) -> LabelledPlate:
    return LabelledPlate(box=box, text=text)


def kinds(labelled: Annotation) -> list[str]:
    return [finding.kind for finding in check_labels(labelled)]


def test_sound_labels_give_nothing() -> None:
    assert kinds(note(plate(), plate(None), plate(box=(-1.5, 0, 90, 101)))) == []


@pytest.mark.parametrize("box", [(150, 10, 230, 30), (10, -9, 50, 30), (50, 10, 20, 30), (10, 10, 10, 30)])
def test_a_box_outside_or_without_area_is_named(box: tuple[float, float, float, float]) -> None:
    assert kinds(note(plate(box=box))) == [BOX]
    assert kinds(note(vehicles=(LabelledVehicle(kind="car", box=box),))) == [BOX]


@pytest.mark.parametrize(
    ("text", "kind"), [("mh12ab1234", TEXT), ("MH 12 AB 1234", TEXT), ("", TEXT), ("Q90043", FORMAT)]
)
def test_texts_with_other_signs_and_of_no_known_format_are_told_apart(text: str, kind: str) -> None:
    assert kinds(note(plate(text))) == [kind]


def test_characters_that_spell_something_else_are_named() -> None:
    letters = tuple(LabelledCharacter(letter, (0, 0, 5, 5)) for letter in "MH12AB1235")
    spelled = LabelledPlate(box=(10, 10, 90, 30), text="MH12AB1234", characters=letters)
    assert [finding.what for finding in check_labels(note(spelled))] == ["MH12AB1235 beside MH12AB1234"]
    assert kinds(note(spelled)) == [CHARACTERS]


def test_every_picture_is_seen_once_also_one_that_does_not_open() -> None:
    seen: list[bool] = []

    def opened(path: Path) -> NDArray[np.uint8]:
        if path.name == "a.jpg":
            return np.zeros((100, 100, 3), np.uint8)
        raise ValueError("the picture is damaged or cut off")

    gone = Annotation(image="gone.jpg", source="here", split="val", width=9, height=9)
    found = check_pictures(Path(), [note(), gone], opened, lambda _, pixels: seen.append(pixels is not None))
    assert found == [
        Finding("a.jpg", SIZE, "100 x 100, labelled 200 x 100"),
        Finding("gone.jpg", MISSING, "the picture is damaged or cut off"),
    ]
    assert seen == [True, False]
