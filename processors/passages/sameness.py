"""Two passages at one camera -> whether they are parts of one: the same plate again within seconds."""

from __future__ import annotations

from contracts.messages.plate import Direction
from processors.passages.alignment import legible, surely_differing
from processors.passages.direction import direction_of
from processors.passages.passage import Passage
from processors.readings.slots import Slots

_MOST_DIFFERENT = 0.6
_FEWEST_CHARACTERS = 5
_OPPOSITE: dict[Direction, Direction] = {
    "approaching": "leaving",
    "leaving": "approaching",
    "left": "right",
    "right": "left",
}


def same_plate(left: Slots, right: Slots) -> bool:
    """True when the two votes can be the same plate: at most one character differs, and not for sure."""
    if min(legible(left), legible(right)) < _FEWEST_CHARACTERS:
        return False
    return surely_differing(left, right) <= _MOST_DIFFERENT


def may_continue(earlier: Passage, later: Passage, *, within_sec: float) -> bool:
    """True when the later passage may be more of the earlier: soon enough, never both in one frame,
    and not on its way back."""
    gap_sec = (later.first_captured_at - earlier.last_captured_at).total_seconds()
    return (
        gap_sec <= within_sec
        and later.last_captured_at >= earlier.first_captured_at
        and not (gap_sec > 0 and _turned_back(earlier, later))
        and earlier.offsets.isdisjoint(later.offsets)
    )


def _turned_back(earlier: Passage, later: Passage) -> bool:
    before = direction_of(earlier.vehicle_path, earlier.plate_path)
    after = direction_of(later.vehicle_path, later.plate_path)
    return before is not None and after is not None and _OPPOSITE[before] == after
