"""One vehicle's way past a camera: where it is at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from contracts.messages.common import VehicleKind
from triton_models.rendering.numbers import Registration
from triton_models.rendering.streets.posed import Posed

STEP_SEC = 0.05


@dataclass(frozen=True)
class Lane:
    """A stream of vehicles: where, which way, how fast, which kinds (weights)."""

    x_m: float
    approaching: bool
    speed_mps: float
    kinds: Mapping[VehicleKind, float]


@dataclass(frozen=True)
class Drive:
    """One vehicle's way through the picture: place along y is start + speed * (time - begins), or, where it
    has a `course`, so many metres from its start, one value every `STEP_SEC`."""

    posed: Posed
    registration: Registration
    kind: VehicleKind
    lane: Lane
    x_m: float
    start_y: float
    end_y: float
    begins: float
    speed: float
    """Along y: below 0 when it approaches."""
    course: tuple[float, ...] = ()

    @property
    def ends(self) -> float:
        if self.course:
            return self.begins + (len(self.course) - 1) * STEP_SEC
        return self.begins + (self.end_y - self.start_y) / self.speed

    def at(self, time: float) -> tuple[float, float]:
        if not self.course:
            return self.x_m, self.start_y + self.speed * (time - self.begins)
        step = min(max((time - self.begins) / STEP_SEC, 0.0), len(self.course) - 1.0)
        before = min(int(step), len(self.course) - 2)
        gone = self.course[before] + (step - before) * (self.course[before + 1] - self.course[before])
        return self.x_m, self.start_y + (gone if self.speed > 0 else -gone)
