"""A model's file opened as it is judged and timed: by ONNX Runtime on one core."""

from __future__ import annotations

from pathlib import Path

import onnxruntime


def one_core_session(path: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
