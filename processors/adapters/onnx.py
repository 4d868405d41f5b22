"""`Inference` in this process: ONNX Runtime, one thread a session, no server needed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from contracts.errors import Stop
from contracts.messages.common import ModelUsed
from processors.adapters.cards import model_file, models_used
from processors.ports import Tensors
from triton_models.tensors import MODELS, ModelTensors, Tensor

_DTYPES = {"UINT8": "tensor(uint8)", "FP32": "tensor(float)"}


class OnnxInference:
    """The models of a repository folder.

    Raises `Stop` when a model is missing, unreadable, cannot be computed, or has other tensors than
    `triton_models.tensors`.
    """

    def __init__(self, repository: Path, *, threads: int = 1) -> None:
        self._models = models_used(repository)
        self._sessions = {name: _session(repository, name, tensors) for name, tensors in MODELS.items()}
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="onnx")

    @property
    def models(self) -> tuple[ModelUsed, ...]:
        return self._models

    async def infer(self, model: str, images: NDArray[np.uint8]) -> Tensors:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(
            self._pool, _computed, self._sessions[model], model, MODELS[model], images
        )

    async def close(self) -> None:
        self._pool.shutdown(wait=False)


def _session(repository: Path, name: str, tensors: ModelTensors) -> Any:  # noqa: ANN401  (no types there)
    path = model_file(repository, name)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime raises its own kinds, all of them about this one file
        raise Stop(f"model {name}: {path} cannot be loaded: {_line(error)}") from error
    has = {value.name: (value.type, value.shape) for value in (*session.get_inputs(), *session.get_outputs())}
    for tensor in (tensors.input, *tensors.outputs):
        dtype, shape = has.get(tensor.name, ("nothing", []))
        if dtype != _DTYPES[tensor.dtype] or not _agrees(shape[1:], tensor.shape):
            raise _other(name, tensor, f"{dtype} {list(shape)}")
    # What the graph only computes while it runs has no number in its description: run it once and see.
    blank = np.zeros((1, *tensors.input.shape), np.uint8)
    answers = _computed(session, name, tensors, blank)
    for tensor in tensors.outputs:
        if answers[tensor.name].shape[1:] != tensor.shape:
            raise _other(name, tensor, f"{_DTYPES[tensor.dtype]} {list(answers[tensor.name].shape)}")
    return session


def _computed(session: Any, name: str, tensors: ModelTensors, images: NDArray[np.uint8]) -> Tensors:  # noqa: ANN401  (no types there)
    names = [output.name for output in tensors.outputs]
    try:
        values = session.run(names, {tensors.input.name: images})
    except Exception as error:  # its own kinds, which share no other base
        raise Stop(f"model {name} cannot be computed: {_line(error)}") from error
    return dict(zip(names, values, strict=True))


def _line(error: Exception) -> str:
    return " ".join(str(error).split())


def _other(model: str, tensor: Tensor, has: str) -> Stop:
    return Stop(
        f"model {model}: tensor {tensor.name} is {has}, "
        f"this program needs {_DTYPES[tensor.dtype]} [batch, {', '.join(map(str, tensor.shape))}]"
    )


def _agrees(has: Sequence[int | str | None], needed: tuple[int, ...]) -> bool:
    """A size that the graph computes has a name instead of a number there."""
    return len(has) == len(needed) and all(
        size == wanted or not isinstance(size, int) for size, wanted in zip(has, needed, strict=True)
    )
