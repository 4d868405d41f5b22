"""A folder of pictures as a camera."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from contracts.cameras import Camera
from contracts.errors import Rejected
from ingest.camera.capture import CaptureError, pictures
from ingest.sources.folder import FolderSource
from ingest.sources.jpeg import encode_picture_file
from tests.ingest.camera.films import make_picture


def test_pictures_come_in_the_order_of_their_names_spaced_by_the_rate(tmp_path: Path) -> None:
    for name in ("b.png", "a.jpg", "c.bmp"):
        make_picture(tmp_path / name)
    (tmp_path / "notes.txt").write_text("no picture")
    camera = Camera(id="gate", source=str(tmp_path), frames_per_second=2)
    assert [frame.media_sec for frame in pictures(FolderSource(camera))] == [0.0, 0.5, 1.0]


def test_a_folder_without_pictures_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match="has no pictures") as error:
        list(pictures(FolderSource(Camera(id="gate", source=str(tmp_path)))))
    assert error.value.refused


def test_a_picture_becomes_a_jpeg_of_the_largest_width(tmp_path: Path) -> None:
    path = make_picture(tmp_path / "wide.png", width=400, height=100)
    jpeg = encode_picture_file(path, max_width=200, quality=90)
    assert (jpeg.width, jpeg.height) == (200, 50)
    assert cv2.imdecode(np.frombuffer(jpeg.data, np.uint8), cv2.IMREAD_COLOR) is not None


@pytest.mark.parametrize("content", [b"", b"no picture", b"\xff\xd8\xff\xe0truncated"])
def test_a_file_that_is_no_picture_is_rejected_by_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.jpg"
    path.write_bytes(content)
    with pytest.raises(Rejected, match=r"broken\.jpg"):
        encode_picture_file(path, max_width=200, quality=90)


def test_a_picture_of_more_than_fifty_megapixels_is_rejected(tmp_path: Path) -> None:
    path = make_picture(tmp_path / "huge.png", width=10_000, height=5_001)
    with pytest.raises(Rejected, match="10000 x 5001 pixels"):
        encode_picture_file(path, max_width=1920, quality=90)
