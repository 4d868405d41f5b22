from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from triton_models.rendering.scenes import training_scene
from triton_models.training.labels.fingerprints import MOST_DIFFERENT_BITS, fingerprint, twins


def scene(seed: int) -> NDArray[np.uint8]:
    return training_scene(np.random.default_rng(seed))[0]


def worse(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Half as large and badly compressed."""
    small = cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    coded = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 35])[1]
    return np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)


def test_a_copy_in_another_split_is_found_and_other_pictures_are_not() -> None:
    pictures = [scene(1), scene(2), scene(3), worse(scene(2))]
    found = twins([fingerprint(picture) for picture in pictures], ["train", "train", "val", "test"])
    assert [(one, other) for one, other, _ in found] == [(1, 3)]
    assert found[0][2] <= MOST_DIFFERENT_BITS


def test_copies_within_a_split_are_no_concern() -> None:
    marks = [fingerprint(scene(4)), fingerprint(worse(scene(4)))]
    assert twins(marks, ["train", "train"]) == []
    assert twins([], []) == []
