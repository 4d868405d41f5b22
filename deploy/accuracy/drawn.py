"""Labelled pictures for those who have none: drawn street scenes in the format of any other folder.

The scenes are small, blurred and compressed on purpose. Their figures compare one installation or model
with another; what they say of a real street is for real pictures to show.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from contracts.errors import Stop
from triton_models.rendering.films import code_hash
from triton_models.rendering.scenes import ScenePlate, SceneTruth, training_scene
from triton_models.rendering.truth import LEGIBLE_PX

_QUALITY = 90


def draw_pictures(folder: Path, count: int, step: Callable[[], None], seed: int = 1) -> Path:
    """A folder below `folder` with scenes that hold a legible plate; one that is whole is used again."""
    name = f"drawn-{count}-{seed}-{code_hash()[:12]}"
    whole, beside = folder / name, folder / f".{name}.part"
    if whole.is_dir():
        return whole
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    rng = np.random.default_rng(seed)
    notes: list[dict[str, Any]] = []
    while len(notes) < count:
        frame, truth = training_scene(rng)
        if not any(_legible(plate) for plate in truth.plates):
            continue
        picture = f"{len(notes):05d}.jpg"
        written = cv2.imwrite(
            str(beside / picture), frame[..., ::-1].copy(), (cv2.IMWRITE_JPEG_QUALITY, _QUALITY)
        )
        if not written:
            raise Stop(f"{beside / picture}: cannot be written")
        notes.append(_note(picture, frame.shape, truth))
        step()
    (beside / "annotations.jsonl").write_text("".join(json.dumps(note) + "\n" for note in notes))
    beside.replace(whole)
    return whole


def _legible(plate: ScenePlate) -> bool:
    return plate.character_px >= LEGIBLE_PX


def _note(picture: str, shape: tuple[int, ...], truth: SceneTruth) -> dict[str, Any]:
    """Plates too small to read are there without a text: found or not, they are not judged."""
    return {
        "image": picture,
        "source": "drawn by night" if truth.night else "drawn",
        "split": "val",
        "width": shape[1],
        "height": shape[0],
        "plates": [
            {"box": _box(plate), "text": plate.text if _legible(plate) else None, "lines": plate.lines}
            for plate in truth.plates
        ],
        "plates_complete": False,
        "vehicles": [{"class": vehicle.kind, "box": vehicle.xyxy} for vehicle in truth.vehicles],
        "vehicles_complete": True,
    }


def _box(plate: ScenePlate) -> list[float]:
    across, down = ([corner[axis] for corner in plate.corners] for axis in (0, 1))
    return [round(value, 1) for value in (min(across), min(down), max(across), max(down))]
