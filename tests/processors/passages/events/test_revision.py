"""The number by which readers know which final of a passage is in force, as far as it can count."""

from __future__ import annotations

from datetime import timedelta

from contracts.codec import decode, encode
from contracts.messages.parked import Stand
from contracts.messages.plate import PlateEvent
from processors.passages.passage import Passage
from tests.contracts.builders import NOON, a_plate_event

LAST = 2**31 - 1
"""The largest that PostgreSQL's `integer` holds, and the languages of many readers."""


def parked_for(*, days: float, revision: int = 6001) -> Passage:
    event = a_plate_event(revision=revision, first_captured_at=NOON - timedelta(days=days))
    return Passage.still_parked(event, Stand(last_captured_at=NOON, frames=1000), kept_reads=1)


def test_it_grows_by_one_hundred_a_second() -> None:
    assert parked_for(days=1).next_revision == 1 + 24 * 3600 * 100


def test_it_never_goes_back_behind_the_one_before() -> None:
    assert parked_for(days=1, revision=10_000_000).next_revision == 10_000_001


def test_after_eight_months_in_one_place_it_stays_at_the_largest_that_readers_can_hold() -> None:
    assert parked_for(days=248).next_revision < LAST
    assert parked_for(days=249).next_revision == LAST
    assert parked_for(days=300, revision=LAST).next_revision == LAST
    last = a_plate_event(revision=parked_for(days=300, revision=LAST).next_revision)
    assert decode(PlateEvent, encode(last)) == last
