"""The stages' functions in one process: the events that the stages give, with and without a store."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from contracts.messages.common import LogPosition
from contracts.messages.frame import microseconds
from contracts.messages.plate import PlateEvent, Reading
from deploy.reading.reader import HowToRead
from deploy.reading.stages import StagesInProcess
from processors.adapters.camera_book import CameraBook
from processors.engine.stage import Incoming
from processors.passages.settings import PassageSettings
from processors.ports import EvidenceStore
from tests.processors.frames_in import CAR, NOW, SETTINGS, a_frame, a_header
from tests.processors.models import WrittenModels, a_quad
from tests.processors.passages.fakes import EvidenceInMemory

Finals = list[PlateEvent]

STANDS = [[], [(a_quad(100, 200, 200, 230), 0.9)]]


@dataclass(frozen=True)
class WrittenReader:
    inference: WrittenModels
    pool: ThreadPoolExecutor
    how: HowToRead


def frames(count: int) -> list[Incoming]:
    """A picture five times a second, then the end of the film."""
    found = []
    for number in range(count + 1):
        at = NOW + timedelta(seconds=0.2 * number)
        ends = number == count
        header = a_header(sequence=number, captured_at_us=microseconds(at), origin="file", end=ends)
        position = LogPosition(topic="frames", partition=3, offset=number)
        frame = a_frame(header, b"" if ends else None)
        found.append(replace(frame, position=position, timestamp=at))
    return found


async def finals_of(
    models: WrittenModels,
    store: EvidenceStore | None,
    taken: Sequence[Incoming],
    cameras: CameraBook | None = None,
) -> Finals:
    with ThreadPoolExecutor(1) as pool:
        reader = WrittenReader(models, pool, HowToRead(video=replace(SETTINGS, looks_again=False)))
        stages = StagesInProcess(reader, PassageSettings(), store, cameras)
        return [event for each in taken async for event in stages.take(each) if event.state == "final"]


def reading_of(finals: Finals) -> Reading:
    (event,) = finals
    assert event.reading is not None
    return event.reading


def a_car(*, certainty: float) -> WrittenModels:
    """A car that stands with its plate, whose characters are read with this certainty."""
    return WrittenModels(
        vehicles=[CAR], plates=STANDS, zooms=STANDS, texts=["MH12AB1234"], certainty=certainty
    )


@pytest.mark.parametrize("store", [None, EvidenceInMemory()], ids=["no store", "a store"])
async def test_a_final_that_is_sure_is_not_looked_at_again(store: EvidenceStore | None) -> None:
    models = a_car(certainty=0.99)

    finals = await finals_of(models, store, frames(8))

    assert reading_of(finals).accepted
    assert sum(model == "characters" for model, _ in models.asked) == 8


@pytest.mark.parametrize("store", [None, EvidenceInMemory()], ids=["no store", "a store"])
async def test_a_final_that_is_not_accepted_is_looked_at_once_more(store: EvidenceStore | None) -> None:
    models = a_car(certainty=0.39)

    finals = await finals_of(models, store, frames(8))

    assert not reading_of(finals).accepted
    assert sum(model == "characters" for model, _ in models.asked) == 9


async def test_pictures_are_kept_where_there_is_a_store_for_them() -> None:
    store = EvidenceInMemory()

    (kept,) = await finals_of(a_car(certainty=0.99), store, frames(8))
    (bare,) = await finals_of(a_car(certainty=0.99), None, frames(8))

    assert kept.evidence is not None
    assert kept.evidence.frame is not None
    assert kept.evidence.frame.key in store.pictures
    assert bare.evidence is None


async def test_what_the_camera_file_asks_for_holds_as_in_the_stages(tmp_path: Path) -> None:
    file = tmp_path / "cameras.yml"
    file.write_text(
        """cameras: [{id: gate, source: film.mp4, place: North gate, least_plate_px: 500,
            unread_vehicles: true, zones: [{name: lane, corners: [[0, 0], [1, 0], [1, 1], [0, 1]]}]}]"""
    )

    (final,) = await finals_of(a_car(certainty=0.99), None, frames(8), CameraBook(file))

    assert final.reading is None
    assert final.vehicle is not None
    assert final.place == "North gate"
    assert final.movement is not None
    assert final.movement.zones == ("lane",)
