"""A picture's pixels -> its plates, by the very functions that the stages `sightings` and `plates` use."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import triton_models
from deploy.reading.answers import PictureAnswer, PlateAnswer, broken, plate_answer
from deploy.reading.pictures import RefusedPicture, open_picture
from processors.adapters.onnx import OnnxInference
from processors.cascade.recognise import Recognised, recognise
from processors.cascade.settings import FOR_PICTURES, FOR_VIDEO, CascadeSettings
from processors.reading import ReadingSettings, is_worth_showing, read
from processors.readings.slots import slots_of

REPOSITORY = Path(triton_models.__file__).parent / "repository"


@dataclass(frozen=True, kw_only=True)
class HowToRead:
    pictures: CascadeSettings = FOR_PICTURES
    video: CascadeSettings = FOR_VIDEO
    reading: ReadingSettings = field(default_factory=ReadingSettings)


class PictureReader:
    """Holds the models. Raises `Stop` when one of them is missing or another than this program needs."""

    def __init__(
        self, repository: Path = REPOSITORY, how: HowToRead | None = None, *, threads: int = 1
    ) -> None:
        """`threads`: so many requests to the models, and so many pictures, at a time."""
        self.inference = OnnxInference(repository, threads=threads)
        self.how = how or HowToRead()
        self.pool = ThreadPoolExecutor(threads, thread_name_prefix="pictures")

    async def recognise(self, picture: NDArray[np.uint8]) -> Recognised:
        return await recognise(picture, self.inference, self.how.pictures, self.pool)

    async def answer(self, path: Path) -> tuple[PictureAnswer, NDArray[np.uint8] | None]:
        """What is read in a picture file, and its pixels; a broken one is an answer too."""
        # A file's name may hold bytes that are no UTF-8; JSON may not.
        name = os.fsencode(path).decode("utf-8", "replace")
        try:
            picture = open_picture(path)
        except RefusedPicture as error:
            return broken(name, error.why, error.size), None
        height, width = picture.shape[:2]
        plates = await self.plates(picture)
        answer = PictureAnswer(picture=name, width=width, height=height, error=None, plates=plates)
        return answer, picture

    async def plates(self, picture: NDArray[np.uint8]) -> tuple[PlateAnswer, ...]:
        """What is read in upright RGB pixels."""
        return tuple(self._plates(await self.recognise(picture)))

    def _plates(self, found: Recognised) -> Iterator[PlateAnswer]:
        for plate in found.plates:
            slots = slots_of(plate.characters)
            reading = read(slots, lines=plate.lines, colour=plate.colour, settings=self.how.reading)
            if is_worth_showing(reading, plate_confidence=plate.confidence):
                vehicle = found.vehicles[plate.vehicle] if plate.vehicle is not None else None
                yield plate_answer(plate, reading, vehicle)

    async def close(self) -> None:
        await self.inference.close()
        self.pool.shutdown(wait=False)
