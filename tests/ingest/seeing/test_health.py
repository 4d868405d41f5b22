"""Can a camera see? A film for every way in which it cannot, and films in which it can."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from contracts.cameras import Camera
from contracts.messages.coverage import Scene
from ingest.camera.capture import pictures
from ingest.seeing.health import HOLDS_SEC, SceneHealth
from ingest.sources.video import VideoSource

Image = NDArray[np.uint8]
WIDTH, HEIGHT = 640, 360
WELL_SEC = 25


def street(seed: int) -> Image:
    """Houses, a road with its marks, poles: the same view for the same seed."""
    made = np.random.default_rng(seed)
    image = np.full((HEIGHT, WIDTH, 3), 150, np.uint8)
    for _ in range(40):
        x, y = int(made.integers(0, WIDTH)), int(made.integers(0, HEIGHT))
        width, height = int(made.integers(12, 120)), int(made.integers(12, 90))
        grey = int(made.integers(20, 230))
        cv2.rectangle(image, (x, y), (x + width, y + height), (grey, grey, grey), -1)
    return image


VIEW, OTHER_VIEW = street(1), street(2)


def bright(image: Image) -> Image:
    cv2.circle(image, (320, 180), 190, (255, 255, 255), -1)
    return image


def lorry(image: Image) -> Image:
    cv2.rectangle(image, (60, 60), (600, 340), (90, 95, 90), -1)
    return image


BAD: dict[Scene, Callable[[Image], Image]] = {
    "black": lambda image: (image // 12).astype(np.uint8),
    "blocked": lambda _image: np.full((HEIGHT, WIDTH, 3), 110, np.uint8),
    "blurred": lambda image: np.asarray(cv2.GaussianBlur(image, (0, 0), 6), np.uint8),
    "glare": bright,
    "moved": lambda _image: OTHER_VIEW.copy(),
}


def verdicts(
    path: Path, paint: Callable[[int, Image], Image], *, seconds: int = 50, noise: float = 3.0
) -> list[Scene]:
    """Makes a film of one frame a second, in colour with a sensor's noise, and judges it as ingest does."""
    made = np.random.default_rng(7)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=1, options={"preset": "ultrafast", "g": "5"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for second in range(seconds):
            image = paint(second, VIEW.copy()).astype(np.float32)
            image += made.normal(0, noise, (HEIGHT, WIDTH, 1)) if noise else 0
            frame = av.VideoFrame.from_ndarray(np.clip(image, 0, 255).astype(np.uint8), "bgr24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    health, found = SceneHealth(), list[Scene]()
    for second, picture in enumerate(pictures(VideoSource(Camera(id="gate", source=str(path))))):
        assert picture.look is not None
        if health.wants(float(second)):
            health.look(picture.look(), float(second))
        found.append(health.scene)
    return found


@pytest.mark.parametrize("scene", BAD)
def test_a_camera_that_cannot_see_is_told_by_what_hinders_it(tmp_path: Path, scene: Scene) -> None:
    found = verdicts(
        tmp_path / "film.mp4", lambda second, image: BAD[scene](image) if second >= WELL_SEC else image
    )
    assert set(found[:WELL_SEC]) == {"ok"}
    assert found[WELL_SEC + int(HOLDS_SEC) + 1 :] == [scene] * (50 - WELL_SEC - int(HOLDS_SEC) - 1)


def test_a_picture_without_any_change_is_frozen(tmp_path: Path) -> None:
    found = verdicts(tmp_path / "film.mp4", lambda _second, image: image, seconds=45, noise=0)
    assert found[:20] == ["ok"] * 20
    assert found[-5:] == ["frozen"] * 5


def test_a_lorry_before_the_lens_or_the_evening_is_no_fault(tmp_path: Path) -> None:
    def paint(second: int, image: Image) -> Image:
        image = np.asarray(image * (1.0 - 0.5 * second / 60), np.uint8)
        return lorry(image) if 30 <= second < 36 else image

    assert set(verdicts(tmp_path / "film.mp4", paint, seconds=60)) == {"ok"}


def test_a_camera_that_sees_again_is_well_again(tmp_path: Path) -> None:
    found = verdicts(
        tmp_path / "film.mp4",
        lambda second, image: BAD["black"](image) if 15 <= second < 35 else image,
        seconds=60,
    )
    assert "black" in found
    assert found[-1] == "ok"


def test_a_camera_that_is_black_from_the_first_moment_says_so_at_once(tmp_path: Path) -> None:
    found = verdicts(tmp_path / "film.mp4", lambda _second, image: image // 12, seconds=3)
    assert found[0] == "black"
