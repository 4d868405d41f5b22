"""What the stages ask of the world, one Protocol a job. `processors/adapters/` has what answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from contracts.messages.common import LogPosition, ModelUsed
from contracts.messages.plate import StoredPicture, StoredReads

Image = NDArray[np.uint8]
"""Height, width, RGB."""
Tensors = Mapping[str, NDArray[np.float32]]


class Inference(Protocol):
    """Runs one of the models (`vehicle`, `plate`, `characters`, `lines`) on a batch of pictures.

    Raises `TryAgain` while no server answers, with `most_tries` when one fails over the request; a repository
    whose tensors differ from `triton_models.tensors`, servers that all tell other files than `models`, or a
    model that cannot be computed in this process, are `Stop`.
    """

    @property
    def models(self) -> tuple[ModelUsed, ...]:
        """The models in use, by version and checksum."""

    async def infer(self, model: str, images: NDArray[np.uint8]) -> Tensors:
        """Outputs by name for `images` [batch, height, width, 3]."""


class FrameStore(Protocol):
    """Frames that are still retained on the topic."""

    async def read(self, position: LogPosition) -> bytes | None:
        """The JPEG at a position; None when it is no longer retained."""


class EvidenceStore(Protocol):
    """Pictures that prove what was read. They can be added, and neither read, changed nor removed."""

    async def add(self, jpeg: bytes) -> StoredPicture:
        """Keeps a JPEG under the SHA-256 of its bytes; the same picture twice is one object.

        Raises `Rejected` for what is no JPEG, `TryAgain` while the store is away.
        """

    async def add_reads(self, data: bytes) -> StoredReads:
        """Keeps the JSON of `KeptReads` in the same way."""
