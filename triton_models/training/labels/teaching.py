"""A folder of labelled pictures, some without a teacher's vehicles -> the same with those of another model.

Sources that label plates, or one kind of vehicle, say nothing of the others in their pictures. A detector
of others that knows those says it, and its labels are a teacher's: good, and not the truth.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import numpy as np

from contracts.errors import Stop
from triton_models.training.evaluation.peers import Boxes, Detector
from triton_models.training.labels.annotations import (
    Annotation,
    Skipped,
    TeacherLabels,
    TeacherVehicle,
    read_annotations,
    read_teacher,
)
from triton_models.training.labels.opened import opened

LEAST_SCORE = 0.1
"""Less sure ones are left out; what lies between this and sure is neither right nor wrong in training."""


def teach(
    folder: Path, output: Path, detect: Detector, begin: Callable[[int], Callable[[], None]]
) -> tuple[int, list[Skipped]]:
    """Writes `output`: the pictures as links, the annotations, and a teacher.jsonl in which every picture of
    `train` and `val` that shows more than a plate has vehicles. How many were added, and what was left out.

    Raises:
        Stop: the folder has no annotations, or `output` is there already or cannot be written.
    """
    found = read_annotations(folder)
    left_out = list(found.skipped)
    teacher = read_teacher(folder, left_out)
    asked = [note for note in found.pictures if _is_asked(note, teacher.get(note.image))]
    if output.exists():
        raise Stop(f"{output}: is there already; a taught folder is written anew")
    step = begin(len(asked))
    added = 0
    with _made(output) as beside:
        for note in asked:
            rgb = opened(folder, note.image, left_out)
            if rgb is not None:
                vehicles = _vehicles(detect(rgb))
                added += len(vehicles)
                known = teacher.get(note.image, TeacherLabels(image=note.image))
                teacher[note.image] = msgspec.structs.replace(known, vehicles=vehicles)
            step()
        _link(folder, beside)
        lines = [msgspec.json.encode(labels) for labels in teacher.values()]
        (beside / "teacher.jsonl").write_bytes(b"".join(line + b"\n" for line in lines))
    return added, left_out


@contextmanager
def _made(output: Path) -> Iterator[Path]:
    """A folder beside, which takes its place once it is whole; else nothing of it stays."""
    beside = output.with_name(f".{output.name}.part")
    try:
        shutil.rmtree(beside, ignore_errors=True)  # of a run that was killed
        beside.mkdir(parents=True)
        yield beside
        beside.replace(output)
    except OSError as error:
        raise Stop(f"{output}: cannot be written: {error.strerror or error}") from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _is_asked(note: Annotation, taught: TeacherLabels | None) -> bool:
    if note.split == "test" or note.kind == "crop":
        return False
    # Whose source labels all cars needs nobody else's word.
    labelled = note.vehicles_complete and "car" in note.vehicle_classes
    return not labelled and (taught is None or not taught.vehicles)


def _vehicles(found: Boxes) -> tuple[TeacherVehicle, ...]:
    boxes, scores = found.xyxy.astype(np.float64).round(1), found.scores.astype(np.float64).round(4)
    rows = zip(boxes.tolist(), scores.tolist(), found.kinds, strict=True)
    return tuple(
        TeacherVehicle(kind=kind, box=(x0, y0, x1, y1), score=score)
        for (x0, y0, x1, y1), score, kind in rows
        if score >= LEAST_SCORE
    )


def _link(folder: Path, beside: Path) -> None:
    for entry in folder.iterdir():
        if entry.name != "teacher.jsonl" and entry.resolve() != beside.resolve():
            (beside / entry.name).symlink_to(entry.resolve())
