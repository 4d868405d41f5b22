"""The world of the `plates` stage, in memory."""

from __future__ import annotations

import hashlib

import simplejpeg

from contracts.errors import Rejected, TryAgain
from contracts.messages.common import LogPosition
from contracts.messages.plate import StoredPicture, StoredReads


class FramesInMemory:
    """`FrameStore` over a dictionary of offsets."""

    def __init__(self, frames: dict[int, bytes]) -> None:
        self._frames = frames

    async def read(self, position: LogPosition) -> bytes | None:
        return self._frames.get(position.offset)


class SameFrame:
    """`FrameStore` that shows one frame at every position."""

    def __init__(self, jpeg: bytes) -> None:
        self._jpeg = jpeg

    async def read(self, position: LogPosition) -> bytes | None:
        return self._jpeg


class EvidenceInMemory:
    """`EvidenceStore` that can be looked into."""

    def __init__(self) -> None:
        self.pictures: dict[str, bytes] = {}
        self.files: dict[str, bytes] = {}

    async def add(self, jpeg: bytes) -> StoredPicture:
        try:
            height, width, _, _ = simplejpeg.decode_jpeg_header(jpeg)
        except ValueError as error:
            raise Rejected("evidence picture", str(error)) from error
        sha256 = hashlib.sha256(jpeg).hexdigest()
        key = f"evidence/{sha256[:2]}/{sha256}.jpg"
        self.pictures[key] = jpeg
        return StoredPicture(key=key, sha256=sha256, width=width, height=height)

    async def add_reads(self, data: bytes) -> StoredReads:
        sha256 = hashlib.sha256(data).hexdigest()
        key = f"evidence/{sha256[:2]}/{sha256}.json"
        self.files[key] = data
        return StoredReads(key=key, sha256=sha256)


class EvidenceAway(EvidenceInMemory):
    """Nobody answers at first, for so many tries."""

    def __init__(self, tries: int) -> None:
        super().__init__()
        self.tries = tries

    async def add(self, jpeg: bytes) -> StoredPicture:
        if self.tries:
            self.tries -= 1
            raise TryAgain("evidence", "nobody answers")
        return await super().add(jpeg)
