"""Examples for the vehicle detector: views of labelled pictures, each class judged only where labelled."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from contracts.errors import Stop
from contracts.messages.common import VEHICLE_CLASSES
from triton_models.tensors import VEHICLE_SIZE_WH
from triton_models.training.detectors.cells import visible_share
from triton_models.training.detectors.config import DetectorTraining
from triton_models.training.detectors.feeder import Arrays
from triton_models.training.detectors.pictures import Floats, LabelledPicture, VehicleLabel
from triton_models.training.detectors.streets import Streets
from triton_models.training.detectors.views import View, in_other_light, view_of
from triton_models.training.vehicles.bare import bare_plate
from triton_models.training.vehicles.loss import IGNORED, NOTHING

SIZE_WH = VEHICLE_SIZE_WH
"""Learned at the size that is served: on smaller ones no vehicle is as large as those before a gate."""
_LEAST_VISIBLE = 0.35
_LEAST_SIDE_PX = 10.0
_MOST_LABELS = 96
_CAR, _RICKSHAW = VEHICLE_CLASSES.index("car"), VEHICLE_CLASSES.index("auto-rickshaw")


class _Pool:
    """Pictures, drawn by the weights of their sources."""

    def __init__(self, pictures: Sequence[LabelledPicture], weights: Mapping[str, float]) -> None:
        self._by_source: dict[str, list[LabelledPicture]] = {}
        for picture in pictures:
            self._by_source.setdefault(picture.source, []).append(picture)
        self._sources = sorted(self._by_source)
        shares = np.array([weights[source] for source in self._sources])
        self._steps = np.cumsum(shares) / shares.sum()

    def picture(self, rng: np.random.Generator) -> LabelledPicture:
        pictures = self._by_source[self._sources[int(np.searchsorted(self._steps, rng.random() * 0.999999))]]
        return pictures[int(rng.integers(len(pictures)))]


class VehicleExamples:
    """`example(rng)`: the view and its labels. Pictures are drawn by the weights of their sources, a share of
    them for a kind of vehicle, every kind alike, so that the rare ones are learned too.

    Raises:
        Stop: no picture but crops shows a vehicle.
    """

    def __init__(self, pictures: list[LabelledPicture], config: DetectorTraining) -> None:
        shown = [picture for picture in pictures if picture.vehicles and not picture.is_crop]
        if not shown:
            named = f"the sources {', '.join(config.sources)}"
            raise Stop(f"{named}: no whole picture to learn from has a labelled vehicle")
        self._any = _Pool(shown, config.sources)
        self._of_kind = [
            (kind, _Pool(there, config.sources))
            for kind in range(len(VEHICLE_CLASSES))
            if (there := [each for each in shown if any(label.kind == kind for label in each.vehicles)])
        ]
        self._by_kind, self._bare = config.by_kind, config.bare
        self._street_share = config.streets
        self._streets = Streets(config.seed, config.distinct_streets)

    def example(self, rng: np.random.Generator) -> Arrays:
        if rng.random() < self._bare:
            everything = tuple(range(len(VEHICLE_CLASSES)))
            return (in_other_light(bare_plate(rng), rng), *self._targets([], [], everything))
        picture, kind = self._picture(rng)
        pixels = picture.pixels()
        view = _view(picture, kind, (pixels.shape[1], pixels.shape[0]), rng)
        shown = in_other_light(view.of(pixels), rng)
        labels = [VehicleLabel(view.box(label.xyxy), label.kind) for label in picture.vehicles]
        unsure = [view.box(box) for box in picture.unsure_vehicles]
        return (shown, *self._targets(labels, unsure, picture.kinds))

    def _picture(self, rng: np.random.Generator) -> tuple[LabelledPicture, int | None]:
        """A picture and the kind of the vehicle that it is looked at for, if that matters."""
        if rng.random() < self._street_share:
            return self._streets.picture(rng), None
        if rng.random() < self._by_kind:
            kind, pool = self._of_kind[int(rng.integers(len(self._of_kind)))]
            return pool.picture(rng), kind
        return self._any.picture(rng), None

    def _targets(self, labels: list[VehicleLabel], unsure: list[Floats], kinds: tuple[int, ...]) -> Arrays:
        """Boxes with their classes, [96, 5], and the classes that count, [6]."""
        rows: list[list[float]] = []
        for label in sorted(labels, key=lambda each: -_area(each.xyxy)):
            shown = np.array([*np.maximum(label.xyxy[:2], 0), *np.minimum(label.xyxy[2:], SIZE_WH)])
            across, down = float(shown[2] - shown[0]), float(shown[3] - shown[1])
            if across <= 0 or down <= 0:
                continue
            seen = (
                visible_share(label.xyxy, SIZE_WH) >= _LEAST_VISIBLE and min(across, down) >= _LEAST_SIDE_PX
            )
            rows.append([*shown, label.kind if seen else IGNORED])
        rows += [[*box, IGNORED] for box in unsure]
        boxes = np.full((_MOST_LABELS, 5), NOTHING, np.float32)
        boxes[: len(rows)] = np.array(rows, np.float32).reshape(-1, 5)[:_MOST_LABELS]
        counts = np.zeros(len(VEHICLE_CLASSES), np.float32)
        counts[list(kinds)] = 1.0
        if _CAR in kinds:
            # Who labels cars gives rickshaws a label too, if only that of a car: the rest is none.
            counts[_RICKSHAW] = 1.0
        return boxes, counts


def _area(box: Floats) -> float:
    return float((box[2] - box[0]) * (box[3] - box[1]))


def _view(
    picture: LabelledPicture, kind: int | None, size_wh: tuple[int, int], rng: np.random.Generator
) -> View:
    """About as large as the served letterbox shows it, around one of its vehicles, or of those of a kind."""
    fit = min(VEHICLE_SIZE_WH[0] / size_wh[0], VEHICLE_SIZE_WH[1] / size_wh[1])
    scale = fit * math.exp(rng.uniform(math.log(0.5), math.log(1.4)))
    if not picture.vehicles:
        centre, lands_at = (size_wh[0] / 2, size_wh[1] / 2), (SIZE_WH[0] / 2, SIZE_WH[1] / 2)
        return view_of(rng, centre=centre, lands_at=lands_at, scale=scale, size_wh=SIZE_WH, mirror_share=0.5)
    meant = [label for label in picture.vehicles if kind is None or label.kind == kind]
    box = meant[int(rng.integers(len(meant)))].xyxy
    largest = 0.95 * min(SIZE_WH[0] / max(1.0, box[2] - box[0]), SIZE_WH[1] / max(1.0, box[3] - box[1]))
    if scale > largest and rng.random() < 0.7:
        scale = float(largest)
    centre = (float(box[0] + box[2]) / 2, float(box[1] + box[3]) / 2)
    lands_at = (float(rng.uniform(0.2, 0.8)) * SIZE_WH[0], float(rng.uniform(0.2, 0.8)) * SIZE_WH[1])
    return view_of(rng, centre=centre, lands_at=lands_at, scale=scale, size_wh=SIZE_WH, mirror_share=0.5)
