"""What the bench's workers are given to do: every stage behaves on it as on a street."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from contracts.codec import decode
from contracts.errors import Stop
from contracts.messages.common import LogPosition
from contracts.messages.plate import PlateEvent
from contracts.messages.sighting import Sighting
from deploy.bench.workers.plates_worker import RedirectedPlates
from deploy.bench.workers.sightings_worker import stage_of
from deploy.bench.workers.topics import PARTITIONS, Filling, frames, workers
from deploy.bench.workers.traffic import sightings
from processors.engine.stage import Incoming, Outgoing
from tests.contracts.builders import NOON

_A_MINUTE = 600
"""Frames of one camera."""


def a_message(filling: Filling, *, offset: int) -> Incoming:
    position = LogPosition(topic="bench", partition=filling.partition, offset=offset)
    headers = tuple(filling.headers.items())
    return Incoming(value=filling.value, key=None, headers=headers, position=position, timestamp=NOON)


async def test_a_frame_in_so_many_shows_a_plate_that_can_be_read() -> None:
    with ThreadPoolExecutor(1) as pool:
        stage = stage_of(pool, answer_sec=0.0, plates_every=10)
        seen = []
        for number, frame in enumerate(frames(40)):
            (result,) = await stage.handle(a_message(frame, offset=number // PARTITIONS))
            seen.append(decode(Sighting, result.value))

    shown = [plate for sighting in seen for plate in sighting.plates]
    assert len(shown) == 4
    assert "".join(max(each.probabilities) for each in shown[0].characters) == "MH12AB1234"


async def test_every_vehicle_of_the_bench_becomes_one_event_and_nothing_is_left_open() -> None:
    stage = RedirectedPlates("bench-out")
    events: list[PlateEvent] = []
    for number, filling in enumerate(sightings(_A_MINUTE * PARTITIONS)):
        for draft in stage.take(a_message(filling, offset=number // PARTITIONS)):
            events += [decode(PlateEvent, each.value) for each in await stage.finish(draft)]

    finals = {event.event_id: event for event in events if event.state == "final"}
    texts = Counter(event.reading.text for event in finals.values() if event.reading)
    assert len(texts) == PARTITIONS * _A_MINUTE // 40 + 1
    assert set(texts.values()) == {1}
    assert "KA05MN7007" in texts
    assert all(stage.progress(partition) is None for partition in range(PARTITIONS))


def test_a_worker_that_has_ended_is_told_at_once_with_its_last_words() -> None:
    kafka = "127.0.0.1:1"
    with workers("sightings_worker", kafka, "bench-seen", "not a number", "0") as started:
        started[0].check_running()
        assert started[0].process.wait(30) == 1
        with pytest.raises(Stop, match=r"ended with status 1: ValueError: .*'not a number'"):
            started[0].check_running()


async def test_what_a_worker_of_the_bench_keeps_of_parked_vehicles_goes_to_the_bench_s_topic_too() -> None:
    """The broker of the bench has no other: the worker would wait for one."""
    stage = RedirectedPlates("bench-out")
    kept: list[Outgoing] = []
    for number, filling in enumerate(sightings(2 * _A_MINUTE * PARTITIONS)):
        if filling.partition == 0:
            stage.take(a_message(filling, offset=number // PARTITIONS))
            kept += stage.to_keep(0)

    assert kept
    assert {each.topic for each in kept} == {"bench-out"}
