"""A folder of pictures as a camera: its files in the order of their names, one a sampling period."""

from __future__ import annotations

import functools
import logging
from collections.abc import Iterator
from pathlib import Path

from contracts.cameras import Camera
from ingest.capture import Captured, CaptureError
from ingest.jpeg import encode_picture_file

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"})

log = logging.getLogger(__name__)


class FolderSource:
    """Pictures of the folder `camera.source`, spaced by the camera's rate."""

    def __init__(self, camera: Camera) -> None:
        self._camera = camera

    def frames(self) -> Iterator[Captured]:
        """See `Source.frames`. A file that is no picture raises when it is encoded, not here."""
        try:
            files = sorted(
                path for path in Path(self._camera.source).rglob("*") if path.suffix.lower() in SUFFIXES
            )
        except OSError as error:
            raise CaptureError(
                self._camera.id, f"folder {self._camera.source}: {error.strerror}", refused=True
            ) from error
        if not files:
            raise CaptureError(self._camera.id, f"folder {self._camera.source} has no pictures", refused=True)
        for number, path in enumerate(files):
            encode = functools.partial(
                encode_picture_file, path, max_width=self._camera.max_width, quality=self._camera.jpeg_quality
            )
            yield Captured(number / self._camera.frames_per_second, None, encode)
