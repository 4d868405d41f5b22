"""Epochs of one camera: which sightings are new, whoever else sends some."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from tests.processors.passages.builders import Drive, a_street
from tests.processors.passages.test_camera import a_camera, events, finals


def test_a_second_ingest_that_opens_a_camera_and_ends_does_not_silence_it() -> None:
    texts = ["MH12AB1234", "KA05MN7007", "DL3CAY9324"]
    street = a_street([Drive(text=text, starts_sec=10.0 * n) for n, text in enumerate(texts)])
    other = msgspec.structs.replace(street[35], epoch="other", sequence=0, plates=(), vehicles=())

    for more in ([other], [other, msgspec.structs.replace(other, sequence=1, end=True)]):
        assert finals(events([*street[:36], *more, *street[36:]])) == texts


def test_of_two_ingests_at_a_camera_the_one_that_began_last_is_followed() -> None:
    street = a_street([Drive(text="MH12AB1234", starts_sec=0.0)])
    second = [msgspec.structs.replace(each, epoch="second") for each in street]
    both = [each for pair in zip(second, street, strict=True) for each in pair if not each.end]

    assert finals(events([street[0], *both, second[-1]])) == ["MH12AB1234"]


@pytest.mark.parametrize("back_sec", [0.5, 20.0])
@pytest.mark.parametrize("asked", [frozenset[str](), frozenset({"gate"})])
def test_a_clock_that_is_put_back_a_little_makes_no_event_that_ends_before_it_begins(
    back_sec: float, asked: frozenset[str]
) -> None:
    text, middle = "" if asked else "MH12AB1234", (400.0, 300.0)
    street = a_street([Drive(text=text, starts_sec=0.0, lasts_sec=6.0, from_xy=middle, to_xy=middle)])
    back = [
        msgspec.structs.replace(each, captured_at=each.captured_at - timedelta(seconds=back_sec))
        for each in street[10:]
    ]

    found = events([*street[:10], *back], a_camera(unread=asked))

    assert len({event.event_id for event in found}) == 1
    assert found[-1].frames == 31
    assert found[-1].revision >= 181
    for event in found:
        assert street[0].captured_at == event.first_captured_at
        assert event.first_captured_at <= event.best_captured_at <= event.last_captured_at
