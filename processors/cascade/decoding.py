"""Rows that the models give -> vehicles, plates of one look, characters of one plate. Arithmetic only."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from contracts.messages.common import ALPHABET, PLATE_COLOURS, VEHICLE_CLASSES, VehicleSeen, Xyxy
from contracts.messages.sighting import CharacterSeen
from processors.cascade.looks import Look
from processors.cascade.merging import FoundPlate, quality_of
from processors.cascade.settings import CascadeSettings
from triton_models.geometry import Homography, box_corners, corners_box, project
from triton_models.lines import line_of_each

Floats = NDArray[np.float32]


def vehicles_in(
    rows: Floats, scale: float, size_wh: tuple[int, int], settings: CascadeSettings
) -> tuple[VehicleSeen, ...]:
    """Vehicles of one picture [32, 6], in pixels of the picture."""
    found: list[VehicleSeen] = []
    for row in rows[rows[:, 4] >= settings.least_vehicle]:
        xyxy = _within(row[:4] / scale, size_wh)
        if xyxy[2] - xyxy[0] < 2 or xyxy[3] - xyxy[1] < 2:
            continue
        kind = VEHICLE_CLASSES[min(max(int(row[5]), 0), len(VEHICLE_CLASSES) - 1)]
        found.append(VehicleSeen(kind=kind, confidence=_probability(row[4]), xyxy=xyxy))
    return tuple(found)


def plates_in(
    rows: Floats, look: Look, size_wh: tuple[int, int], settings: CascadeSettings
) -> list[FoundPlate]:
    """Plates of one look [16, 17], in pixels of the picture. Those outside the picture are none."""
    found: list[FoundPlate] = []
    for row in rows[rows[:, 8] >= settings.least_plate]:
        corners = look.to_picture(row[:8].reshape(4, 2))
        width_px = (
            float(np.linalg.norm(corners[1] - corners[0]) + np.linalg.norm(corners[2] - corners[3])) / 2
        )
        middle = corners.mean(axis=0)
        inside = 0 <= middle[0] < size_wh[0] and 0 <= middle[1] < size_wh[1]
        if not inside or width_px < settings.least_plate_px or not _is_convex(corners):
            continue
        colours = row[10:17]
        colour = int(colours.argmax())
        score = _probability(row[8])
        found.append(
            FoundPlate(
                corners=corners,
                score=score,
                two_lines=_probability(row[9]),
                colour=PLATE_COLOURS[colour],
                colour_confidence=_probability(colours[colour]),
                quality=quality_of(score, width_px * look.scale, cut_off=look.cuts(corners, size_wh)),
                width_in_look_px=width_px * look.scale,
            )
        )
    return found


def certainty(probabilities: Floats) -> float:
    """Product of each slot's surest class, blank included, for one plate [14, 37]."""
    return float(np.prod(probabilities.max(axis=1)))


def mean_of_agreeing(framings: Sequence[Floats]) -> Floats:
    """The mean of those framings of a plate whose number of characters is that of the surest one."""
    surest = max(framings, key=certainty)
    length = _length(surest)
    agreeing = [framing for framing in framings if _length(framing) == length]
    mean: Floats = np.mean(agreeing, axis=0, dtype=np.float32)
    return mean


def characters_in(
    probabilities: Floats,
    places: Floats,
    homography: Homography,
    size_wh: tuple[int, int],
    *,
    settings: CascadeSettings,
) -> tuple[CharacterSeen, ...]:
    """Characters of one plate ([14, 37], [14, 4]) with boxes around them in pixels of the picture, on the
    lines on which they stand."""
    used = used_slots(probabilities, settings)
    if not len(used):
        return ()
    lines = line_of_each(places[used]).tolist()
    boxes = corners_box(project(box_corners(places[used]), np.asarray(np.linalg.inv(homography), np.float64)))
    return tuple(
        CharacterSeen(
            xyxy=_within(box, size_wh), line=line, probabilities=_sparse(probabilities[slot], settings)
        )
        for slot, box, line in zip(used, boxes, lines, strict=True)
    )


def used_slots(probabilities: Floats, settings: CascadeSettings) -> NDArray[np.intp]:
    """Which slots of a plate hold a character, perhaps."""
    return np.flatnonzero(1.0 - probabilities[:, -1] >= settings.least_character)


def _sparse(probabilities: Floats, settings: CascadeSettings) -> dict[str, float]:
    return {
        character: round(_probability(value), 4)
        for character, value in zip(ALPHABET, probabilities, strict=False)
        if value >= settings.least_probability
    }


def _length(probabilities: Floats) -> int:
    return int((probabilities.argmax(axis=1) != len(ALPHABET)).sum())


def _is_convex(corners: Floats) -> bool:
    """Whether the corners go round clockwise: a crossed quadrilateral cannot be rectified."""
    sides = np.roll(corners, -1, axis=0) - corners
    after = np.roll(sides, -1, axis=0)
    return bool((sides[:, 0] * after[:, 1] - sides[:, 1] * after[:, 0] > 0).all())


def _within(xyxy: Floats, size_wh: tuple[int, int]) -> Xyxy:
    width, height = size_wh
    x0, y0, x1, y1 = (float(value) for value in xyxy)
    return (
        round(min(max(x0, 0.0), width), 2),
        round(min(max(y0, 0.0), height), 2),
        round(min(max(x1, 0.0), width), 2),
        round(min(max(y1, 0.0), height), 2),
    )


def _probability(value: float) -> float:
    return float(min(max(value, 0.0), 1.0))
