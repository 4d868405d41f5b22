"""A second device for machines without a GPU: what is put there computes, and refuses to meet what is not.

Its tensors call themselves `meta`, of which PyTorch has no real ones, and keep their values behind that. As
on a GPU, an operation on one of them and a tensor of the processor (a number apart) is an error, and so is
reading its values without taking them back first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map

FAR = torch.device("meta")
_BETWEEN_DEVICES = ("aten::copy_", "aten::_to_copy")


class _Far(torch.Tensor):  # type: ignore[misc]
    kept: torch.Tensor

    @staticmethod
    def __new__(cls: type[_Far], kept: torch.Tensor) -> Any:
        return torch.Tensor._make_wrapper_subclass(
            cls, kept.shape, strides=kept.stride(), storage_offset=kept.storage_offset(), dtype=kept.dtype,
            device=FAR,
        )  # fmt: skip

    def __init__(self, kept: torch.Tensor) -> None:
        self.kept = kept

    __torch_function__ = torch._C._disabled_torch_function_impl

    @classmethod
    def __torch_dispatch__(
        cls,
        func: Any,
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        return _computed(func, args, kwargs or {})

    def __reduce_ex__(self, protocol: Any) -> Any:
        """Saved, it is a tensor as any other."""
        return self.kept.__reduce_ex__(protocol)


class FarDevice(TorchDispatchMode):  # type: ignore[misc]
    """Within it, `device=FAR` is such a device."""

    def __torch_dispatch__(
        self,
        func: Any,
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        return _computed(func, args, kwargs or {})


def is_far(tensor: torch.Tensor) -> bool:
    return isinstance(tensor, _Far)


def _computed(func: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    named = dict(kwargs)
    goes = named.get("device")
    given = [each for each in tree_leaves((args, named)) if isinstance(each, torch.Tensor)]
    far = any(is_far(each) for each in given)
    name = func._schema.name  # type: ignore[attr-defined]
    if far and name not in _BETWEEN_DEVICES and any(not is_far(each) and each.dim() for each in given):
        raise RuntimeError(f"{name}: expected all tensors to be on the same device")
    if goes is not None:
        far = torch.device(goes).type == FAR.type
        named["device"] = torch.device("cpu")
    elif name == "aten::copy_":
        far = is_far(args[0])
    answer = func(*tree_map(_kept, args), **tree_map(_kept, named))
    if not far or answer is None:
        return answer
    return args[0] if name.endswith("_") else tree_map(_wrapped, answer)


def _kept(value: Any) -> Any:
    return value.kept if isinstance(value, _Far) else value


def _wrapped(value: Any) -> Any:
    return _Far(value) if isinstance(value, torch.Tensor) else value
