"""What makes a passage worth an event."""

from __future__ import annotations

import pytest

from contracts.messages.common import VehicleSeen
from processors.passages.events.event import is_plate
from processors.passages.observations import observations
from processors.passages.passage import Passage
from processors.passages.settings import PassageSettings
from tests.contracts.builders import a_reading
from tests.processors.passages.builders import a_plate, a_sighting

TEXT = "MH12AB1234"


@pytest.mark.parametrize(("voted", "worth"), [(TEXT, True), ("MH12AB123", False)])
def test_a_frame_that_is_clear_alone_is_so_for_its_own_text_only(voted: str, worth: bool) -> None:
    """Two plates may have been taken for one: what is voted of both is then nobody's."""
    car = VehicleSeen(kind="car", confidence=0.8, xyxy=(80.0, 20.0, 220.0, 140.0))
    sighting = a_sighting(0, [a_plate((100, 100, 180, 120), TEXT, vehicle=0, sure=0.998)], [car])
    (seen,) = observations(sighting)
    passage = Passage.begun(sighting, seen, kept_reads=24)
    passage.add(sighting, seen, 0)

    doubtful = a_reading(voted, confidence=0.0001, accepted=False)
    assert is_plate(passage, doubtful, PassageSettings()) is worth
