"""Our backend, for a Triton of the tests, with too little memory for white pictures. Triton loads it."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Any

# As in the backend itself: the Python inside Triton's stub does not look at PYTHONPATH.
sys.path[:0] = [folder for folder in os.environ.get("PYTHONPATH", "").split(os.pathsep) if folder]

import numpy as np  # noqa: E402
from numpy.typing import NDArray  # noqa: E402

from triton_models.backends.onnxruntime.model import TritonPythonModel as Shipped  # noqa: E402


class LittleMemory:
    """In the place of a model's session."""

    def __init__(self, session: Any) -> None:
        self._session = session

    def run(self, outputs: list[str], arrays: Mapping[str, NDArray[np.uint8]]) -> list[Any]:
        if any((picture == 255).all() for picture in arrays["image"]):
            raise RuntimeError("Failed to allocate memory for requested buffer")
        results: list[Any] = self._session.run(outputs, arrays)
        return results


class TritonPythonModel(Shipped):
    def initialize(self, args: dict[str, str]) -> None:
        super().initialize(args)
        self._session = LittleMemory(self._session)
