"""What one camera asks to be looked at: its zones, the smallest plate, the kinds of vehicle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from contracts.cameras import Camera
from contracts.messages.common import VehicleKind, VehicleSeen, Xyxy
from processors.cascade.merging import FoundPlate, vehicle_of
from processors.framing import framing_of

Polygon = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Regard:
    """`zones` as polygons in shares of the frame's width and height; empty fields ask for nothing."""

    zones: tuple[Polygon, ...] = ()
    least_plate_px: float = 0.0
    kinds: frozenset[VehicleKind] = frozenset()

    def vehicles(self, found: Sequence[VehicleSeen], size_wh: tuple[int, int]) -> tuple[VehicleSeen, ...]:
        """Those of a kind that is asked for, standing in a zone: where their wheels are."""
        return tuple(
            vehicle
            for vehicle in found
            if (not self.kinds or vehicle.kind in self.kinds) and self._holds(_foot(vehicle.xyxy), size_wh)
        )

    def plates(
        self, found: Sequence[FoundPlate], vehicles: Sequence[VehicleSeen], size_wh: tuple[int, int]
    ) -> list[FoundPlate]:
        """Those that are large enough, in a zone, and not on a vehicle of another kind. `vehicles` are all
        that the picture shows."""
        return [
            plate
            for plate in found
            if plate.xyxy[2] - plate.xyxy[0] >= self.least_plate_px
            and self._holds(_middle(plate.xyxy), size_wh)
            and self._on_wanted(plate, vehicles)
        ]

    def _on_wanted(self, plate: FoundPlate, vehicles: Sequence[VehicleSeen]) -> bool:
        if not self.kinds:
            return True
        number = vehicle_of(plate.xyxy, vehicles)
        return number is None or vehicles[number].kind in self.kinds

    def _holds(self, point: tuple[float, float], size_wh: tuple[int, int]) -> bool:
        if not self.zones:
            return True
        share = (point[0] / size_wh[0], point[1] / size_wh[1])
        return any(
            cv2.pointPolygonTest(np.asarray(zone, np.float32), share, measureDist=False) >= 0
            for zone in self.zones
        )


EVERYTHING = Regard()


def regard_of(camera: Camera) -> Regard:
    """What a camera of the camera file asks for, in shares of the frames that it sends."""
    framing = framing_of(camera)
    zones = tuple(tuple(framing.of(corner) for corner in zone.corners) for zone in camera.zones)
    return Regard(
        zones=zones, least_plate_px=float(camera.least_plate_px or 0), kinds=frozenset(camera.vehicles)
    )


def _foot(xyxy: Xyxy) -> tuple[float, float]:
    return (xyxy[0] + xyxy[2]) / 2, xyxy[3]


def _middle(xyxy: Xyxy) -> tuple[float, float]:
    return (xyxy[0] + xyxy[2]) / 2, (xyxy[1] + xyxy[3]) / 2
