"""One picture while it is looked at: its pixels, the models, and what counts as seen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from contracts.messages.common import Xyxy
from processors.cascade.decoding import plates_in
from processors.cascade.looks import cut
from processors.cascade.merging import FoundPlate
from processors.cascade.settings import CascadeSettings
from processors.ports import Image, Inference, Tensors
from triton_models.tensors import PLATE, ModelTensors

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, eq=False)
class Looking:
    """`picture` RGB. `pool` runs what is not waiting for a model."""

    picture: Image
    inference: Inference
    settings: CascadeSettings
    pool: Executor

    @property
    def size_wh(self) -> tuple[int, int]:
        return self.picture.shape[1], self.picture.shape[0]

    async def off_loop(self, work: Callable[..., Result], *arguments: object) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self.pool, partial(work, *arguments))

    async def asked(self, tensors: ModelTensors, images: NDArray[np.uint8]) -> Tensors:
        """A model's answer for at least one picture, in as many requests as it takes so many in."""
        answers = [
            await self.inference.infer(tensors.model, images[start : start + tensors.most])
            for start in range(0, len(images), tensors.most)
        ]
        if len(answers) == 1:
            return answers[0]
        return {name: np.concatenate([answer[name] for answer in answers]) for name in answers[0]}

    async def views(self, regions: Sequence[Xyxy]) -> list[FoundPlate]:
        """Every view of every plate in these regions."""
        looks, batch = await self.off_loop(cut, self.picture, regions)
        found = (await self.asked(PLATE, batch))["plates"]
        return [
            plate
            for rows, look in zip(found, looks, strict=True)
            for plate in plates_in(rows, look, self.size_wh, self.settings)
        ]
