"""Labels that are probably wrong, by rule: a trained reader is sure of another text than the label says.

Only plates of `train` and `val` are asked about: what is found here is for exclusion from training and for
people to look at, and `test` must stay as its sources made it. A reader that trained on a wrong label may
have learned it by heart, so this finds most wrong labels and not all.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from contracts.errors import Stop
from contracts.messages.common import ALPHABET
from contracts.plate_number import verdict
from triton_models.training.characters.score import best_text
from triton_models.training.crops.plate_pictures import Floats, PlateCut

SPLITS = ("train", "val")
LEAST_SURE = 0.6
"""Of a whole text; smoothed labels in training keep it under 0.9 for the clearest of plates."""
MOST_FOR_LABEL = 0.02
"""The label may be at most this likely, as a share of the text that was read."""


@dataclass(frozen=True)
class Suspect:
    picture: str
    label: str
    read: str
    probability: float


def suspects(plates: Sequence[PlateCut], probabilities: Floats) -> list[Suspect]:
    """Plates [N, 14, 37] whose reading fits a known format, is sure, and leaves no room for the label."""
    found: list[Suspect] = []
    for cut, slots in zip(plates, probabilities, strict=True):
        read = best_text(slots)
        sure = float(slots.max(-1).prod())
        if read == cut.text or sure < LEAST_SURE or not verdict(read).valid:
            continue
        if _likelihood(cut.text, slots) <= MOST_FOR_LABEL * sure:
            found.append(Suspect(cut.name, cut.text, read, round(sure, 4)))
    return sorted(found, key=lambda each: -each.probability)


def _likelihood(text: str, slots: Floats) -> float:
    """Of the text in the first slots and nothing in the others."""
    blank = slots.shape[-1] - 1
    classes = [ALPHABET.index(character) for character in text] + [blank] * (len(slots) - len(text))
    return float(np.prod(slots[np.arange(len(slots)), classes]))


def write_suspects(path: Path, found: Sequence[Suspect]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(asdict(each)) + "\n" for each in found))


def read_exclusions(path: Path) -> frozenset[tuple[str, str]]:
    """Picture and label of each line of such a list.

    Raises:
        Stop: the list is missing or damaged.
    """
    try:
        lines = [json.loads(line) for line in path.read_text().splitlines() if line.strip()]
        return frozenset((str(line["picture"]), str(line["label"])) for line in lines)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Stop(f"{path}: no list of labels to leave out: {error}") from error
