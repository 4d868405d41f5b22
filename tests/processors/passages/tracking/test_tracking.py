"""For how long what was seen waits for more of its vehicle, and does not take the next one's place."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from contracts.messages.common import Xyxy
from contracts.messages.plate import PlateEvent
from tests.processors.passages.builders import NOON, a_sighting
from tests.processors.passages.test_camera import a_camera, events
from tests.processors.passages.test_unread_vehicles import ASKED, a_car

PLACE: Xyxy = (300.0, 200.0, 420.0, 290.0)


def seen_at(seen_sec: Sequence[float], *, frames_per_second: float, lasts_sec: float) -> list[PlateEvent]:
    """Events of a car, or of several, that stand at one place in the frames at these times."""
    stream = [
        a_sighting(
            number,
            (),
            [a_car(PLACE)] if number / frames_per_second in seen_sec else [],
            frames_per_second=frames_per_second,
        )
        for number in range(int(lasts_sec * frames_per_second))
    ]
    end = a_sighting(len(stream), end=True, seconds=lasts_sec)
    return events([*stream, end], a_camera(unread=ASKED))


def test_what_was_seen_for_a_moment_does_not_begin_the_next_vehicle() -> None:
    drives_by = [2.0 + n / 5 for n in range(8)]

    (event,) = seen_at([0.6, *drives_by], frames_per_second=5.0, lasts_sec=6.0)

    assert (event.first_captured_at - NOON).total_seconds() == 2.0


@pytest.mark.parametrize("frames_per_second", [2.0, 5.0])
def test_a_vehicle_that_is_missed_in_its_second_frame_is_still_one(frames_per_second: float) -> None:
    frames = [n / frames_per_second for n in (0, *range(2, 10))]

    (event,) = seen_at(frames, frames_per_second=frames_per_second, lasts_sec=12.0 / frames_per_second)

    assert event.frames == 9


def test_a_vehicle_at_a_camera_of_one_frame_a_second_is_one_event() -> None:
    (event,) = seen_at([float(n) for n in range(8)], frames_per_second=1.0, lasts_sec=10.0)

    assert event.frames == 8
