"""Arrays of several requests -> one batch, and the batch's outputs -> one slice a request.

Numpy alone: this runs inside Triton's Python process, whose environment has little else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[Any]]


def merge(requests: Sequence[Arrays]) -> dict[str, NDArray[Any]]:
    """One array a name, the requests' rows one after another. A single request is not copied."""
    if len(requests) == 1:
        return dict(requests[0])
    return {name: np.concatenate([request[name] for request in requests]) for name in requests[0]}


def row_counts(requests: Sequence[Arrays]) -> list[int]:
    """How many rows each request brought: the length of its first axis, the same for all its arrays."""
    return [len(next(iter(request.values()))) for request in requests]


def split(outputs: Arrays, counts: Sequence[int]) -> list[dict[str, NDArray[Any]]]:
    """The rows of each request, in the order in which `merge` was given them. A single request gets all."""
    ends = list(accumulate(counts))
    for name, array in outputs.items():
        if len(array) != ends[-1]:
            raise ValueError(f"output {name} has {len(array)} rows for a batch of {ends[-1]}")
    if len(counts) == 1:
        return [dict(outputs)]
    return [
        {name: array[end - count : end] for name, array in outputs.items()}
        for count, end in zip(counts, ends, strict=True)
    ]
