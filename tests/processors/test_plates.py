"""The stage `plates`: events with their evidence, and nothing from junk."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import timedelta

import msgspec
import pytest
import simplejpeg

from contracts.codec import decode
from contracts.errors import Rejected
from contracts.messages.common import LogPosition
from contracts.messages.sighting import Sighting
from processors.engine.stage import Incoming
from processors.made_with import settings_sha256
from processors.passages.events.drafts import Draft
from processors.passages.kept_reads import KeptReads, reads_of
from processors.passages.settings import PassageSettings
from processors.passages.voting import vote
from processors.plates import Plates
from processors.reading import read
from tests.processors.passages.builders import NOON, Drive, a_sighting, a_street
from tests.processors.passages.fakes import EvidenceInMemory, SameFrame
from tests.processors.plates_stage import (
    CROP,
    FRAME,
    PARTITION,
    a_message,
    a_stage,
    given_out,
    with_pictures,
)


async def test_a_final_carries_the_very_frame_the_vehicle_and_the_plate() -> None:
    evidence = EvidenceInMemory()
    stage = a_stage(evidence=evidence)

    events = await given_out(stage, with_pictures(a_street([Drive(text="MH12AB1234", starts_sec=0.0)])))

    preview, final = events
    assert (preview.place, final.place) == ("North gate", "North gate")
    assert preview.evidence is not None
    assert preview.evidence.frame is None
    assert preview.evidence.plate is not None
    assert final.evidence is not None
    for picture in (final.evidence.frame, final.evidence.vehicle, final.evidence.plate):
        assert picture is not None
        stored = evidence.pictures[picture.key]
        assert hashlib.sha256(stored).hexdigest() == picture.sha256
        assert simplejpeg.decode_jpeg_header(stored)[:2] == (picture.height, picture.width)
    assert final.evidence.frame is not None
    assert evidence.pictures[final.evidence.frame.key] == FRAME
    assert final.vehicle is not None
    assert final.evidence.vehicle is not None
    assert final.evidence.vehicle.width == pytest.approx(
        final.vehicle.xyxy[2] - final.vehicle.xyxy[0], rel=0.2
    )


@pytest.mark.parametrize("frames", [{}, dict.fromkeys(range(100), b"no picture")])
async def test_when_the_frame_is_gone_the_small_picture_remains(frames: dict[int, bytes]) -> None:
    stage = a_stage(frames=frames)

    events = await given_out(stage, with_pictures(a_street([Drive(text="MH12AB1234", starts_sec=0.0)])))

    evidence = events[-1].evidence
    assert evidence is not None
    assert (evidence.frame, evidence.vehicle) == (None, None)
    assert evidence.plate is not None
    assert evidence.plate.sha256 == hashlib.sha256(CROP).hexdigest()


async def test_an_upload_without_a_plate_keeps_its_picture() -> None:
    upload = [
        a_sighting(0, camera="upload-1", origin="upload"),
        a_sighting(1, camera="upload-1", origin="upload", end=True),
    ]

    (event,) = await given_out(a_stage(), upload)

    assert event.reading is None
    assert event.evidence is not None
    assert event.evidence.frame is not None
    assert event.evidence.plate is None


def test_junk_is_rejected_and_disturbs_nothing() -> None:
    stage = a_stage()
    stream = a_street([Drive(text="MH12AB1234", starts_sec=0.0)])
    drafts: list[Draft] = []
    for offset, sighting in enumerate(stream):
        drafts += stage.take(a_message(sighting, offset))
        with pytest.raises(Rejected):
            stage.take(_junk(offset))

    assert [draft.event.state for draft in drafts] == ["preview", "final"]


def _junk(offset: int) -> Incoming:
    return Incoming(
        value=b"{junk",
        key=None,
        headers=(),
        position=LogPosition(topic="sightings", partition=PARTITION, offset=offset),
        timestamp=NOON,
    )


def without_plates(stream: Sequence[Sighting]) -> list[Sighting]:
    return [msgspec.structs.replace(each, plates=()) for each in stream]


async def test_a_vehicle_without_a_plate_is_an_event_where_the_camera_asks_for_it() -> None:
    evidence = EvidenceInMemory()
    asked = Plates(
        settings=PassageSettings(),
        frames=SameFrame(FRAME),
        evidence=evidence,
        unread=frozenset({"gate"}),
        now=lambda: NOON,
    )
    stream = without_plates(a_street([Drive(text="MH12AB1234", starts_sec=0.0)]))

    (event,) = await given_out(asked, stream)

    assert (event.state, event.reading, event.corners, event.direction) == (
        "final",
        None,
        None,
        "approaching",
    )
    assert event.vehicle is not None
    assert event.vehicle.kind == "car"
    assert event.evidence is not None
    assert event.evidence.vehicle is not None
    assert event.evidence.plate is None
    assert event.settings == settings_sha256(PassageSettings())
    assert await given_out(a_stage(), stream) == []


async def test_a_camera_that_begins_to_ask_for_vehicles_without_a_plate_is_heard_at_once() -> None:
    asked: set[str] = set()
    stage = Plates(settings=PassageSettings(), unread=asked, now=lambda: NOON)
    drives = [Drive(text="MH12AB1234", starts_sec=at) for at in (0.0, 30.0)]
    stream = without_plates(a_street(drives))
    first = [each for each in stream if each.captured_at < NOON + timedelta(seconds=20)]

    assert await given_out(stage, first) == []
    asked.add("gate")
    (event,) = await given_out(stage, stream[len(first) :])

    assert event.first_captured_at == NOON + timedelta(seconds=30)


async def test_one_that_shows_its_plate_in_time_is_a_read_event_alone() -> None:
    drive = Drive(text="MH12AB1234", starts_sec=0.0, lasts_sec=6.0)
    stream = with_pictures(a_street([drive]))
    late = [*without_plates(stream[:20]), *stream[20:]]
    stage = Plates(
        settings=PassageSettings(),
        frames=SameFrame(FRAME),
        evidence=EvidenceInMemory(),
        unread=frozenset({"gate"}),
    )

    events = await given_out(stage, late)

    assert [event.state for event in events] == ["preview", "final"]
    assert events[-1].reading is not None


async def test_a_final_keeps_what_it_was_voted_from_and_gives_the_same_vote_again() -> None:
    evidence = EvidenceInMemory()
    stage = a_stage(evidence=evidence)

    events = await given_out(
        stage, with_pictures(a_street([Drive(text="MH12AB1234", starts_sec=0.0)], noise=0.2, seed=3))
    )

    final, reading = events[-1], events[-1].reading
    assert {event.settings for event in events} == {settings_sha256(PassageSettings())}
    assert final.evidence is not None
    assert final.evidence.reads is not None
    assert reading is not None
    assert events[0].evidence is not None
    assert events[0].evidence.reads is None
    kept = decode(KeptReads, evidence.files[final.evidence.reads.key])
    assert final.evidence.position in [each.frame for each in kept.reads]
    assert not any(each.seen.crop for each in kept.reads)
    voted = vote(reads_of(kept)).slots
    again = read(voted, lines=kept.lines, colour=kept.colour, settings=PassageSettings().reading)
    assert again is not None
    assert (again.text, again.confidence) == (reading.text, reading.confidence)
