"""Two passages at one camera -> whether they are parts of one: the same plate again within seconds."""

from __future__ import annotations

from contracts.messages.plate import Direction
from processors.passages.alignment import aligned, legible
from processors.passages.direction import direction_of
from processors.passages.passage import Passage
from processors.readings.slots import Slots

# Expected number of characters that differ. One character that both read for sure costs about 1.
_MOST_DIFFERENT = 0.6
_FEWEST_CHARACTERS = 5
_OVERLAP_SEC = 0.5
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
    return aligned(left, right)[1] <= _MOST_DIFFERENT


def may_follow(earlier: Passage, later: Passage, *, within_sec: float) -> bool:
    """True when the later passage begins after the earlier, soon enough, and does not come back."""
    gap_sec = (later.first_captured_at - earlier.last_captured_at).total_seconds()
    before = direction_of(earlier.vehicle_path, earlier.plate_path)
    after = direction_of(later.vehicle_path, later.plate_path)
    turned_back = before is not None and after is not None and _OPPOSITE[before] == after
    return -_OVERLAP_SEC <= gap_sec <= within_sec and not turned_back
