"""What is kept of standing vehicles for a restart, and when it is new."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from contracts.messages.common import Xyxy
from contracts.messages.parked import Stand, Stood
from processors.passages.passage import Passage
from processors.passages.tracking.standing import Standing
from tests.contracts.builders import NOON, a_plate_event

HERE: Xyxy = (300.0, 200.0, 500.0, 360.0)
NEAR: Xyxy = (320.0, 200.0, 520.0, 360.0)
AWAY: Xyxy = (420.0, 200.0, 620.0, 360.0)


def one(
    name: str = "a", *, seconds: float = 0.0, place: Xyxy = HERE, gone: bool = False, **changes: Any
) -> Passage:
    event = a_plate_event(event_id=f"5b3f7d0c-8f2e-5a51-9d8e-0c6a1a2b3c4{name}", **changes)
    last = NOON + timedelta(seconds=seconds)
    seen = (Stood(captured_at=last, xyxy=place),)
    stand = Stand(vehicle_xyxy=place, vehicle_seen=seen, frames=100, last_captured_at=last, gone=gone)
    return Passage.still_parked(event, stand, kept_reads=1)


def test_who_stands_there_is_kept_with_where_until_when_and_in_how_many_frames() -> None:
    kept = Standing("gate", []).news([one(seconds=30.0)])

    assert kept is not None
    assert (kept.camera, [event.event_id[-1] for event in kept.events]) == ("gate", ["a"])
    last = NOON + timedelta(seconds=30)
    seen = (Stood(captured_at=last, xyxy=HERE),)
    assert kept.stands == (Stand(vehicle_xyxy=HERE, vehicle_seen=seen, frames=100, last_captured_at=last),)


def test_nothing_is_new_while_it_goes_on_standing() -> None:
    standing = Standing("gate", [one()])

    assert standing.news([one()]) is None
    assert standing.news([one(seconds=29.0, place=NEAR)]) is None
    assert Standing("gate", []).news([]) is None


@pytest.mark.parametrize(
    "now",
    [
        [],
        [one("b")],
        [one(), one("b")],
        [one(seconds=30.0)],
        [one(place=AWAY)],
        [one(revision=2)],
        [one(gone=True)],
    ],
    ids=["forgotten", "another", "one more", "half a minute", "moved", "event", "gone"],
)
def test_it_is_new_when_something_has_changed_and_only_once(now: list[Passage]) -> None:
    standing = Standing("gate", [one()])

    kept = standing.news(now)

    assert kept is not None
    assert [event.event_id for event in kept.events] == [each.origins.event_id for each in now]
    assert standing.news(now) is None
