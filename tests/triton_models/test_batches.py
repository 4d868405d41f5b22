"""What the ONNX Runtime backend does with the requests of Triton's dynamic batcher."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from triton_models.backends.onnxruntime.batches import merge, row_counts, split


@given(st.lists(st.integers(min_value=1, max_value=5), min_size=1, max_size=8))
def test_every_request_gets_the_rows_of_its_own(counts: list[int]) -> None:
    requests = [{"image": np.full((count, 2), number)} for number, count in enumerate(counts)]

    parts = split({"same": merge(requests)["image"]}, row_counts(requests))

    for request, part in zip(requests, parts, strict=True):
        np.testing.assert_array_equal(part["same"], request["image"])


def test_a_single_request_is_not_copied() -> None:
    image = np.zeros((3, 4))

    assert merge([{"image": image}])["image"] is image


def test_a_model_that_loses_rows_is_found_out() -> None:
    with pytest.raises(ValueError, match="output plates has 3 rows for a batch of 4"):
        split({"plates": np.zeros((3, 2))}, [1, 3])
