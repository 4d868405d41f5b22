"""A doubtful final is read once more from all its frames together; a sure one is left alone."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import msgspec
import numpy as np
import pytest

from contracts.codec import decode
from contracts.errors import PlatestreamError, SetAside, TryAgain
from contracts.messages.plate import PlateEvent
from processors.cascade.pictures import encode_jpeg
from processors.engine.measures import Measures
from processors.engine.patience import Patience, Pauses
from processors.fused_look import FusedLook, PatientLook
from processors.passages.settings import PassageSettings
from processors.plates import Plates
from tests.processors.last_looks import (
    BOX,
    Failing,
    OneReading,
    doubtful_plate,
    final_of,
    is_negative,
    on_green,
)
from tests.processors.passages.builders import a_plate


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as executor:
        yield executor


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
