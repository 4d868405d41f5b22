"""Requests of Triton's dynamic batcher -> one ONNX Runtime call -> one response a request.

Makes `backend: "onnxruntime"` of a `config.pbtxt` mean the same on a Triton that carries only the Python
backend as on the official image: the same model file, tensors, dynamic batching and thread parameters. What
the official backend does not: a file other than the one that the parameter `sha256` tells is not loaded.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

# The Python inside Triton's stub starts isolated: it does not look at PYTHONPATH itself.
sys.path[:0] = [folder for folder in os.environ.get("PYTHONPATH", "").split(os.pathsep) if folder]

import numpy as np  # noqa: E402
import onnxruntime  # noqa: E402
import triton_python_backend_utils as pb_utils  # noqa: E402

from triton_models.backends.onnxruntime.batches import merge, row_counts, split  # noqa: E402
from triton_models.checksum import refuse_other_content  # noqa: E402

DEFAULT_INTRA_OP_THREADS = 1
"""One a model instance: ONNX Runtime's own default takes every core for each instance."""

BY_DLPACK = int(np.__version__.partition(".")[0]) > 1
"""The stub was built for numpy 1: it misreads the arrays of numpy 2, and ends over numpy 1's DLPack."""


class TritonPythonModel:
    """One model instance. Triton calls the three methods; each instance lives in its own process."""

    def initialize(self, args: dict[str, str]) -> None:
        config = json.loads(args["model_config"])
        self._inputs = [tensor["name"] for tensor in config["input"]]
        self._outputs = [tensor["name"] for tensor in config["output"]]
        self._batched = config.get("max_batch_size", 0) > 0
        # What is loaded are the very bytes that were looked at, also while another file is copied there.
        content = model_file(args, config).read_bytes()
        refuse_other_content(content, config)
        self._session = onnxruntime.InferenceSession(
            content, session_options(config), providers=["CPUExecutionProvider"]
        )

    def execute(self, requests: list[Any]) -> list[Any]:
        if not self._batched:
            return [self._answer([request])[0] for request in requests]
        return self._answer(requests)

    def finalize(self) -> None:
        del self._session

    def _answer(self, requests: list[Any]) -> list[Any]:
        """All requests in one run, or each by itself when that fails: one of them may be the reason."""
        try:
            arrays = [self._arrays(request) for request in requests]
            results = self._session.run(self._outputs, merge(arrays))
            named = dict(zip(self._outputs, results, strict=True))
            parts = split(named, row_counts(arrays)) if self._batched else [named]
        # Triton must get an answer for each request; an exception here would end the instance for all.
        except Exception as error:  # noqa: BLE001
            if len(requests) > 1:
                return [self._answer([request])[0] for request in requests]
            return [pb_utils.InferenceResponse(error=pb_utils.TritonError(str(error)))]
        return [
            pb_utils.InferenceResponse([to_tensor(name, array) for name, array in part.items()])
            for part in parts
        ]

    def _arrays(self, request: Any) -> dict[str, Any]:  # noqa: ANN401 (the server's own class, untyped)
        return {name: to_array(pb_utils.get_input_tensor_by_name(request, name)) for name in self._inputs}


def to_array(tensor: Any) -> Any:  # noqa: ANN401 (the server's own class, untyped)
    return np.from_dlpack(tensor) if BY_DLPACK else tensor.as_numpy()


def to_tensor(name: str, array: Any) -> Any:  # noqa: ANN401
    return pb_utils.Tensor.from_dlpack(name, array) if BY_DLPACK else pb_utils.Tensor(name, array)


def model_file(args: dict[str, str], config: dict[str, Any]) -> Path:
    name = config.get("default_model_filename") or "model.onnx"
    return Path(args["model_repository"]) / args["model_version"] / name


def session_options(config: dict[str, Any]) -> onnxruntime.SessionOptions:
    """Threads from the parameters that the official backend reads, by their names there."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = parameter(config, "intra_op_thread_count", DEFAULT_INTRA_OP_THREADS)
    options.inter_op_num_threads = parameter(config, "inter_op_thread_count", 1)
    # A spinning thread would take the core that the other models and the stages wait for.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options


def parameter(config: dict[str, Any], name: str, default: int) -> int:
    value = config.get("parameters", {}).get(name, {}).get("string_value", "")
    return int(value) if value else default
