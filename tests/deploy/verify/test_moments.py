"""Times and place of an event are those of the reads that it was voted from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from contracts.messages.plate import Evidence, PlateEvent
from contracts.messages.sighting import Sighting
from deploy.verify.links import of_settings
from deploy.verify.moments import of_moments
from processors.passages.camera import CameraPassages
from processors.passages.events.drafts import Draft
from processors.passages.kept_reads import KeptReads, kept_reads
from processors.passages.settings import PassageSettings
from tests.processors.passages.builders import Drive, a_street

PASSING = Drive(text="MH12AB1234", starts_sec=0.0)
HOUR = timedelta(hours=1)


def finals(sightings: Sequence[Sighting]) -> list[tuple[PlateEvent, KeptReads]]:
    """The finals as the stage gives them, each with the reads that are kept of it."""
    camera = CameraPassages(
        PassageSettings(), settled_below=0, now=lambda: datetime(2026, 3, 1, 7, tzinfo=UTC)
    )
    drafts = [draft for offset, each in enumerate(sightings) for draft in camera.take(each, offset)]
    return [(with_evidence(draft), reads_kept(draft)) for draft in drafts if draft.event.state == "final"]


def with_evidence(draft: Draft) -> PlateEvent:
    assert draft.frame is not None
    evidence = Evidence(position=draft.frame, frame=None, vehicle=None, plate=None)
    return msgspec.structs.replace(draft.event, evidence=evidence)


def reads_kept(draft: Draft) -> KeptReads:
    assert draft.passage is not None
    return kept_reads(draft.reads, lines=draft.passage.lines, colour=draft.passage.colour, together=False)


def a_final(**changes: Any) -> tuple[PlateEvent, KeptReads]:
    [(event, kept)] = finals(a_street([PASSING]))
    return msgspec.structs.replace(event, **changes), kept


@pytest.mark.parametrize(
    "drives",
    [
        [PASSING],
        [Drive(text="MH12AB1234", starts_sec=0.0, lasts_sec=10.0, hidden_sec=(3.0, 6.5))],
        [PASSING, Drive(text="KA05MN7007", starts_sec=1.0, from_xy=(900.0, 300.0), to_xy=(600.0, 200.0))],
    ],
)
@pytest.mark.parametrize("vehicles", [True, False])
def test_what_the_stage_gives_holds(drives: list[Drive], *, vehicles: bool) -> None:
    given = finals(a_street(drives, noise=0.1, missed=0.3, seed=7, vehicles=vehicles))

    assert len({event.event_id for event, _ in given}) == len(drives)
    for event, kept in given:
        assert (event.vehicle is not None) == vehicles
        verdict = of_moments(event, kept)
        assert verdict.holds, verdict.told
        assert verdict.told.startswith(f"{len(kept.reads)} reads are of its time")


def test_a_kind_that_most_frames_saw_is_no_other_vehicle() -> None:
    event, kept = a_final()
    assert event.vehicle is not None

    truck = msgspec.structs.replace(event, vehicle=msgspec.structs.replace(event.vehicle, kind="truck"))

    assert of_moments(truck, kept).holds


def test_a_best_frame_of_another_time_is_told() -> None:
    event, kept = a_final()
    later = msgspec.structs.replace(event, best_captured_at=event.best_captured_at + HOUR)

    verdict = of_moments(later, kept)

    assert not verdict.holds
    (read,) = (read for read in kept.reads if event.evidence and read.frame == event.evidence.position)
    assert f"{read.captured_at:%H:%M:%S}" in verdict.told
    assert f"not {later.best_captured_at:%Y-%m-%d %H:%M:%S}" in verdict.told


def test_a_passage_of_another_time_than_its_reads_is_told() -> None:
    event, kept = a_final()
    count = len(kept.reads)
    later = msgspec.structs.replace(event, first_captured_at=event.first_captured_at + HOUR)
    earlier = msgspec.structs.replace(event, last_captured_at=event.last_captured_at - HOUR)

    assert of_moments(later, kept).told.startswith(f"{count} of {count} reads are of before ")
    assert of_moments(earlier, kept).told.startswith(f"{count} of {count} reads are of after ")


def test_reads_of_a_part_that_began_before_are_of_its_time_as_well() -> None:
    event, kept = a_final()
    joined = msgspec.structs.replace(event, first_captured_at=event.first_captured_at + timedelta(seconds=3))

    assert min(read.captured_at for read in kept.reads) < joined.first_captured_at
    assert of_moments(joined, kept).holds


def test_reads_of_another_time_are_unknown_where_other_settings_made_the_event_but_what_differs_is_not() -> (
    None
):
    event, kept = a_final()
    other = of_settings("ab" * 32, "cd" * 32)
    earlier = msgspec.structs.replace(event, last_captured_at=event.last_captured_at - HOUR)
    elsewhere = msgspec.structs.replace(earlier, best_captured_at=event.best_captured_at + HOUR)

    verdict = of_moments(earlier, kept, other)
    assert not verdict.checked
    assert verdict.told.endswith("; other models or settings made it")
    assert of_moments(earlier, kept, of_settings("ab" * 32, "ab" * 32)).broken
    assert of_moments(elsewhere, kept, other).broken
    assert of_moments(event, kept, other).holds


def test_another_place_in_the_frame_is_told() -> None:
    event, kept = a_final()
    assert event.corners is not None
    assert event.vehicle is not None
    top_left, *others = event.corners
    nearby = msgspec.structs.replace(event, corners=((top_left[0] + 0.5, top_left[1]), *others))
    other_box = msgspec.structs.replace(event.vehicle, xyxy=(0.0, 0.0, 40.0, 30.0))

    assert of_moments(nearby, kept).told == "its plate stood elsewhere in that frame"
    for vehicle in (other_box, None):
        other = msgspec.structs.replace(event, vehicle=vehicle)
        assert of_moments(other, kept).told == "its vehicle is not the one of that frame"


def test_a_frame_that_is_not_among_the_reads_is_told() -> None:
    event, kept = a_final()
    others = tuple(read for read in kept.reads if event.evidence and read.frame != event.evidence.position)

    verdict = of_moments(event, msgspec.structs.replace(kept, reads=others))

    assert verdict.told == "its frame is not among the reads"
    assert not verdict.holds
