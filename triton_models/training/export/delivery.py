"""A trained model put in its place: file, card, what others can begin with, and the checksum that Triton is
told in `config.pbtxt`, all of it or nothing."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from contracts.errors import Stop
from triton_models.checksum import with_checksum
from triton_models.training.export.checked import Exported
from triton_models.training.export.history import history
from triton_models.training.runs.starting import FILE, Spent, write_start

FIRST_VERSION = "0.1.0"
CARD = "card.json"
CONFIG = "config.pbtxt"

Card = dict[str, Any]


@dataclass(frozen=True)
class Delivery:
    """`folder`: the model's, in a repository. `beside`: in it, where everything is made first."""

    folder: Path
    beside: Path

    @property
    def model(self) -> Path:
        return self.beside / "1" / "model.onnx"

    def write_start(self, weights: Mapping[str, Tensor], spent: Spent) -> None:
        write_start(self.beside / FILE, weights, steps=spent.all_steps, seconds=spent.all_seconds)

    def write_card(self, exported: Exported, figures: Card, text: Callable[[Card, str], str]) -> None:
        """`text` of the whole card and of what people wrote about the weights before."""
        card = {
            "version": next_version(self.folder, exported.sha256),
            "sha256": exported.sha256,
            "bytes": exported.bytes,
            "difference_from_pytorch": exported.largest_difference,
            **figures,
        }
        (self.beside / CARD).write_text(json.dumps(card, indent=1, sort_keys=True) + "\n", "utf-8")
        (self.beside / "CARD.md").write_text(text(card, history(self.folder)), "utf-8")

    def write_config(self) -> None:
        """The one that stands there, for the new file. A folder that no Triton serves has none."""
        before = self.folder / CONFIG
        if before.is_file():
            sha256 = hashlib.sha256(self.model.read_bytes()).hexdigest()
            (self.beside / CONFIG).write_text(with_checksum(before.read_text("utf-8"), sha256), "utf-8")


@contextmanager
def delivered(folder: Path) -> Iterator[Delivery]:
    """What is made within takes the places of the files before only when all of it is there.

    Raises:
        Stop: something cannot be written, most often because the disk is full.
    """
    beside = folder / ".new"
    try:
        shutil.rmtree(beside, ignore_errors=True)  # of a run that was killed
        beside.mkdir(parents=True)
        delivery = Delivery(folder, beside)
        yield delivery
        delivery.write_config()
        for path in sorted(path for path in beside.rglob("*") if path.is_file()):
            place = folder / path.relative_to(beside)
            place.parent.mkdir(exist_ok=True)
            path.replace(place)
    except OSError as error:
        raise Stop(
            f"{folder}: the trained model cannot be put there ({error}); go on with --resume"
        ) from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def next_version(folder: Path, sha256: str) -> str:
    """The one that stands there while the model's file is the same, else its last number and one.

    Raises:
        Stop: the card that stands there has no version to count on from.
    """
    path = folder / CARD
    if not path.is_file():
        return FIRST_VERSION
    try:
        before = json.loads(path.read_text(encoding="utf-8"))
        major, minor, patch = map(int, before["version"].split("."))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Stop(f"{path}: no version such as {FIRST_VERSION}: mend it or take it away") from error
    same = before.get("sha256") == sha256
    return f"{major}.{minor}.{patch if same else patch + 1}"
