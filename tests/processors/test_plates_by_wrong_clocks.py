"""The stage `plates` at a camera whose clock was wrong and has been put right."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import timedelta

import msgspec
import pytest

from contracts.messages.sighting import Sighting
from processors.plates import Plates
from tests.processors.passages.builders import NOON, Drive, a_sighting, a_street
from tests.processors.plates_stage import PARTITION, a_message, a_stage

HOUR = timedelta(hours=1)


def by_clock(stream: list[Sighting], *, epoch: str, ahead: timedelta) -> list[Sighting]:
    return [
        msgspec.structs.replace(each, epoch=epoch, origin="live", captured_at=each.captured_at + ahead)
        for each in stream
    ]


PASSING = a_street([Drive(text="MH12AB1234", starts_sec=0.0)])[:-1]
STILL = [a_sighting(len(PASSING) + second, seconds=float(second)) for second in range(6, 60)]
"""One frame a second."""


def taken(stage: Plates, stream: list[Sighting], offsets: Iterator[int]) -> None:
    """Written to the log by a clock that is right, one after the other."""
    for offset, sighting in zip(offsets, stream, strict=False):
        at = NOON + timedelta(seconds=offset / 2)
        stage.take(dataclasses.replace(a_message(sighting, offset), timestamp=at))


@pytest.mark.parametrize("epoch", ["e1", "e2"])
def test_what_was_seen_by_a_clock_that_was_ahead_holds_nothing_back_once_it_is_right(epoch: str) -> None:
    """In the same epoch the clock jumps back; in another one the camera was opened anew."""
    stage, offsets = a_stage(), iter(range(1000))
    taken(stage, by_clock(PASSING, epoch="e1", ahead=HOUR), offsets)
    assert stage.progress(PARTITION) is not None
    taken(stage, by_clock(STILL, epoch=epoch, ahead=timedelta(0)), offsets)

    assert stage.progress(PARTITION) is None


def test_a_clock_that_is_put_right_by_a_second_parts_nothing() -> None:
    stage = a_stage()
    passing = a_street([Drive(text="MH12AB1234", starts_sec=0.0, lasts_sec=8.0)])[:-1]
    half = len(passing) // 2
    stream = [
        *by_clock(passing[:half], epoch="e1", ahead=timedelta(seconds=1)),
        *by_clock(passing[half:], epoch="e2", ahead=timedelta(0)),
        *by_clock([a_sighting(100 + second, seconds=9.0 + second) for second in range(30)],
                  epoch="e2", ahead=timedelta(0)),
    ]  # fmt: skip
    drafts = [draft for offset, each in enumerate(stream) for draft in stage.take(a_message(each, offset))]

    finals = [draft.event for draft in drafts if draft.event.state == "final"]
    assert len({final.event_id for final in finals}) == 1
    assert finals[-1].last_captured_at == NOON + timedelta(seconds=8)
