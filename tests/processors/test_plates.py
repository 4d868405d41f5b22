"""The stage `plates`: events with their evidence, and the same events after a crash anywhere."""

from __future__ import annotations

import asyncio
import dataclasses
import hashlib
from collections.abc import Sequence
from datetime import timedelta

import msgspec
import numpy as np
import pytest
import simplejpeg
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from contracts.codec import decode, encode
from contracts.errors import Rejected
from contracts.messages.common import LogPosition
from contracts.messages.plate import PlateEvent
from contracts.messages.sighting import Sighting
from contracts.topics import Topic
from processors.engine.stage import Incoming
from processors.passages.drafts import Draft
from processors.passages.kept_reads import KeptReads, reads_of
from processors.passages.settings import PassageSettings
from processors.passages.voting import vote
from processors.plates import Plates
from processors.reading import read
from tests.processors.passages.builders import NOON, Drive, a_sighting, a_street
from tests.processors.passages.fakes import EvidenceInMemory, FramesInMemory, SameFrame

PARTITION = 3
NOISE = np.random.default_rng(0).integers(0, 255, (540, 960, 3), dtype=np.uint8)
FRAME: bytes = simplejpeg.encode_jpeg(NOISE)
GREY: bytes = simplejpeg.encode_jpeg(np.full((540, 960, 3), 128, np.uint8))
CROP: bytes = simplejpeg.encode_jpeg(np.ascontiguousarray(NOISE[:24, :96]))


def a_stage(*, frames: dict[int, bytes] | None = None, evidence: EvidenceInMemory | None = None) -> Plates:
    return Plates(
        settings=PassageSettings(),
        frames=SameFrame(FRAME) if frames is None else FramesInMemory(frames),
        evidence=evidence or EvidenceInMemory(),
        places={"gate": "North gate"},
        now=lambda: NOON,
    )


def a_message(sighting: Sighting, offset: int) -> Incoming:
    return Incoming(
        value=encode(sighting),
        key=sighting.camera.encode(),
        headers=(),
        position=LogPosition(topic="sightings", partition=PARTITION, offset=offset),
        timestamp=sighting.captured_at,
    )


def with_pictures(stream: Sequence[Sighting]) -> list[Sighting]:
    """The same sightings with small pictures that are real JPEG."""
    return [
        msgspec.structs.replace(
            sighting, plates=tuple(msgspec.structs.replace(plate, crop=CROP) for plate in sighting.plates)
        )
        for sighting in stream
    ]


async def given_out(stage: Plates, stream: Sequence[Sighting]) -> list[PlateEvent]:
    events = []
    for offset, sighting in enumerate(stream):
        for draft in stage.take(a_message(sighting, offset)):
            events += [decode(PlateEvent, out.value) for out in await stage.finish(draft)]
    return events


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
    assert {event.revision for event in finals[-2:]} == {2}


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


TEXTS = ("MH12AB1234", "KA05MN7007", "TN09ABC0007", "DL3CAY9324", "GJ01XY4321", "UP32QW5555", "RJ14CV0003")


def a_busy_partition(seed: int, gaps: Sequence[float]) -> list[Sighting]:
    """Two cameras whose sightings stand one after the other in one partition."""
    streams = []
    for camera, offset in (("gate", 0), ("yard", 3)):
        starts, at = [], 0.0
        for gap in gaps:
            at += gap
            starts.append(at)
        drives = [
            Drive(
                text=TEXTS[(number + offset) % len(TEXTS)],
                starts_sec=start,
                lasts_sec=4.0,
                from_xy=(150.0 + 350 * (number % 2), 100.0),
                to_xy=(250.0 + 350 * (number % 2), 400.0),
            )
            for number, start in enumerate(starts)
        ]
        streams.append(a_street(drives, seed=seed, camera=camera, noise=0.05, missed=0.05))
    merged = [sighting for stream in streams for sighting in stream]
    return sorted(merged, key=lambda sighting: (sighting.captured_at, sighting.camera))


@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 1000),
    gaps=st.lists(st.floats(0.8, 7.0), min_size=2, max_size=7),
    cuts=st.lists(st.floats(0.0, 1.0), min_size=1, max_size=3),
)
def test_after_a_crash_anywhere_the_finals_are_the_same(
    seed: int, gaps: list[float], cuts: list[float]
) -> None:
    stream = a_busy_partition(seed, gaps)
    whole = _finals(_run(stream, []))

    crashed = _finals(_run(stream, sorted({int(cut * len(stream)) for cut in cuts})))

    assert set(crashed) == set(whole)
    for event_id, texts in crashed.items():
        assert texts[-1] == whole[event_id][-1]


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 1000), cuts=st.lists(st.floats(0.0, 1.0), min_size=1, max_size=3))
def test_a_vehicle_that_was_hidden_for_seconds_is_one_event_after_a_crash_too(
    seed: int, cuts: list[float]
) -> None:
    hidden = Drive(text="MH12AB1234", starts_sec=0.0, lasts_sec=14.0, hidden_sec=(4.0, 9.0))
    stream = a_street([hidden], seed=seed, noise=0.03)

    events = _run(stream, sorted({int(cut * len(stream)) for cut in cuts}))

    assert len({event.event_id for event in events}) == 1
    assert events[-1].revision == 2


def a_parked_car_behind_passing_ones(seed: int, hidden_sec: Sequence[float]) -> list[Sighting]:
    """A car stands for minutes; at these seconds something hides it for some seconds while others pass."""
    parts = []
    begins = 0.0
    for at in [*sorted(hidden_sec), 240.0]:
        if at - begins < 3.0:
            continue
        parts.append(
            Drive(
                text="MH12AB1234",
                starts_sec=begins,
                lasts_sec=at - begins,
                from_xy=(400.0, 300.0),
                to_xy=(400.5, 300.0),
                from_width=200.0,
                to_width=200.0,
            )
        )
        begins = at + 4.0
    passing = [
        Drive(text=text, starts_sec=30.0 * number, from_xy=(800.0, 100.0), to_xy=(700.0, 400.0))
        for number, text in enumerate(TEXTS[1:])
    ]
    return a_street([*parts, *passing], frames_per_second=4.0, seed=seed, noise=0.03)


@settings(max_examples=8, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(
    seed=st.integers(0, 1000),
    hidden_sec=st.lists(st.floats(10.0, 230.0), max_size=3),
    cuts=st.lists(st.floats(0.0, 1.0), max_size=3),
)
@example(seed=0, hidden_sec=[10.0], cuts=[])
@example(seed=0, hidden_sec=[100.0], cuts=[0.3])
@example(seed=0, hidden_sec=[65.0, 150.0], cuts=[0.27, 0.8])
def test_a_parked_vehicle_is_one_event_whatever_hides_it_and_whoever_dies(
    seed: int, hidden_sec: list[float], cuts: list[float]
) -> None:
    stream = a_parked_car_behind_passing_ones(seed, hidden_sec)

    events = _run(stream, sorted({int(cut * len(stream)) for cut in cuts}))

    parked = [event for event in events if event.reading and event.reading.text == "MH12AB1234"]
    assert len({event.event_id for event in parked}) == 1
    assert len({event.event_id for event in events}) == len(TEXTS)
    last = [event for event in parked if event.state == "final"][-1]
    assert last.evidence is not None
    assert last.evidence.frame is not None


def test_what_is_kept_of_parked_vehicles_in_an_unknown_form_is_left_out() -> None:
    stage = a_stage()
    stage.assigned(PARTITION, 0, [b'{"schema":99}'])
    stream = a_street([Drive(text="MH12AB1234", starts_sec=0.0)])
    drafts = [draft for n, each in enumerate(stream) for draft in stage.take(a_message(each, n))]
    assert [draft.event.state for draft in drafts] == ["preview", "final"]


def _run(stream: Sequence[Sighting], cuts: Sequence[int]) -> list[PlateEvent]:
    """All events that come out when the process dies before each of these offsets."""
    return asyncio.run(_lives(stream, cuts))


async def _lives(stream: Sequence[Sighting], cuts: Sequence[int]) -> list[PlateEvent]:
    events: list[PlateEvent] = []
    kept: dict[bytes | None, bytes] = {}
    committed, settled = 0, 0
    stream = with_pictures(stream)
    for end in [*cuts, len(stream)]:
        stage = a_stage(frames=dict.fromkeys(range(len(stream)), GREY))
        stage.assigned(PARTITION, settled, list(kept.values()))
        for offset in range(committed, end):
            for draft in stage.take(a_message(stream[offset], offset)):
                for out in await stage.finish(draft):
                    if out.topic == Topic.PLATES:
                        events.append(decode(PlateEvent, out.value))
                    else:
                        kept[out.key] = out.value
            progress = stage.progress(PARTITION)
            next_committed = progress.replay_from if progress else offset + 1
            next_settled = progress.settled_below if progress else offset + 1
            committed, settled = max(committed, next_committed), max(settled, next_settled)
    return events


def _finals(events: Sequence[PlateEvent]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for event in events:
        if event.state == "final" and event.reading:
            found.setdefault(event.event_id, []).append(event.reading.text)
    return found


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
    assert await given_out(a_stage(), stream) == []


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
