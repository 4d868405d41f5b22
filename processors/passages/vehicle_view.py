"""A vehicle as one frame shows it, and how well."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from contracts.messages.common import LogPosition, VehicleSeen
from contracts.messages.sighting import Sighting
from processors.passages.observations import touches_edge
from processors.passages.tracking.motion import size

_EDGE_PX = 4.0
_CUT_OFF_WORTH = 0.5


@dataclass(frozen=True, kw_only=True)
class VehicleView:
    """A vehicle as one frame shows it, `whole` or cut off by the picture's edge."""

    vehicle: VehicleSeen
    captured_at: datetime
    frame: LogPosition
    whole: bool

    @classmethod
    def of(cls, vehicle: VehicleSeen, sighting: Sighting) -> VehicleView:
        cut_off = touches_edge(vehicle.xyxy, (sighting.width, sighting.height), within_px=_EDGE_PX)
        return cls(vehicle=vehicle, captured_at=sighting.captured_at, frame=sighting.frame, whole=not cut_off)

    @property
    def worth(self) -> float:
        """The nearer the better, but one that leaves the picture is nearest when half of it is gone."""
        worth = self.vehicle.confidence * size(self.vehicle.xyxy)
        return worth if self.whole else worth * _CUT_OFF_WORTH
