"""The stage `plates` while nothing comes: what is open is given once, and nothing is held back for ever."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import msgspec
import pytest

from processors.passages.events.drafts import Draft
from processors.passages.settings import PassageSettings
from processors.plates import Plates
from tests.processors.passages.builders import NOON, Drive, a_sighting, a_street
from tests.processors.passages.fakes import EvidenceInMemory, SameFrame
from tests.processors.plates_stage import (
    FRAME,
    PARTITION,
    a_message,
    a_stage,
)


def test_a_silent_camera_gives_what_is_open_once_and_is_forgotten_in_time() -> None:
    stage = a_stage()
    street = a_street([Drive(text="MH12AB1234", starts_sec=0.0)])[:12]
    for offset, sighting in enumerate(street):
        stage.take(a_message(sighting, offset))
    last = street[-1].captured_at

    assert stage.tick(PARTITION, last + timedelta(seconds=5)) == []
    (draft,) = stage.tick(PARTITION, last + timedelta(seconds=11))
    assert draft.event.state == "final"
    assert stage.tick(PARTITION, last + timedelta(seconds=12)) == []
    assert stage.progress(PARTITION) is not None
    assert stage.tick(PARTITION, last + timedelta(seconds=601)) == []
    assert stage.progress(PARTITION) is None


def test_a_silent_street_holds_nothing_back_once_its_passages_cannot_go_on() -> None:
    stage = a_stage()
    street = [
        msgspec.structs.replace(each, origin="live")
        for each in a_street([Drive(text="MH12AB1234", starts_sec=0.0)])
    ]
    for offset, sighting in enumerate(street):
        stage.take(a_message(sighting, offset))
    assert street[-1].end
    assert stage.progress(PARTITION) is not None
    assert stage.tick(PARTITION, street[-1].captured_at + timedelta(seconds=31)) == []
    assert stage.progress(PARTITION) is None


def test_silence_that_a_worker_only_reads_of_ends_what_it_would_have_ended() -> None:
    """One worker was there, another comes later: both let the plate that comes again be another passage."""
    street = a_street([Drive(text="MH12AB1234", starts_sec=0.0)])[:-1]
    street += [a_sighting(len(street) + number) for number in range(15)]
    again = [msgspec.structs.replace(each, epoch="e2") for each in street]
    there, later = a_stage(), a_stage()
    found: list[list[tuple[str, str, int]]] = []
    for stage in (there, later):
        drafts: list[Draft] = []
        for offset, sighting in enumerate([*street, *again]):
            message = a_message(sighting, offset)
            if offset >= len(street):
                waited = timedelta(seconds=40)
                message = dataclasses.replace(message, timestamp=message.timestamp + waited)
            drafts += stage.take(message)
            if stage is there and offset == len(street) - 1:
                for second in range(40):
                    drafts += stage.tick(PARTITION, sighting.captured_at + timedelta(seconds=second))
        drafts += stage.tick(PARTITION, NOON + timedelta(hours=1))
        found.append([(each.event.event_id, each.event.state, each.event.revision) for each in drafts])

    assert found[0] == found[1]
    assert len({event_id for event_id, _, _ in found[0]}) == 2


def test_sightings_that_are_caught_up_with_are_no_silence() -> None:
    street = a_street([Drive(text="MH12AB1234", starts_sec=0.0)])[:12]
    now = street[-1].captured_at + timedelta(minutes=5)
    stage = Plates(
        settings=PassageSettings(),
        frames=SameFrame(FRAME),
        evidence=EvidenceInMemory(),
        now=lambda: now,
    )
    for offset, sighting in enumerate(street):
        stage.take(a_message(sighting, offset))

    assert stage.tick(PARTITION, now + timedelta(seconds=1)) == []
    assert len(stage.tick(PARTITION, now + timedelta(seconds=11))) == 1


def test_what_is_read_again_after_a_restart_is_not_given_by_silence() -> None:
    street = a_street([Drive(text="MH12AB1234", starts_sec=0.0)])[:-1]
    stage = a_stage()
    stage.assigned(PARTITION, len(street), [])
    for offset in range(12, len(street)):  # others needed these sightings: the passage's own begin is gone
        assert stage.take(a_message(street[offset], offset)) == []

    assert stage.tick(PARTITION, street[-1].captured_at + timedelta(seconds=11)) == []


@pytest.mark.parametrize("waited_at", [6, 11, 16])
def test_frames_that_waited_for_a_server_go_on_with_the_passages_given_meanwhile(waited_at: int) -> None:
    stage = a_stage()
    street = a_street(
        [
            Drive(text="MH12AB1234", starts_sec=0.0),
            Drive(text="KA05MN7007", starts_sec=1.0, from_xy=(700.0, 150.0), to_xy=(800.0, 400.0)),
        ]
    )
    drafts: list[Draft] = []
    for offset, sighting in enumerate(street):
        drafts += stage.take(a_message(sighting, offset))
        if offset == waited_at:
            drafts += stage.tick(PARTITION, sighting.captured_at + timedelta(seconds=30))

    finals = [draft.event for draft in drafts if draft.event.state == "final"]
    assert len({event.event_id for event in finals}) == 2
    for event_id in {event.event_id for event in finals}:
        revisions = [event.revision for event in finals if event.event_id == event_id]
        assert revisions == sorted(set(revisions))
        assert revisions[-1] == 401


def test_of_two_workers_the_one_that_followed_a_vehicle_further_is_in_force() -> None:
    """One stood still, and gives what it had in hand long after the other has given the whole."""
    street = a_street([Drive(text="MH12AB1234", starts_sec=0.0)])
    stood_still, goes_on = a_stage(), a_stage()
    late: list[Draft] = []
    for offset, sighting in enumerate(street[:16]):
        late += stood_still.take(a_message(sighting, offset))
        if offset in (10, 15):  # silence, twice
            late += stood_still.tick(PARTITION, sighting.captured_at + timedelta(seconds=30))
    whole = [draft for offset, each in enumerate(street) for draft in goes_on.take(a_message(each, offset))]

    of_late = [draft.event for draft in late if draft.event.state == "final"]
    (final,) = [draft.event for draft in whole if draft.event.state == "final"]
    assert {event.event_id for event in of_late} == {final.event_id}
    assert [event.frames for event in of_late] == [11, 16]
    assert of_late[0].revision < of_late[1].revision < final.revision


def test_nothing_is_held_back_once_the_street_is_empty() -> None:
    stage = a_stage()
    street = a_street([Drive(text="MH12AB1234", starts_sec=0.0)])[:-1]
    empty = [a_sighting(len(street) + n) for n in range(200)]
    held = []
    for offset, sighting in enumerate([*street, *empty]):
        stage.take(a_message(sighting, offset))
        held.append(stage.progress(PARTITION))

    assert held[5] is not None
    assert held[5].replay_from == 0
    assert held[-1] is None
