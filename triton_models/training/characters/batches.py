"""Batches for the reader: real cut-outs and drawn plates mixed by shares; step number in, tensors out.

The generator of a batch is made from the seed and the step alone, so a resumed run sees the very
batches that an uninterrupted one would have seen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from contracts.errors import Stop
from contracts.messages.common import ALPHABET
from triton_models.tensors import SLOTS
from triton_models.training.characters.network import BLANK, GRID_COLUMNS, GRID_ROWS, TOKENS
from triton_models.training.characters.relettered import Lettercase
from triton_models.training.crops.plate_pictures import HEIGHT, WIDTH, Floats, PlateCut, training_crop

Draw = Callable[[np.random.Generator, int], PlateCut]
"""A drawn plate, by chance and the number of the step."""


class Batch(NamedTuple):
    gray: Tensor
    targets: Tensor
    attention: Tensor
    boxes: Tensor
    placed: Tensor
    """1 for the slots whose character's place is known."""
    real: Tensor
    """1 for plates that are photographs."""


class PlateMixture:
    """Draws plates by source share; within a source, frames of one plate share that plate's
    chance, and plates of one district are drawn less the more there are of them."""

    def __init__(
        self,
        plates: Sequence[PlateCut],
        draw: Draw | None,
        shares: Mapping[str, float],
        relettered: float = 0.0,
    ) -> None:
        """`relettered`: the share of photographed plates that are shown with other numbers.

        Raises:
            Stop: none of the sources with a share has a plate.
        """
        self._draw = draw
        self._relettered = relettered
        self._lettercase = Lettercase(plates)
        self._of_source: dict[str, tuple[list[PlateCut], Floats]] = {}
        for source in sorted({cut.source for cut in plates}):
            cuts = [cut for cut in plates if cut.source == source]
            self._of_source[source] = (cuts, _chances(cuts))
        known = {name: share for name, share in shares.items() if name in self._of_source}
        if draw is not None:
            known["drawn"] = shares.get("drawn", 0.0)
        total = sum(known.values())
        if total <= 0:
            raise Stop(f"none of the sources that shares name has a plate: {', '.join(shares)}")
        self._names = sorted(known)
        self._shares = np.array([known[name] / total for name in self._names])

    def plate(self, rng: np.random.Generator, step: int) -> PlateCut:
        name = self._names[int(rng.choice(len(self._names), p=self._shares))]
        if name == "drawn" and self._draw is not None:
            return self._draw(rng, step)
        cuts, chances = self._of_source[name]
        cut = cuts[int(np.searchsorted(chances, rng.random()))]
        return self._lettercase.relettered(cut, rng) if rng.random() < self._relettered else cut


def _chances(cuts: Sequence[PlateCut]) -> Floats:
    texts, districts = Counter(cut.text for cut in cuts), Counter(cut.text[:4] for cut in cuts)
    weights = np.array([texts[cut.text] ** -0.6 * districts[cut.text[:4]] ** -0.25 for cut in cuts])
    chances = np.cumsum(weights / weights.sum())
    chances[-1] = 1.0
    return chances.astype(np.float32)


def make_batch(
    mixture: PlateMixture, size: int, seed: int, step: int, reshape: float = 0.0, weather: float = 0.0
) -> Batch:
    """`reshape`: the share of plates that are lettered anew; `weather`: of those in shade, glare or rain."""
    rng = np.random.default_rng((seed, step))
    gray = np.empty((size, 1, HEIGHT, WIDTH), np.float32)
    targets = np.full((size, SLOTS), BLANK, np.int64)
    attention = np.zeros((size, SLOTS, TOKENS), np.float32)
    boxes = np.zeros((size, SLOTS, 4), np.float32)
    placed = np.zeros((size, SLOTS), np.float32)
    real = np.zeros(size, np.float32)
    for index in range(size):
        cut = mixture.plate(rng, step)
        crop, places = training_crop(cut, rng, reshape, weather)
        gray[index, 0] = (crop - crop.mean()) / (crop.std() + 4.0)
        real[index] = cut.source != "drawn"
        length = len(cut.text)
        targets[index, :length] = [ALPHABET.index(character) for character in cut.text]
        if places is not None:
            boxes[index, :length] = _centre_size(places)
            attention[index, :length] = _looked_at(boxes[index, :length])
            placed[index, :length] = 1.0
    arrays = (gray, targets, attention, boxes, placed, real)
    return Batch(*(torch.from_numpy(array) for array in arrays))


def _centre_size(places: Floats) -> Floats:
    low, high = places[:, :2], places[:, 2:]
    return np.concatenate(((low + high) / 2, high - low), axis=1)


def _looked_at(boxes: Floats) -> Floats:
    """A Gaussian on the token grid at each character's middle, normalised."""
    columns = (np.arange(GRID_COLUMNS) + 0.5) / GRID_COLUMNS
    rows = (np.arange(GRID_ROWS) + 0.5) / GRID_ROWS
    spread_x = np.maximum(boxes[:, 2:3] * 0.3, 0.5 / GRID_COLUMNS)
    spread_y = np.maximum(boxes[:, 3:4] * 0.3, 0.4 / GRID_ROWS)
    across = np.exp(-0.5 * ((columns[None] - boxes[:, 0:1]) / spread_x) ** 2)
    down = np.exp(-0.5 * ((rows[None] - boxes[:, 1:2]) / spread_y) ** 2)
    grid = (down[:, :, None] * across[:, None, :]).reshape(len(boxes), TOKENS)
    return (grid / np.maximum(grid.sum(1, keepdims=True), 1e-6)).astype(np.float32)
