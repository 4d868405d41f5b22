"""Batches made ahead by a thread beside the arithmetic; steps in, tensors on the processor out."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Arrays = tuple[NDArray[np.generic], ...]
"""One example: the picture uint8 [H, W, 3] first, then its targets."""

Example = Callable[[np.random.Generator, int], Arrays]
"""By chance and the number of the step."""

_BATCHES_AHEAD = 4


class Feeder:
    """The examples of a step follow from the seed and the step alone."""

    def __init__(self, example: Example, seed: int, size: int, *, first_step: int) -> None:
        self._example, self._seed, self._size = example, seed, size
        self._ready: queue.Queue[tuple[Tensor, ...]] = queue.Queue(_BATCHES_AHEAD)
        self._stopping = threading.Event()
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._make, args=(first_step,), name="examples", daemon=True)
        self._thread.start()

    def next(self) -> tuple[Tensor, ...]:
        while True:
            try:
                return self._ready.get(timeout=1.0)
            except queue.Empty:
                if self._failure is not None:
                    raise self._failure from None

    def close(self) -> None:
        self._stopping.set()

    def _make(self, step: int) -> None:
        try:
            while not self._stopping.is_set():
                examples = [
                    self._example(np.random.default_rng((self._seed, step, number)), step)
                    for number in range(self._size)
                ]
                self._put(tuple(torch.from_numpy(np.stack(part)) for part in zip(*examples, strict=True)))
                step += 1
        except Exception as error:  # noqa: BLE001 - handed to the loop, which raises it
            self._failure = error

    def _put(self, batch: tuple[Tensor, ...]) -> None:
        while not self._stopping.is_set():
            try:
                self._ready.put(batch, timeout=0.5)
            except queue.Full:
                continue
            return
