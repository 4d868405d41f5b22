"""Rates with how sure they are: counts in, Wilson intervals out."""

from __future__ import annotations

import math
from dataclasses import dataclass

_Z_95 = 1.959964


@dataclass(frozen=True)
class Rate:
    """`right` of `total`, with the 95 % interval of Wilson; without a total everything is possible."""

    right: int
    total: int

    @property
    def value(self) -> float | None:
        return self.right / self.total if self.total else None

    @property
    def interval(self) -> tuple[float, float]:
        if not self.total:
            return 0.0, 1.0
        share, squared = self.right / self.total, _Z_95**2
        middle = share + squared / (2 * self.total)
        around = _Z_95 * math.sqrt(share * (1 - share) / self.total + squared / (4 * self.total**2))
        scale = 1 + squared / self.total
        low, high = (middle - around) / scale, (middle + around) / scale
        return max(0.0, min(low, share)), min(1.0, max(high, share))

    def figures(self) -> dict[str, float | int | None]:
        low, high = self.interval
        value = None if self.value is None else round(self.value, 4)
        return {"right": self.right, "of": self.total, "rate": value, "low": round(low, 4),
                "high": round(high, 4)}  # fmt: skip

    def text(self) -> str:
        """For a table: `92.0 % (85.6–95.8)`."""
        if self.value is None:
            return "–"
        low, high = self.interval
        return f"{100 * self.value:.1f} % ({100 * low:.1f}–{100 * high:.1f})"
