"""What a Triton server says of a model, compared with what this program needs and says in its events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contracts.errors import Stop
from contracts.messages.common import ModelUsed
from triton_models.checksum import checksum_in
from triton_models.tensors import ModelTensors

_SHORT = 12


def refuse_other_tensors(said: Mapping[str, Any], tensors: ModelTensors, where: str) -> None:
    """Raises `Stop` when a server's metadata differ from our tensors."""
    has = {
        part["name"]: (part["datatype"], tuple(int(size) for size in part["shape"]))
        for part in (*said.get("inputs", ()), *said.get("outputs", ()))
    }
    for tensor in (tensors.input, *tensors.outputs):
        dtype, shape = has.get(tensor.name, ("nothing", ()))
        if (dtype, shape[1:]) != (tensor.dtype, tensor.shape):
            raise Stop(
                f"model {tensors.model} on {where}: tensor {tensor.name} is {dtype} {list(shape)}, "
                f"this program needs {tensor.dtype} [batch, {', '.join(map(str, tensor.shape))}]"
            )


def refuse_other_file(said: Mapping[str, Any], used: ModelUsed, where: str) -> None:
    """Raises `Stop` when a server tells another file than the events would name. What it tells is its
    configuration's word; only our own backend compares that with the file."""
    sha256 = checksum_in(said)
    if sha256 == used.sha256:
        return
    has = (
        f"tells sha256 {sha256[:_SHORT]}"
        if sha256
        else "does not tell its sha256 (parameter in config.pbtxt)"
    )
    raise Stop(
        f"model {used.name} on {where} {has}, this program would say {used.sha256[:_SHORT]} in its events: "
        f"give both the same model repository, and start the server anew"
    )
