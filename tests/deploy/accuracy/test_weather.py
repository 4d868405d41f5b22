"""Labelled pictures in drawn weather: what is shown to the reader, and where its plates are then."""

from __future__ import annotations

import numpy as np
import pytest

from deploy.accuracy.weather import AFAR, NAMES, PLAIN, seen
from triton_models.training.labels.annotations import Annotation, LabelledPlate


def a_picture() -> np.ndarray:
    return np.random.default_rng(4).integers(0, 255, (300, 500, 3), np.uint8)


def a_note(*plates: LabelledPlate) -> Annotation:
    return Annotation(image="a.jpg", source="made", split="val", width=500, height=300, plates=plates)


READABLE = LabelledPlate(box=(100.0, 100.0, 300.0, 150.0), text="MH12AB1234")
UNKNOWN = LabelledPlate(box=(400.0, 200.0, 480.0, 220.0))


@pytest.mark.parametrize("name", NAMES[1:])
def test_every_condition_changes_the_picture(name: str) -> None:
    picture, _ = seen(name, a_picture(), a_note(READABLE), np.random.default_rng(1))

    assert picture.shape != a_picture().shape or not np.array_equal(picture, a_picture())


@pytest.mark.parametrize("name", [name for name in NAMES if name != AFAR])
def test_weather_moves_no_label(name: str) -> None:
    note = a_note(READABLE, UNKNOWN)

    assert seen(name, a_picture(), note, np.random.default_rng(1))[1] == note


def test_from_afar_all_labels_shrink_with_the_picture() -> None:
    picture, note = seen(AFAR, a_picture(), a_note(READABLE, UNKNOWN), np.random.default_rng(1))
    scale = picture.shape[1] / 500

    assert scale < 0.3
    for plate, before in zip(note.plates, (READABLE, UNKNOWN), strict=True):
        assert plate.box == pytest.approx([side * scale for side in before.box], abs=1.5)
        assert plate.text == before.text


@pytest.mark.parametrize("name", [PLAIN, AFAR, "rain"])
def test_a_picture_without_a_known_text_stays_as_it_is(name: str) -> None:
    picture, note = seen(name, a_picture(), a_note(UNKNOWN), np.random.default_rng(1))

    assert np.array_equal(picture, a_picture())
    assert note == a_note(UNKNOWN)
