"""A folder of pictures as a camera: its files in the order of their names, one a sampling period."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from pathlib import Path
from typing import cast

from contracts.cameras import Camera
from ingest.camera.capture import Arrival, CaptureError, Facts, Picture
from ingest.sources.jpeg import encode_picture_file

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"})


class FolderSource:
    """Pictures of the folder `camera.source`, spaced by the camera's rate."""

    def __init__(self, camera: Camera) -> None:
        self._camera = camera
        self._files: list[Path] = []

    def open(self) -> Facts:
        """See `Source.open`."""
        try:
            self._files = sorted(
                path for path in Path(self._camera.source).rglob("*") if path.suffix.lower() in SUFFIXES
            )
        except OSError as error:
            raise CaptureError(
                self._camera.id, f"folder {self._camera.source}: {error.strerror}", refused=True
            ) from error
        if not self._files:
            raise CaptureError(self._camera.id, f"folder {self._camera.source} has no pictures", refused=True)
        return Facts("pictures", 0, 0, self._camera.frames_per_second, between_keys=False)

    def arrivals(self) -> Iterator[Arrival]:
        """See `Source.arrivals`."""
        for number, path in enumerate(self._files):
            yield Arrival(number / self._camera.frames_per_second, None, True, 0, path)

    def decode(self, arrival: Arrival) -> list[Picture]:
        """See `Source.decode`. A file that is no picture raises when it is encoded, not here."""
        encode = functools.partial(
            encode_picture_file,
            cast("Path", arrival.handle),
            max_width=self._camera.max_width,
            quality=self._camera.jpeg_quality,
        )
        return [Picture(arrival.media_sec, encode)]

    def restart(self) -> list[Picture]:
        return []

    def close(self) -> None:
        self._files = []
