"""Where a vehicle or a plate was seen first and last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from contracts.messages.common import Xyxy


@dataclass(frozen=True)
class Path:
    """First and last box with their capture times, and first and last `whole` one: what the picture's edge
    cuts off tells where its vehicle is, but not how large."""

    first: Xyxy
    last: Xyxy
    since: datetime
    until: datetime
    whole: tuple[Xyxy, Xyxy] | None

    @classmethod
    def at(cls, box: Xyxy, time: datetime, *, whole: bool = True) -> Path:
        return cls(box, box, time, time, (box, box) if whole else None)

    def joined(self, other: Path) -> Path:
        """The path of both, whichever of them began or ended first: two tracks may follow one vehicle."""
        begun = min(self, other, key=lambda path: path.since)
        ended = max(other, self, key=lambda path: path.until)
        whole = (begun.whole[0], ended.whole[1]) if begun.whole and ended.whole else self.whole or other.whole
        return Path(begun.first, ended.last, begun.since, ended.until, whole)
