"""Rendered streets as labelled pictures: a seed and a number in, the same picture with its labels out.

Cameras, lanes, light and traffic are drawn by chance. A street is set up once and looked at in several
moments, since setting it up is what takes the time.
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import lru_cache

import cv2
import numpy as np

from contracts.messages.common import PLATE_COLOURS, VEHICLE_CLASSES, VehicleKind
from triton_models.rendering.streets.camera import View
from triton_models.rendering.streets.drives import Drive, Lane
from triton_models.rendering.streets.light import daylight, nightlight
from triton_models.rendering.streets.roads import Road, background
from triton_models.rendering.streets.sensor import Sensor
from triton_models.rendering.streets.traffic import StreetCamera, drives
from triton_models.training.detectors.pictures import Floats, LabelledPicture, PlateLabel, Rgb, VehicleLabel

SOURCE = "streets"
_MOMENTS = 8
_SECONDS = 40.0
_WIDTHS = (640, 800, 960, 1280)
_KINDS: dict[VehicleKind, float] = {"car": 4, "motorcycle": 2, "auto-rickshaw": 2, "bus": 1, "truck": 1.5}
_LEAST_VEHICLE_PX = 6.0
_LEAST_SHOWN = 0.4
"""Share of a vehicle within the picture from which on it is to be found."""
_KEPT = 2048
_JPEG_QUALITY = 92


class Streets:
    """`picture(rng)`: one of `streets` x `_MOMENTS` pictures, rendered when it is first asked for."""

    def __init__(self, seed: int, streets: int) -> None:
        self._seed, self._streets = seed, streets
        self._street = lru_cache(maxsize=_KEPT // _MOMENTS)(self._rendered)

    def picture(self, rng: np.random.Generator) -> LabelledPicture:
        while True:
            pictures = self._street(int(rng.integers(self._streets)))
            if pictures:
                return pictures[int(rng.integers(len(pictures)))]

    def _rendered(self, number: int) -> tuple[LabelledPicture, ...]:
        """Moments of one street in which a vehicle can be seen."""
        rng = np.random.default_rng((self._seed, number))
        camera = _camera(rng, number)
        light = nightlight(rng) if camera.night else daylight(rng)
        empty = background(rng, camera.view, camera.road, light)
        passing = drives(rng, camera, light, _SECONDS)
        sensor = Sensor(rng, camera.view.size_wh, float(rng.uniform(1.5, 6.0)), rain=camera.rain)
        pictures: list[LabelledPicture] = []
        for moment in range(_MOMENTS if passing else 0):
            drive = passing[int(rng.integers(len(passing)))]
            time = drive.begins + (drive.ends - drive.begins) * float(rng.uniform(0.05, 0.95))
            there = [each for each in passing if each.begins <= time <= each.ends]
            frame = empty.copy()
            picture = _seen(frame, camera.view, there, time, f"{SOURCE}/{number}-{moment}")
            sensor.expose(frame, rng)
            if picture.vehicles or picture.plates:
                pictures.append(_with_pixels(picture, frame))
        return tuple(pictures)


def _camera(rng: np.random.Generator, number: int) -> StreetCamera:
    width = int(rng.choice(_WIDTHS))
    height_m, looks_at_m = (
        float(rng.uniform(2.0, 6.5)),
        float(math.exp(rng.uniform(math.log(5), math.log(20)))),
    )
    lanes_x = [(0.0,), (-1.5, 1.5), (-3.0, 0.0, 3.0)][int(rng.choice(3, p=(0.4, 0.4, 0.2)))]
    view = View(
        size_wh=(width, width * 9 // 16), focal_px=width * float(rng.uniform(0.9, 3.0)), height_m=height_m,
        tilt_deg=math.degrees(math.atan2(height_m - 0.6, looks_at_m)), pan_deg=float(rng.normal(0, 4)),
        roll_deg=float(rng.normal(0, 1.5)), side_m=float(rng.normal(0, 0.8)),
    )  # fmt: skip
    edge = max(lanes_x) + float(rng.uniform(1.6, 2.6))
    lanes = tuple(Lane(x, bool(rng.random() < 0.6), float(rng.uniform(3.0, 8.0)), _KINDS) for x in lanes_x)
    return StreetCamera(
        f"street-{number}", "", view, Road(-edge, edge, lanes_x), lanes, passages_per_minute=25.0,
        night=bool(rng.random() < 0.25), rain=bool(rng.random() < 0.1),
    )  # fmt: skip


def _seen(frame: Rgb, view: View, there: list[Drive], time: float, name: str) -> LabelledPicture:
    """Paints who is there, far ones first, and says where they and their plates are."""
    far_first = sorted(there, key=lambda drive: -drive.at(time)[1])
    vehicles: list[VehicleLabel] = []
    plates: list[PlateLabel] = []
    hidden: list[Floats] = []
    cut_off: list[Floats] = []
    for place, drive in enumerate(far_first):
        at = drive.at(time)
        drive.posed.paint(frame, view, at)
        box = drive.posed.box(view, at)
        if box is None or min(box[2] - box[0], box[3] - box[1]) < _LEAST_VEHICLE_PX:
            continue
        shown = np.array(box, np.float32)
        if _shown_share(drive, view, time, shown) < _LEAST_SHOWN:
            cut_off.append(shown)
        else:
            vehicles.append(VehicleLabel(shown, VEHICLE_CLASSES.index(drive.kind)))
        seen = drive.posed.seen_plate(view, at)
        plate = drive.posed.plate
        if seen is None or plate is None:
            continue
        corners = seen.corners.astype(np.float32)
        if any(_covers(nearer, corners, view, time) for nearer in far_first[place + 1 :]):
            hidden.append(corners)
        else:
            plates.append(PlateLabel(corners, 1.0, plate.lines, PLATE_COLOURS.index(plate.colour)))
    return LabelledPicture(
        name=name, source=SOURCE, jpeg=b"", is_crop=False, plates=tuple(plates), unsure_plates=tuple(hidden),
        vehicles=tuple(vehicles), unsure_vehicles=tuple(cut_off), kinds=tuple(range(len(VEHICLE_CLASSES))),
    )  # fmt: skip


def _shown_share(drive: Drive, view: View, time: float, shown: Floats) -> float:
    outline = drive.posed.outline(view, drive.at(time))
    if outline is None:
        return 0.0
    whole = float(np.prod(outline.max(0) - outline.min(0)))
    return float(np.prod(shown[2:] - shown[:2])) / max(whole, 1e-6)


def _covers(nearer: Drive, corners: Floats, view: View, time: float) -> bool:
    outline = nearer.posed.outline(view, nearer.at(time))
    if outline is None:
        return False
    hull = outline.astype(np.float32)
    points = (*corners, corners.mean(0))
    return any(cv2.pointPolygonTest(hull, (float(x), float(y)), False) >= 0 for x, y in points)


def _with_pixels(picture: LabelledPicture, frame: Rgb) -> LabelledPicture:
    bgr = cv2.cvtColor(frame, cv2.COLOR_RGB2BGR)
    jpeg = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])[1].tobytes()
    return replace(picture, jpeg=jpeg)
