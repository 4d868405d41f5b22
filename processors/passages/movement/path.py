"""Where a vehicle or a plate was seen first and last."""

from __future__ import annotations

from dataclasses import dataclass

from contracts.messages.common import Xyxy


@dataclass(frozen=True)
class Path:
    """First and last box, and first and last `whole` one: what the picture's edge cuts off tells where its
    vehicle is, but not how large."""

    first: Xyxy
    last: Xyxy
    whole: tuple[Xyxy, Xyxy] | None

    @classmethod
    def at(cls, box: Xyxy, *, whole: bool = True) -> Path:
        return cls(box, box, (box, box) if whole else None)

    def then(self, later: Path) -> Path:
        """The path that goes on with another one."""
        whole = (self.whole[0], later.whole[1]) if self.whole and later.whole else self.whole or later.whole
        return Path(self.first, later.last, whole)
