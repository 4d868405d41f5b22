"""The cascade's looks at one picture: which regions, which requests, which corners win."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from processors.cascade.recognise import recognise
from processors.cascade.settings import FOR_PICTURES, CascadeSettings
from tests.processors.frames_in import (
    CAR,
    SETTINGS,
    a_picture,
)
from tests.processors.models import WrittenModels, a_quad
from triton_models.tensors import PLATE_MARGINS

ZOOMING = CascadeSettings(zoom_below_px=70.0, zoom_width=4.0, unconfirmed=0.6)


async def test_all_looks_of_a_frame_go_in_one_request_and_all_plates_in_another(
    pool: ThreadPoolExecutor,
) -> None:
    far = ((400.0, 100.0, 500.0, 200.0), 0.8, 1)
    models = WrittenModels(
        vehicles=[CAR, far],
        plates=[[], [(a_quad(60, 60, 150, 95), 0.9)], [(a_quad(60, 60, 150, 95), 0.9)]],
        texts=["A1"],
    )
    found = await recognise(a_picture(), models, SETTINGS, pool)
    assert [plate.vehicle for plate in found.plates] == [0, 1]
    assert [(model, shape[0]) for model, shape in models.asked] == [
        ("vehicle", 1),
        ("plate", 3),
        ("characters", 2),
    ]


async def test_a_picture_of_a_full_car_park_keeps_all_its_plates(pool: ThreadPoolExecutor) -> None:
    cars = [(20.0 + 120 * (n % 5), 10.0 + 90 * (n // 5)) for n in range(20)]
    models = WrittenModels(
        vehicles=[((x, y, x + 100, y + 75), 0.9, 0) for x, y in cars],
        plates=[[], *([[(a_quad(100, 100, 190, 125), 0.9)]] * 20)],
        texts=["KA01AB1234"],
    )
    found = await recognise(a_picture(), models, FOR_PICTURES, pool)
    assert sorted(plate.vehicle or 0 for plate in found.plates) == list(range(20))


async def test_one_plate_in_several_looks_comes_once_from_the_finest(pool: ThreadPoolExecutor) -> None:
    in_whole = 320 / 1280
    whole = a_quad(300 * in_whole, 400 * in_whole, 400 * in_whole, 430 * in_whole)
    scale = 320 / 372
    fine = a_quad(*((value - 174) * scale for value in (301, 401, 399, 429)))
    models = WrittenModels(vehicles=[CAR], plates=[[(whole, 0.95)], [(fine, 0.7)]], texts=["A1"])
    found = await recognise(a_picture(), models, SETTINGS, pool)
    assert len(found.plates) == 1
    assert found.plates[0].corners[0] == pytest.approx((301, 401), abs=0.1)


async def test_a_plate_whose_vehicle_was_not_found_stays(pool: ThreadPoolExecutor) -> None:
    models = WrittenModels(plates=[[(a_quad(100, 100, 160, 120), 0.8)]], texts=["KA01"])
    found = await recognise(a_picture(), models, SETTINGS, pool)
    assert [plate.vehicle for plate in found.plates] == [None]


async def test_a_plate_seen_small_gets_a_look_of_its_own_and_its_corners_from_there(
    pool: ThreadPoolExecutor,
) -> None:
    # given a plate of 200 pixels, 50 in the model's input: its look is the 800 pixels around it
    small = a_quad(100, 100, 150, 112)
    left, top = 500 - 400, 424 - 400
    near = a_quad(
        *((value - low) * 320 / 800 for value, low in ((401, left), (402, top), (599, left), (446, top)))
    )
    models = WrittenModels(plates=[[(small, 0.5)]], zooms=[[(near, 0.9)]], texts=["KA01"])
    found = await recognise(a_picture(), models, ZOOMING, pool)
    assert [plate.confidence for plate in found.plates] == [pytest.approx(0.9)]
    assert found.plates[0].corners[0] == pytest.approx((401, 402), abs=0.1)


@pytest.mark.parametrize(("score", "left"), [(0.4, []), (0.8, [0.48])])
async def test_what_its_own_look_does_not_bear_out_counts_for_less(
    pool: ThreadPoolExecutor, score: float, left: list[float]
) -> None:
    models = WrittenModels(plates=[[(a_quad(100, 100, 150, 112), score)]], texts=["KA01"])
    found = await recognise(a_picture(), models, ZOOMING, pool)
    assert [plate.confidence for plate in found.plates] == pytest.approx(left)


async def test_a_picture_that_is_a_mere_plate_is_looked_at_with_room_around(pool: ThreadPoolExecutor) -> None:
    # given a picture of 200x60: its second look reaches 35 % beyond, 70 and 21 pixels
    scale = 320 / 340
    corners = [(0.0, 0.0), (200.0, 60.0)]
    (x0, y0), (x1, y1) = [((x + 70) * scale, (y + 21) * scale) for x, y in corners]
    models = WrittenModels(plates=[[], [(a_quad(x0, y0, x1, y1), 0.9)]], texts=["DL8CAF5030"])
    found = await recognise(a_picture((200, 60)), models, SETTINGS, pool)
    assert found.plates[0].corners[2] == pytest.approx((200, 60), abs=1.0)


@pytest.mark.parametrize(("certainty", "requests"), [(0.999, 1), (0.8, 2)])
async def test_only_a_doubtful_plate_is_read_in_further_framings(
    pool: ThreadPoolExecutor, certainty: float, requests: int
) -> None:
    plates = [[(a_quad(100, 100, 160, 120), 0.8)]]
    models = WrittenModels(plates=plates, texts=["KA01AB1234"], certainty=certainty)
    await recognise(a_picture(), models, SETTINGS, pool)
    assert sum(model == "characters" for model, _ in models.asked) == requests


def a_doubtful_plate_seen_again(certainties: Sequence[float] = ()) -> WrittenModels:
    """A plate of 400, 400 to 640, 480, which the first of two looks of 624 pixels finds again."""
    scale, (left, top) = 320 / 624, (496 - 312, 416 - 312)
    again = a_quad((402 - left) * scale, (401 - top) * scale, (639 - left) * scale, (482 - top) * scale)
    return WrittenModels(
        plates=[[(a_quad(100, 100, 160, 120), 0.8)]],
        zooms=[[(again, 0.7)]],
        texts=["KA01AB1234"],
        certainty=0.8,
        certainties=certainties,
    )


async def test_a_doubtful_plate_is_also_read_by_the_corners_that_a_second_look_gives_it(
    pool: ThreadPoolExecutor,
) -> None:
    models = a_doubtful_plate_seen_again()
    found = await recognise(a_picture(), models, SETTINGS, pool)
    assert [shape[0] for model, shape in models.asked if model == "plate"][1:] == [2]
    # two further margins of its own corners, three of the others
    assert [shape[0] for model, shape in models.asked if model == "characters"] == [1, 5]
    assert found.plates[0].corners[0] == pytest.approx((400, 400), abs=0.1)


async def test_a_doubtful_plate_is_where_its_surest_framing_has_it(pool: ThreadPoolExecutor) -> None:
    # given that it is read more surely by the corners of its second look
    models = a_doubtful_plate_seen_again(certainties=[0.8, 0.8, 0.9, 0.8, 0.8])
    (plate,) = (await recognise(a_picture(), models, SETTINGS, pool)).plates
    assert plate.corners[0] == pytest.approx((402, 401), abs=0.1)
    assert plate.corners[2] == pytest.approx((639, 482), abs=0.1)
    # the characters stand there as well: the reader's input is the plate and its margins
    shown = 237 * (1 + 2 * PLATE_MARGINS[0])
    assert plate.characters[0].xyxy[0] == pytest.approx(520.5 - shown / 2 + shown * 10 / 192, abs=0.1)


async def test_many_doubtful_plates_are_asked_for_in_as_many_requests_as_the_model_takes(
    pool: ThreadPoolExecutor,
) -> None:
    # given twelve plates close together, each of which further looks find again and again
    rows = [(a_quad(20 + 70 * (n % 4), 40 + 60 * (n // 4), 80 + 70 * (n % 4), 60 + 60 * (n // 4)), 0.8)
            for n in range(12)]  # fmt: skip
    models = WrittenModels(plates=[rows], zooms=[rows] * 12, texts=["KA01AB1234"], certainty=0.8)
    await recognise(a_picture(), models, SETTINGS, pool)
    asked = [shape[0] for model, shape in models.asked if model == "characters"]
    assert sum(asked) > 64
    assert max(asked) <= 64


class TwoLines(WrittenModels):
    """Four characters stand above the others."""

    def _characters(self, count: int) -> dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float32]]]:
        answer = dict(super()._characters(count))
        for slot in range(10):
            x, y = (20 + 30 * slot, 4) if slot < 4 else (20 + 25 * (slot - 4), 36)
            answer["places"][:, slot] = (x, y, x + 18, y + 24)
        return answer


@pytest.mark.parametrize("guess", [0.1, 0.9])
async def test_lines_are_told_apart_by_where_the_characters_stand(
    pool: ThreadPoolExecutor, guess: float
) -> None:
    row = [[(a_quad(99, 99, 160, 140), 0.8)]]
    for models, lines in ((TwoLines, [0] * 4 + [1] * 6), (WrittenModels, [0] * 10)):
        found = await recognise(
            a_picture(), models(plates=row, texts=["MH12AB1234"], two_lines=guess), SETTINGS, pool
        )
        assert found.plates[0].lines == max(lines) + 1
        assert [character.line for character in found.plates[0].characters] == lines


@pytest.mark.parametrize(("guess", "lines"), [(0.1, 1), (0.9, 2)])
async def test_too_few_characters_leave_the_lines_to_the_detector(
    pool: ThreadPoolExecutor, guess: float, lines: int
) -> None:
    models = WrittenModels(plates=[[(a_quad(99, 99, 160, 140), 0.8)]], texts=["MH"], two_lines=guess)
    found = await recognise(a_picture(), models, SETTINGS, pool)
    assert found.plates[0].lines == lines
