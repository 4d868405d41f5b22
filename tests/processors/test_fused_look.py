"""A doubtful final is read once more from all its frames together; a sure one is left alone."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from contracts.codec import decode
from contracts.errors import PlatestreamError, SetAside, TryAgain
from contracts.messages.common import ALPHABET, ModelUsed
from contracts.messages.plate import PlateEvent
from contracts.messages.sighting import PlateSeen
from processors.cascade.pictures import decode_jpeg, encode_jpeg
from processors.engine.measures import Measures
from processors.engine.patience import Patience, Pauses
from processors.fused_look import FusedLook, PatientLook
from processors.passages.camera import CameraPassages
from processors.passages.events.drafts import Draft
from processors.passages.settings import PassageSettings
from processors.plates import Plates
from tests.processors.passages.builders import a_plate, a_sighting
from tests.processors.passages.test_fusion import a_plate as drawn
from tests.processors.passages.test_fusion import seen_badly

BOX = (100.0, 200.0, 200.0, 224.0)


class OneReading:
    """`Inference` that reads every plate as the same text. `line`: what the second reader says of every line;
    nothing where it is not told."""

    def __init__(self, text: str, line: str = "") -> None:
        self.text, self.line = text, line
        self.asked = self.lines_asked = 0
        self.shown: list[NDArray[np.uint8]] = []

    @property
    def models(self) -> tuple[ModelUsed, ...]:
        return ()

    async def infer(self, model: str, images: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
        self.shown.extend(images)
        if model == "lines":
            return self._lines(len(images))
        assert model == "characters"
        assert images.shape[1:] == (64, 192, 3)
        self.asked += len(images)
        probabilities = np.full((len(images), 14, 37), 1e-4, np.float32)
        probabilities[:, :, 36] = 1.0
        for slot, character in enumerate(self.text):
            probabilities[:, slot] = 1e-4
            probabilities[:, slot, ALPHABET.index(character)] = 0.95
        places = np.tile(np.arange(14, dtype=np.float32)[:, None] * 13, (len(images), 1, 4))
        places[..., 1], places[..., 3] = 10, 50
        places[..., 2] += 12
        return {"probabilities": probabilities, "places": places}

    def _lines(self, count: int) -> dict[str, NDArray[np.float32]]:
        self.lines_asked += count
        probabilities = np.zeros((count, 32, 37), np.float32)
        probabilities[..., 36] = 1.0
        for number, character in enumerate(self.line):
            probabilities[:, 2 * number + 1] = np.eye(37)[ALPHABET.index(character)]
        return {"probabilities": probabilities}


class Failing(OneReading):
    """One that fails so often with the same error, then reads."""

    def __init__(self, error: PlatestreamError, times: int) -> None:
        super().__init__("Q90043")
        self.error, self.times = error, times

    async def infer(self, model: str, images: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
        if self.times:
            self.times -= 1
            raise self.error
        return await super().infer(model, images)


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as executor:
        yield executor


def doubtful_plate(number: int) -> PlateSeen:
    """Q and G in turn, on a picture that shows the plate badly."""
    other = {0: ("G" if number % 2 else "Q", 0.5)}
    picture = seen_badly(drawn(), np.random.default_rng(number))
    plate = a_plate(BOX, "Q90043", mistaken=other)
    return msgspec.structs.replace(plate, crop=encode_jpeg(picture, 85))


def on_green(plate: PlateSeen, *, white: bool = True) -> PlateSeen:
    """The same on green, with white characters or black ones."""
    ink = 1.0 - decode_jpeg(plate.crop).min(axis=2, keepdims=True).astype(np.float32) / 255
    green, of_ink = np.array([30.0, 150.0, 65.0]), np.array([225.0] * 3 if white else [10.0] * 3)
    shown = green + np.clip(1.2 * ink - 0.1, 0, 1) * (of_ink - green)
    crop = encode_jpeg(np.clip(shown, 0, 255).astype(np.uint8), 85)
    return msgspec.structs.replace(plate, crop=crop, colour="green")


def is_negative(shown: NDArray[np.uint8]) -> bool:
    """Green has more green than red, its negative more red."""
    red, green, _ = shown[:, : shown.shape[1] // 3].reshape(-1, 3).mean(axis=0)
    return bool(red > green)


def final_of(plates: list[PlateSeen]) -> Draft:
    camera = CameraPassages(PassageSettings(), settled_below=0, now=lambda: datetime(2026, 3, 1, tzinfo=UTC))
    for number, plate in enumerate(plates):
        camera.take(a_sighting(number, [plate]), number)
    [draft] = [each for each in camera.give_all() if each.event.state == "final"]
    return draft


async def test_what_the_frames_leave_open_is_seen_in_all_of_them_together(pool: ThreadPoolExecutor) -> None:
    draft = final_of([doubtful_plate(number) for number in range(9)])
    reader = OneReading("Q90043")

    again = await FusedLook(reader, pool, PassageSettings()).again(draft)

    assert draft.unsure
    assert reader.asked > 0
    assert again.event.reading is not None
    assert draft.event.reading is not None
    assert again.event.reading.text == "Q90043"
    assert again.event.reading.confidence > draft.event.reading.confidence
    assert not again.event.reading.accepted
    assert again.event.event_id == draft.event.event_id


async def test_pictures_that_do_not_fit_together_change_nothing(pool: ThreadPoolExecutor) -> None:
    noise = np.random.default_rng(1)
    plates = [
        msgspec.structs.replace(
            doubtful_plate(number),
            crop=encode_jpeg(noise.integers(0, 256, (72, 128, 3)).astype(np.uint8), 85),
        )
        for number in range(9)
    ]
    draft = final_of(plates)
    reader = OneReading("KA01")

    assert await FusedLook(reader, pool, PassageSettings()).again(draft) is draft
    assert reader.asked == 0


async def test_a_broken_picture_is_passed_over_and_told(
    pool: ThreadPoolExecutor, caplog: pytest.LogCaptureFixture
) -> None:
    plates = [doubtful_plate(number) for number in range(9)]
    plates[3] = msgspec.structs.replace(plates[3], crop=b"no picture")
    draft = final_of(plates)

    again = await FusedLook(OneReading("Q90043"), pool, PassageSettings()).again(draft)

    assert again.event.reading is not None
    assert again.event.reading.text == "Q90043"
    assert "is not used" in caplog.text


async def test_a_final_that_is_sure_or_of_few_frames_is_left_alone(pool: ThreadPoolExecutor) -> None:
    reader = OneReading("KA01")
    look = FusedLook(reader, pool, PassageSettings())
    sure = final_of([a_plate(BOX, "MH12AB1234", sure=0.999) for _ in range(9)])
    few = replace(sure, reads=final_of([doubtful_plate(number) for number in range(9)]).reads[:3])

    assert not sure.unsure
    assert await look.again(few) is few
    assert reader.asked == 0


async def test_of_light_characters_the_readers_see_negatives(pool: ThreadPoolExecutor) -> None:
    plates = [on_green(doubtful_plate(number)) for number in range(9)]
    # of which two frames could not tell the colour
    plates[:2] = [msgspec.structs.replace(each, colour="other", colour_confidence=0.0) for each in plates[:2]]
    reader = OneReading("Q90043", line="Q90043")

    await FusedLook(reader, pool, PassageSettings()).again(final_of(plates))

    # three pictures of all frames together, and a line of each of the clearest three
    assert [is_negative(shown) for shown in reader.shown] == [True] * 6


async def test_of_dark_characters_on_green_they_see_the_plate(pool: ThreadPoolExecutor) -> None:
    plates = [on_green(doubtful_plate(number), white=False) for number in range(9)]
    reader = OneReading("Q90043", line="Q90043")

    await FusedLook(reader, pool, PassageSettings()).again(final_of(plates))

    assert [is_negative(shown) for shown in reader.shown] == [False] * 6


@pytest.mark.parametrize("text", ["Q9003", "QX90043"])
async def test_a_look_that_sees_a_character_more_or_less_decides_nothing(
    pool: ThreadPoolExecutor, text: str
) -> None:
    draft = final_of([doubtful_plate(number) for number in range(9)])

    assert await FusedLook(OneReading(text), pool, PassageSettings()).again(draft) is draft


async def test_the_second_reader_decides_what_the_frames_leave_open(pool: ThreadPoolExecutor) -> None:
    noise = np.random.default_rng(1)
    crop = encode_jpeg(noise.integers(0, 256, (72, 128, 3)).astype(np.uint8), 85)
    plates = [msgspec.structs.replace(doubtful_plate(number), crop=crop) for number in range(9)]
    draft = final_of(plates)
    reader = OneReading("KA01", line="Q90043")

    again = await FusedLook(reader, pool, PassageSettings()).again(draft)

    assert again.event.reading is not None
    assert draft.event.reading is not None
    assert again.event.reading.text == "Q90043"
    assert again.event.reading.confidence > draft.event.reading.confidence
    assert not again.event.reading.accepted
    assert reader.lines_asked == 3  # the clearest three frames, one line each


def patient_look(reader: OneReading, pool: ThreadPoolExecutor) -> PatientLook:
    patience = Patience("test", Measures("test"), pauses=Pauses(first_sec=0.0, longest_sec=0.0))
    return PatientLook(FusedLook(reader, pool, PassageSettings()).again, patience)


@pytest.mark.parametrize(
    ("error", "tries"),
    [
        (TryAgain("triton", "model characters: out of memory", most_tries=8), 8),
        (SetAside("model characters: unexpected shape"), 1),
    ],
    ids=["again and again", "for good"],
)
async def test_a_final_whose_look_fails_goes_out_as_it_was_voted(
    pool: ThreadPoolExecutor, caplog: pytest.LogCaptureFixture, error: PlatestreamError, tries: int
) -> None:
    draft = final_of([doubtful_plate(number) for number in range(9)])
    reader = Failing(error, times=100)
    stage = Plates(settings=PassageSettings(), look=patient_look(reader, pool).again)

    [sent] = await stage.finish(draft)

    event = decode(PlateEvent, sent.value)
    assert event.event_id == draft.event.event_id
    assert event.reading == draft.event.reading
    assert event.reading is not None
    assert 100 - reader.times == tries
    told = [record.getMessage() for record in caplog.records if "as it was voted" in record.message]
    assert len(told) == 1
    assert str(error) in told[0]


async def test_a_look_waits_for_models_that_are_away(pool: ThreadPoolExecutor) -> None:
    draft = final_of([doubtful_plate(number) for number in range(9)])
    reader = Failing(TryAgain("triton", "connection refused"), times=50)

    again = await patient_look(reader, pool).again(draft)

    assert again.event.reading is not None
    assert again.event.reading.text == "Q90043"
    assert again is not draft
