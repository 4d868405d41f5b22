"""Films of rendered cameras: a camera, a seed and a length in, an H.264 file and its truth out.

The same seed gives the same frames. A film that is there already, made by the same code with the same
parameters, is not made again; a film appears under its name only when it is whole, its truth before it.
"""

from __future__ import annotations

import hashlib
import math
import os
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from contracts.messages.common import Corners
from triton_models.rendering import truth as truths
from triton_models.rendering.streets.drives import Drive
from triton_models.rendering.streets.light import Light, daylight, nightlight
from triton_models.rendering.streets.roads import background
from triton_models.rendering.streets.sensor import Sensor, smear
from triton_models.rendering.streets.traffic import StreetCamera, drives
from triton_models.rendering.truth import FilmTruth, FrameTruth, PassageTruth

_PACKAGE = Path(__file__).parent
_NOT_IN_FILMS = frozenset(("__main__.py", "filming.py", "scenes.py", "sheets.py", "degrade.py", "foreign.py"))
Frame = NDArray[np.uint8]


@dataclass(frozen=True)
class FilmPlan:
    """Everything that decides a film."""

    camera: StreetCamera
    seed: int
    seconds: float
    fps: float = 10.0

    @property
    def frames(self) -> int:
        return math.ceil(self.seconds * self.fps)

    @property
    def key(self) -> str:
        return hashlib.sha256(f"{code_hash()} {self!r}".encode()).hexdigest()


@cache
def code_hash() -> str:
    """Of all the code that draws, and of the typefaces' lock."""
    digest = hashlib.sha256()
    for path in sorted([*_PACKAGE.rglob("*.py"), _PACKAGE / "fonts" / "package-lock.json"]):
        if path.name not in _NOT_IN_FILMS:
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def render_film(
    film: Path,
    truth: Path,
    *,
    camera: StreetCamera,
    seed: int,
    seconds: float,
    fps: float = 10.0,
    progress: Callable[[int], None] | None = None,
) -> bool:
    """Make a film and its truth; False when both were there already. `progress` hears of frames done."""
    plan = FilmPlan(camera, seed, seconds, fps)
    if film.exists() and truths.key_of(truth) == plan.key:
        return False
    film.parent.mkdir(parents=True, exist_ok=True)
    half_film, half_truth = (path.with_name(f".{path.name}.{os.getpid()}.part") for path in (film, truth))
    try:
        scene = Scene(plan)
        _encode(half_film, scene, progress or (lambda _: None))
        half_truth.write_bytes(msgspec.json.encode(scene.truth()))
        film.unlink(missing_ok=True)
        half_truth.replace(truth)
        half_film.replace(film)
    finally:
        half_film.unlink(missing_ok=True)
        half_truth.unlink(missing_ok=True)
    return True


class Scene:
    """A film's frames, one after another, with the truth gathered on the way."""

    def __init__(self, plan: FilmPlan) -> None:
        self.plan = plan
        camera = plan.camera
        rng = np.random.default_rng((plan.seed, zlib.crc32(camera.id.encode())))
        self._light: Light = nightlight(rng) if camera.night else daylight(rng)
        self._background = background(rng, camera.view, camera.road, self._light)
        self._drives = drives(rng, camera, self._light, plan.seconds)
        self._sensor = Sensor(rng, camera.view.size_wh, 3.4 if camera.night else 2.0, rain=camera.rain)
        self._rng = rng
        self._seen: list[list[FrameTruth]] = [[] for _ in self._drives]

    def frames(self) -> Iterator[Frame]:
        """All frames in order, RGB; to be taken once."""
        for number in range(self.plan.frames):
            yield self._frame(number / self.plan.fps)

    def _frame(self, time: float) -> Frame:
        view = self.plan.camera.view
        frame = self._background.copy()
        there = [
            (index, drive) for index, drive in enumerate(self._drives) if drive.begins <= time <= drive.ends
        ]
        far_first = sorted(there, key=lambda item: -item[1].at(time)[1])
        for index, drive in far_first:
            at = drive.at(time)
            drive.posed.paint(frame, view, at)
            nearer = [other for _, other in far_first if other.at(time)[1] < at[1]]
            seen = self._truth(drive, nearer, time)
            if seen is not None:
                self._seen[index].append(seen)
                smear(frame, seen.vehicle_xyxy, self._move(drive, time))
        self._sensor.expose(frame, self._rng)
        return frame

    def _move(self, drive: Drive, time: float) -> tuple[float, float]:
        """Pixels that the vehicle moves while the shutter is open."""
        (x, y), (_, later) = drive.at(time), drive.at(time + self.plan.camera.exposure_s)
        pixels, depth = self.plan.camera.view.project(np.array([[x, y, 0.6], [x, later, 0.6]]))
        if depth.min() < 1.0:
            return 0.0, 0.0
        return float(pixels[1, 0] - pixels[0, 0]), float(pixels[1, 1] - pixels[0, 1])

    def _truth(self, drive: Drive, nearer: list[Drive], time: float) -> FrameTruth | None:
        view, at = self.plan.camera.view, drive.at(time)
        box = drive.posed.box(view, at)
        if box is None:
            return None
        plate = drive.posed.seen_plate(view, at)
        if plate is None:
            return FrameTruth(time_sec=time, vehicle_xyxy=box, corners=None, character_px=0.0, legible=False)
        hidden = any(covers(other, plate.corners, self.plan, time) for other in nearer)
        return FrameTruth(
            time_sec=time,
            vehicle_xyxy=box,
            corners=as_corners(plate.corners),
            character_px=round(plate.character_px, 2),
            legible=not hidden and plate.character_px >= truths.LEGIBLE_PX,
        )

    def truth(self) -> FilmTruth:
        """The whole truth, once all frames were taken."""
        plan, camera = self.plan, self.plan.camera
        found = [
            passage_truth(f"{camera.id}-{number:04d}", camera.id, drive, seen)
            for number, (drive, seen) in enumerate(zip(self._drives, self._seen, strict=True))
            if any(frame.corners for frame in seen)
        ]
        found.sort(key=lambda passage: passage.first_sec)
        return FilmTruth(
            schema=truths.SCHEMA,
            key=plan.key,
            camera=camera.id,
            place=camera.place,
            seed=plan.seed,
            frames_per_second=plan.fps,
            width=camera.view.size_wh[0],
            height=camera.view.size_wh[1],
            frames=plan.frames,
            night=camera.night,
            rain=camera.rain,
            legible_px=truths.LEGIBLE_PX,
            passages=tuple(each for each in found if each.legible_frames),
            illegible=tuple(each for each in found if not each.legible_frames),
        )


def covers(other: Drive, corners: NDArray[np.float64], plan: FilmPlan, time: float) -> bool:
    """Whether a nearer vehicle stands before a plate."""
    outline = other.posed.outline(plan.camera.view, other.at(time))
    if outline is None:
        return False
    points = [*corners, corners.mean(0)]
    hull = outline.astype(np.float32)
    return any(cv2.pointPolygonTest(hull, (float(x), float(y)), False) >= 0 for x, y in points)


def as_corners(pixels: NDArray[np.float64]) -> Corners:
    a, b, c, d = ((round(float(x), 2), round(float(y), 2)) for x, y in pixels)
    return a, b, c, d


def passage_truth(name: str, camera: str, drive: Drive, seen: list[FrameTruth]) -> PassageTruth:
    legible = [frame.time_sec for frame in seen if frame.legible]
    times = legible or [frame.time_sec for frame in seen if frame.corners]
    plate = drive.posed.plate
    if plate is None:
        raise ValueError(f"{name}: a vehicle without a plate makes no passage")
    return PassageTruth(
        passage=name,
        camera=camera,
        registration=" ".join(drive.registration.parts),
        text=drive.registration.text,
        vehicle=drive.kind,
        vehicle_rgb=drive.posed.model.colour,
        plate_colour=plate.colour,
        plate_kind=plate.kind,
        lines=plate.lines,
        direction="approaching" if drive.lane.approaching else "leaving",
        first_sec=times[0],
        last_sec=times[-1],
        legible_frames=len(legible),
        frames=tuple(seen),
    )


def _encode(path: Path, scene: Scene, progress: Callable[[int], None]) -> None:
    """H.264 on one thread and without x264's look ahead, which reads below the picture where its height is no
    multiple of 16: the same frames would now and then become other bytes."""
    plan = scene.plan
    rate = Fraction(plan.fps).limit_denominator(1000)
    width, height = plan.camera.view.size_wh
    with av.open(
        str(path), "w", format="mp4", options={"movflags": "+faststart", "fflags": "+bitexact"}
    ) as container:
        stream = container.add_stream("libx264", rate=rate)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.options = {
            "preset": "veryfast",
            "crf": str(plan.camera.crf),
            "threads": "1",
            "x264-params": "mbtree=0:rc-lookahead=0",
            "g": str(round(plan.fps * 2)),
        }
        for number, picture in enumerate(scene.frames()):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts = number
            container.mux(stream.encode(frame))
            progress(number + 1)
        container.mux(stream.encode())
