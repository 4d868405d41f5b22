"""A plate in doubt: what the second reader sees of it, and both readers' opinions as one."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.typing import NDArray

from contracts.messages.common import ALPHABET
from processors.cascade.recognise import recognise
from processors.cascade.second_reader import lines_in, with_lines
from processors.cascade.settings import CascadeSettings
from processors.readings.slots import slots_of
from tests.processors.models import WrittenModels, a_quad
from triton_models.tensors import CLASSES, LINE_PLACES, LINE_SIZE_WH, SLOTS

SETTINGS = CascadeSettings(vehicle_margin=0.0, zoom_below_px=0.0)
PICTURE = np.full((64, 192, 3), 90, np.uint8)
FLAT = np.eye(3)
Floats = NDArray[np.float32]


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool


def read_of(text: str, *, certainty: float = 0.6, two_lines_from: int | None = None) -> tuple[Floats, Floats]:
    """What a first reader that is this sure makes of a plate."""
    probabilities = np.zeros((SLOTS, CLASSES), np.float32)
    probabilities[:, -1] = 1.0
    places = np.zeros((SLOTS, 4), np.float32)
    for slot, character in enumerate(text):
        probabilities[slot] = (1 - certainty) / (CLASSES - 1)
        probabilities[slot, ALPHABET.index(character)] = certainty
        second = two_lines_from is not None and slot >= two_lines_from
        x = 10 + 16 * (slot - (two_lines_from or 0) if second else slot)
        y = 36 if second else 6 if two_lines_from is not None else 16
        places[slot] = (x, y, x + 12, y + 22)
    return probabilities, places


def seen(text: str, *, certainty: float = 0.95) -> Floats:
    """What a second reader that is this sure makes of a line."""
    probabilities = np.zeros((LINE_PLACES, CLASSES), np.float32)
    probabilities[:, -1] = 1.0
    for number, character in enumerate(text):
        row = probabilities[2 * number + 1]
        row[:] = (1 - certainty) / (CLASSES - 1)
        row[ALPHABET.index(character)] = certainty
    return probabilities


def text_of(probabilities: Floats) -> str:
    return "".join(ALPHABET[index] for index in probabilities.argmax(1) if index < len(ALPHABET))


def test_a_plate_of_two_lines_is_shown_line_by_line() -> None:
    lines = lines_in(PICTURE, FLAT, read_of("MH12AB1234", two_lines_from=4))
    assert len(lines) == 2
    assert all(line.input.shape == (LINE_SIZE_WH[1], LINE_SIZE_WH[0], 3) for line in lines)
    assert lines[0].box[3] < lines[1].box[3]
    assert lines[0].used_px < lines[1].used_px


def test_of_what_is_hardly_read_at_all_no_line_is_shown() -> None:
    assert lines_in(PICTURE, FLAT, read_of("A1")) == []


def test_the_surer_reader_decides_a_character() -> None:
    read = read_of("MH06BC1786")
    lines = lines_in(PICTURE, FLAT, read)
    both, _ = with_lines(read, lines, [seen("MH06BC4786")], SETTINGS)
    assert text_of(both) == "MH06BC4786"


def test_two_readers_that_agree_are_surer_than_each() -> None:
    read = read_of("MH06BC4786", certainty=0.9)
    lines = lines_in(PICTURE, FLAT, read)
    both, _ = with_lines(read, lines, [seen("MH06BC4786", certainty=0.9)], SETTINGS)
    assert both.max(1).min() > 0.9


def test_a_character_that_one_reader_hardly_saw_stands_where_the_other_saw_it() -> None:
    read = read_of("MH06BC4786", certainty=0.7)
    read[0][9, [ALPHABET.index("6"), -1]] = (0.2, 0.5)
    lines = lines_in(PICTURE, FLAT, read)
    both, places = with_lines(read, lines, [seen("MH06BC4786", certainty=0.99)], SETTINGS)
    assert text_of(both) == "MH06BC4786"
    assert places[9] == pytest.approx(read[1][9])


def test_a_character_that_the_first_reader_lacks_is_placed_where_the_second_saw_it() -> None:
    read = read_of("MH06BC478", certainty=0.7)
    lines = lines_in(PICTURE, FLAT, read)
    _, places = with_lines(read, lines, [seen("MH06BC4786", certainty=0.99)], SETTINGS)
    assert len(places) == 10
    # the second reader's twentieth of the places that the line takes up
    share = 19.5 * LINE_SIZE_WH[0] / LINE_PLACES / lines[0].used_px
    x0, y0, x1, y1 = lines[0].box
    assert (places[9, 0] + places[9, 2]) / 2 == pytest.approx(x0 + share * (x1 - x0), abs=0.1)
    assert places[9, [1, 3]] == pytest.approx((y0, y1))


def test_a_second_reader_that_sees_nothing_changes_nothing() -> None:
    read = read_of("MH06BC4786")
    both, places = with_lines(read, lines_in(PICTURE, FLAT, read), [seen("")], SETTINGS)
    assert (both == read[0]).all()
    assert (places == read[1]).all()


@pytest.mark.parametrize(("certainty", "asked"), [(0.999, 0), (0.8, 1)])
async def test_only_a_plate_in_doubt_is_shown_to_the_second_reader(
    pool: ThreadPoolExecutor, certainty: float, asked: int
) -> None:
    models = WrittenModels(
        plates=[[(a_quad(100, 100, 160, 120), 0.8)]], texts=["KA01AB1284"], certainty=certainty,
        lines=["KA01AB1234"],
    )  # fmt: skip
    picture = np.full((384, 640, 3), 90, np.uint8)
    found = await recognise(picture, models, SETTINGS, pool)
    assert sum(model == "lines" for model, _ in models.asked) == asked
    text = slots_of(found.plates[0].characters).text
    assert text == ("KA01AB1234" if asked else "KA01AB1284")


async def test_in_videos_nobody_is_asked_twice(pool: ThreadPoolExecutor) -> None:
    models = WrittenModels(plates=[[(a_quad(100, 100, 160, 120), 0.8)]], texts=["KA01AB1284"], certainty=0.8)
    settings = CascadeSettings(vehicle_margin=0.0, zoom_below_px=0.0, looks_again=False)
    await recognise(np.full((384, 640, 3), 90, np.uint8), models, settings, pool)
    assert [model for model, _ in models.asked] == ["vehicle", "plate", "characters"]
