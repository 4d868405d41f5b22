"""Small pictures of one plate from several frames -> one picture that shows more than any of them.

Noise, compression and the pixel grid differ from frame to frame, the plate does not: pictures that are laid
exactly over one another and averaged show strokes that none of them shows (multi-frame super-resolution in
its plainest form). They are aligned by the enhanced correlation coefficient: G. Evangelidis, E. Psarakis,
"Parametric Image Alignment Using Enhanced Correlation Coefficient Maximization", IEEE TPAMI 30(10), 2008.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np

from processors.ports import Image

# One and a half times the reader's input: finer than the pixels of a plate that needs this.
_WORK_WH = (288, 96)
_LEAST_CORRELATION = 0.7
_BLUR_PX = 1.0
_FEWEST = 4
_AFFINE = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 30, 1e-3)
_PERSPECTIVE = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 40, 1e-4)


def fused(pictures: Sequence[Image], reference: int, size_wh: tuple[int, int]) -> Image | None:
    """The plate of all the pictures that can be laid over the reference, as the reader takes it.

    `pictures`: rectified plates, RGB, of any size. None: too few of them show the same.
    """
    large = [cv2.resize(picture, _WORK_WH, interpolation=cv2.INTER_CUBIC) for picture in pictures]
    laid = list(_laid_over([np.asarray(each, np.uint8) for each in large], reference))
    if len(laid) < _FEWEST:
        return None
    mean = np.mean(laid, axis=0).clip(0, 255).astype(np.uint8)
    return np.asarray(cv2.resize(mean, size_wh, interpolation=cv2.INTER_AREA), np.uint8)


def _laid_over(pictures: Sequence[Image], reference: int) -> Iterator[Image]:
    target = _smooth(pictures[reference])
    for number, picture in enumerate(pictures):
        if number == reference:
            yield picture
            continue
        found = _mapping(target, _smooth(picture))
        if found is not None:
            flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
            warped = cv2.warpPerspective(
                picture, found, _WORK_WH, flags=flags, borderMode=cv2.BORDER_REPLICATE
            )
            yield np.asarray(warped, np.uint8)


def _mapping(target: Image, grey: Image) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]] | None:
    """Where each point of the target lies in the other picture; None when they do not show the same."""
    everywhere = np.full(grey.shape, 255, np.uint8)
    try:
        _, affine = cv2.findTransformECC(
            target, grey, np.eye(2, 3, dtype=np.float32), cv2.MOTION_AFFINE, _AFFINE, everywhere, 5
        )
        start = np.vstack([affine, [0.0, 0.0, 1.0]]).astype(np.float32)
        likeness, mapping = cv2.findTransformECC(
            target, grey, start, cv2.MOTION_HOMOGRAPHY, _PERSPECTIVE, everywhere, 3
        )
    except cv2.error:  # it did not converge
        return None
    return np.asarray(mapping, np.float32) if likeness >= _LEAST_CORRELATION else None


def _smooth(picture: Image) -> Image:
    return np.asarray(cv2.GaussianBlur(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), (0, 0), _BLUR_PX), np.uint8)
