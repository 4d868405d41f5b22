"""Small films and pictures for the tests, made here."""

from __future__ import annotations

from pathlib import Path

import av
import cv2
import numpy as np


def make_film(
    path: Path, *, seconds: float = 2.0, fps: int = 25, width: int = 320, height: int = 180,
    preset: str = "ultrafast",
) -> Path:  # fmt: skip
    """An H.264 film of a bright bar that moves over a dark ground. `medium` has frames in another order."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=fps, options={"preset": preset, "g": "25"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for number in range(round(seconds * fps)):
            image = np.full((height, width, 3), 40, np.uint8)
            left = number * 4 % width
            image[:, left : left + 20] = (200, 220, 240)
            for packet in stream.encode(av.VideoFrame.from_ndarray(image, "rgb24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return path


def make_picture(path: Path, *, width: int = 64, height: int = 48, grey: int = 128) -> Path:
    cv2.imwrite(str(path), np.full((height, width, 3), grey, np.uint8))
    return path
