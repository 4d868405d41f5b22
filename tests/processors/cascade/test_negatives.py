"""A plate with light characters is shown to the readers by its negative, any other one as it is."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from processors.cascade.recognise import recognise
from processors.cascade.settings import CascadeSettings
from processors.ports import Image, Tensors
from tests.processors.models import WrittenModels, a_quad
from triton_models.tensors import CHARACTERS_SIZE_WH, PLATE_MARGINS

VIDEO = CascadeSettings(zoom_below_px=0.0, looks_again=False)
PICTURES = CascadeSettings(zoom_below_px=0.0)
SIZE_WH = (1280, 768)
QUAD = (400.0, 400.0, 640.0, 480.0)
WHITE, BLACK, GREEN, YELLOW = (225, 225, 222), (20, 20, 22), (30, 130, 65), (240, 210, 40)
TEXT = "KA01AB1234"


@dataclass
class Watched(WrittenModels):
    """Keeps what each reader was shown."""

    shown: dict[str, list[Image]] = field(default_factory=dict)

    async def infer(self, model: str, images: NDArray[np.uint8]) -> Tensors:
        self.shown.setdefault(model, []).append(np.array(images))
        return await super().infer(model, images)


def a_street(ground: tuple[int, int, int], ink: tuple[int, int, int]) -> Image:
    """A grey picture with a plate at `QUAD`: ten letters H, where the written models see characters."""
    framed = np.full((CHARACTERS_SIZE_WH[1], CHARACTERS_SIZE_WH[0], 3), ground, np.uint8)
    for at in range(10, 10 + 12 * len(TEXT), 12):
        framed[16:48, at : at + 3] = framed[16:48, at + 7 : at + 10] = ink
        framed[30:34, at : at + 10] = ink
    picture = np.full((SIZE_WH[1], SIZE_WH[0], 3), 110, np.uint8)
    x0, y0, x1, y1 = QUAD
    room_x, room_y = (x1 - x0) * PLATE_MARGINS[0], (y1 - y0) * PLATE_MARGINS[1]
    left, top, right, bottom = (round(v) for v in (x0 - room_x, y0 - room_y, x1 + room_x, y1 + room_y))
    picture[top:bottom, left:right] = cv2.resize(framed, (right - left, bottom - top))
    return picture


def models(certainty: float = 0.999) -> Watched:
    quad = a_quad(*(side * 320 / 1280 for side in QUAD))
    return Watched(plates=[[(quad, 0.9)]], texts=[TEXT], lines=[TEXT], certainty=certainty)


@pytest.mark.parametrize(("ground", "ink"), [(GREEN, WHITE), (GREEN, YELLOW), (BLACK, YELLOW)])
async def test_light_characters_are_read_by_the_negative(
    pool: ThreadPoolExecutor, ground: tuple[int, int, int], ink: tuple[int, int, int]
) -> None:
    seeing = models()

    (plate,) = (await recognise(a_street(ground, ink), seeing, VIDEO, pool)).plates

    as_it_is, negative = seeing.shown["characters"]
    assert (negative == 255 - as_it_is).all()
    assert plate.colour == ("green" if ground == GREEN else "black")


@pytest.mark.parametrize("ground", [WHITE, GREEN])
async def test_dark_characters_are_read_as_they_are(
    pool: ThreadPoolExecutor, ground: tuple[int, int, int]
) -> None:
    # black on green: an electric vehicle for hire
    seeing = models()

    await recognise(a_street(ground, BLACK), seeing, VIDEO, pool)

    assert len(seeing.shown["characters"]) == 1


async def test_of_several_plates_only_the_light_lettered_ones_are_shown_again(
    pool: ThreadPoolExecutor,
) -> None:
    picture = a_street(GREEN, WHITE)
    picture[40:320] = a_street(WHITE, BLACK)[300:580]  # the same plate 260 rows further up
    quads = [a_quad(*(side * 320 / 1280 for side in (400, 400 - up, 640, 480 - up))) for up in (260, 0)]
    seeing = Watched(plates=[[(quad, 0.9) for quad in quads]], texts=[TEXT, TEXT], certainty=0.999)

    found = await recognise(picture, seeing, VIDEO, pool)

    as_they_are, negative = seeing.shown["characters"]
    assert (len(as_they_are), len(negative)) == (2, 1)
    light = [plate.colour for plate in found.plates].index("green")
    assert (negative[0] == 255 - as_they_are[light]).all()


async def test_one_in_doubt_stays_negative_in_every_further_framing_and_for_the_second_reader(
    pool: ThreadPoolExecutor,
) -> None:
    light, dark = models(certainty=0.8), models(certainty=0.8)

    await recognise(a_street(GREEN, WHITE), light, PICTURES, pool)
    await recognise(a_street(GREEN, BLACK), dark, PICTURES, pool)

    *_, framings = light.shown["characters"]
    assert len(framings) == 2
    assert all(is_negative(framing) for framing in framings)
    assert is_negative(light.shown["lines"][0][0])
    # the same plate that is shown as it is
    assert not any(is_negative(framing) for framing in dark.shown["characters"][-1])


async def test_it_is_left_where_the_settings_say_so(pool: ThreadPoolExecutor) -> None:
    seeing = models()

    await recognise(a_street(GREEN, WHITE), seeing, replace(VIDEO, light_as_negative=False), pool)

    assert len(seeing.shown["characters"]) == 1


def is_negative(shown: Image) -> bool:
    """Green has more green than red, its negative more red."""
    red, green, _ = shown.reshape(-1, 3).mean(axis=0)
    return bool(red > green)
