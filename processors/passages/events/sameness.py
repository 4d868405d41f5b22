"""Two passages at one camera -> whether they are parts of one: the same plate again within seconds."""

from __future__ import annotations

import math
from difflib import SequenceMatcher
from functools import lru_cache

from contracts.messages.common import Xyxy
from contracts.messages.plate import Direction
from processors.passages.movement.direction import direction_of
from processors.passages.passage import Passage
from processors.passages.tracking.motion import centre, size
from processors.readings.alignment import is_legible, surely_differing_in_part
from processors.readings.slots import Slots

_MOST_DIFFERENT = 0.6
# The share of the characters of two texts that stand in both in the same order: here, half.
_LIKE = 0.5
# A vehicle that stands is seen again within so many sizes of its plate.
_SAME_PLACE_SIZES = 4.0
_STANDS_SIZES = 0.5
_OPPOSITE: dict[Direction, Direction] = {
    "approaching": "leaving",
    "leaving": "approaching",
    "left": "right",
    "right": "left",
}


def same_plate(left: Slots, right: Slots) -> bool:
    """True when the two votes can be the same plate: at most one character differs, and not for sure; one
    may lack the beginning or the end."""
    if not (is_legible(left) and is_legible(right)):
        return False
    return surely_differing_in_part(left, right) <= _MOST_DIFFERENT


def may_continue(earlier: Passage, later: Passage, text: str, *, within_sec: float) -> bool:
    """True when the later passage may be more of the earlier, both of a plate that says `text`: soon enough,
    never both shown by one frame, and not on its way back."""
    gap_sec = (later.first_captured_at - earlier.last_captured_at).total_seconds()
    return (
        gap_sec <= within_sec
        and later.last_captured_at >= earlier.first_captured_at
        and not (gap_sec > 0 and _turned_back(earlier, later))
        and not _both_shown(earlier, later, text)
    )


def stands_there(parked: Passage, later: Passage, text: str, *, within_sec: float) -> bool:
    """True when the later passage began where a parked vehicle stands, soon enough to be the same one."""
    gap_sec = (later.first_captured_at - parked.last_captured_at).total_seconds()
    soon = gap_sec <= within_sec and later.last_captured_at >= parked.first_captured_at
    return soon and _begins_at(parked.plate_place.box, later) and not _both_shown(parked, later, text)


def surely_goes_on(earlier: Passage, later: Passage, text: str, *, within_sec: float) -> bool:
    """`may_continue`, and known already: it began where the other ended, or goes the same way."""
    return may_continue(earlier, later, text, within_sec=within_sec) and (
        _begins_at(earlier.plate_path.last if earlier.plate_path else None, later)
        or direction_of(later.vehicle_path, later.plate_path) is not None
    )


def _both_shown(earlier: Passage, later: Passage, text: str) -> bool:
    """Whether a frame shows this plate of both: then they are two. What a track took for its plate before it
    came upon this one, as the lettering of a lorry that hid it, says nothing about it."""
    return any(
        _shown(earlier, offset, text) and _shown(later, offset, text)
        for offset in earlier.texts_at.keys() & later.texts_at.keys()
    )


def _shown(passage: Passage, offset: int, text: str) -> bool:
    return any(_is_like(read, text) for read in passage.texts_at[offset])


@lru_cache(maxsize=4096)
def _is_like(read: str, text: str) -> bool:
    """Whether the text may be what was read, some characters of it badly or not at all."""
    return SequenceMatcher(None, read, text, autojunk=False).ratio() >= _LIKE


def _begins_at(place: Xyxy | None, later: Passage) -> bool:
    if place is None or later.plate_path is None:
        return False
    return math.dist(centre(place), centre(later.plate_path.first)) <= _SAME_PLACE_SIZES * size(place)


def _turned_back(earlier: Passage, later: Passage) -> bool:
    """Whether their plates went opposite ways: by its box, one that others hide in part grows and shrinks."""
    if _stood(earlier) or _stood(later):
        return False
    before, after = direction_of(None, earlier.plate_path), direction_of(None, later.plate_path)
    return before is not None and after is not None and _OPPOSITE[before] == after


def _stood(passage: Passage) -> bool:
    path = passage.plate_path
    if path is None:
        return False
    return math.dist(centre(path.first), centre(path.last)) <= _STANDS_SIZES * size(path.first)
