"""How well a reader reads labelled cut-outs: probabilities against texts, per source."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from contracts.messages.common import ALPHABET
from triton_models.training.crops.plate_pictures import Floats, PlateCut, Rgb, framed
from triton_models.training.evaluation.outcomes import aligned

Probabilities = Callable[[NDArray[np.uint8]], Floats]
"""uint8 [B, 64, 192, 3] to float32 [B, 14, 37]."""


@dataclass
class Tally:
    plates: int = 0
    right: int = 0
    characters: int = 0
    characters_right: int = 0

    @property
    def exact(self) -> float:
        return self.right / max(self.plates, 1)

    @property
    def character_accuracy(self) -> float:
        return self.characters_right / max(self.characters, 1)

    def count(self, truth: str, read: str) -> None:
        self.plates += 1
        self.right += read == truth
        self.characters += len(truth)
        changes = sum(true != seen for true, seen in aligned(truth, read))
        self.characters_right += max(0, len(truth) - changes)


def best_text(probabilities: Floats) -> str:
    """The likeliest class of each slot; blanks are left out."""
    return "".join(ALPHABET[index] for index in probabilities.argmax(-1) if index < len(ALPHABET))


def served_crops(cuts: Sequence[PlateCut]) -> NDArray[np.uint8]:
    """Each plate in its first framing: the best known of its corners."""
    crops: list[Rgb] = [framed(cut, cut.framings[0]) for cut in cuts]
    return np.stack(crops)


def read_all(cuts: Sequence[PlateCut], read: Probabilities, batch: int = 64) -> Floats:
    pieces = [read(served_crops(cuts[start : start + batch])) for start in range(0, len(cuts), batch)]
    return np.concatenate(pieces)


def tally(cuts: Sequence[PlateCut], probabilities: Floats) -> dict[str, Tally]:
    """Per source, and per number of lines where it is known."""
    found: dict[str, Tally] = {}
    for cut, slots in zip(cuts, probabilities, strict=True):
        names = ["all", cut.source]
        if cut.lines is not None:
            names.append(f"{cut.lines} line" if cut.lines == 1 else f"{cut.lines} lines")
        for name in names:
            found.setdefault(name, Tally()).count(cut.text, best_text(slots))
    return found
