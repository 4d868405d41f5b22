"""Live finals, replayed finals -> which belong together, and what differs. No IO."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from contracts.messages.plate import PlateEvent

Outcome = Literal["same", "read otherwise", "live alone", "replay alone"]


@dataclass(frozen=True)
class Pair:
    """One passage as it was seen live and in the replay; None where it was not."""

    live: PlateEvent | None
    replayed: PlateEvent | None

    @property
    def outcome(self) -> Outcome:
        if self.replayed is None:
            return "live alone"
        if self.live is None:
            return "replay alone"
        return "same" if text_of(self.live) == text_of(self.replayed) else "read otherwise"


def compare(live: Sequence[PlateEvent], replayed: Sequence[PlateEvent]) -> list[Pair]:
    """Each event in one pair, in the order of capture.

    Two belong together when camera and epoch are the same and their times overlap: first those of one text,
    then those that overlap longest.
    """
    candidates = [
        (text_of(one) == text_of(other), overlap, one, other)
        for one in live
        for other in replayed
        if (one.camera, one.epoch) == (other.camera, other.epoch)
        and (overlap := _overlap_sec(one, other)) >= 0.0
    ]
    taken: set[str] = set()
    pairs = []
    for _same, _overlap, one, other in sorted(candidates, key=lambda each: each[:2], reverse=True):
        marks = {f"live {one.event_id}", f"replayed {other.event_id}"}
        if not marks & taken:
            taken |= marks
            pairs.append(Pair(one, other))
    pairs += [Pair(each, None) for each in live if f"live {each.event_id}" not in taken]
    pairs += [Pair(None, each) for each in replayed if f"replayed {each.event_id}" not in taken]
    return sorted(pairs, key=_captured)


def text_of(event: PlateEvent) -> str | None:
    return event.reading.text if event.reading else None


def _overlap_sec(one: PlateEvent, other: PlateEvent) -> float:
    begins = max(one.first_captured_at, other.first_captured_at)
    ends = min(one.last_captured_at, other.last_captured_at)
    return (ends - begins).total_seconds()


def _captured(pair: Pair) -> tuple[str, str]:
    event = pair.live or pair.replayed
    assert event is not None  # noqa: S101 (a pair has one of the two)
    return event.first_captured_at.isoformat(), event.camera
