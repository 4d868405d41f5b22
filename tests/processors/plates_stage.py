"""A stage `plates` of written sightings, and what it gives out."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
import simplejpeg

from contracts.codec import decode, encode
from contracts.messages.common import LogPosition
from contracts.messages.plate import PlateEvent
from contracts.messages.sighting import Sighting
from processors.engine.stage import Incoming
from processors.passages.settings import PassageSettings
from processors.plates import Plates
from tests.processors.passages.builders import NOON
from tests.processors.passages.fakes import EvidenceInMemory, FramesInMemory, SameFrame

PARTITION = 3
NOISE = np.random.default_rng(0).integers(0, 255, (540, 960, 3), dtype=np.uint8)
FRAME: bytes = simplejpeg.encode_jpeg(NOISE)
GREY: bytes = simplejpeg.encode_jpeg(np.full((540, 960, 3), 128, np.uint8))
CROP: bytes = simplejpeg.encode_jpeg(np.ascontiguousarray(NOISE[:24, :96]))


def a_stage(*, frames: dict[int, bytes] | None = None, evidence: EvidenceInMemory | None = None) -> Plates:
    return Plates(
        settings=PassageSettings(),
        frames=SameFrame(FRAME) if frames is None else FramesInMemory(frames),
        evidence=evidence or EvidenceInMemory(),
        places={"gate": "North gate"},
        now=lambda: NOON,
    )


def a_message(sighting: Sighting, offset: int) -> Incoming:
    return Incoming(
        value=encode(sighting),
        key=sighting.camera.encode(),
        headers=(),
        position=LogPosition(topic="sightings", partition=PARTITION, offset=offset),
        timestamp=sighting.captured_at,
    )


def with_pictures(stream: Sequence[Sighting]) -> list[Sighting]:
    """The same sightings with small pictures that are real JPEG."""
    return [
        msgspec.structs.replace(
            sighting, plates=tuple(msgspec.structs.replace(plate, crop=CROP) for plate in sighting.plates)
        )
        for sighting in stream
    ]


async def given_out(stage: Plates, stream: Sequence[Sighting]) -> list[PlateEvent]:
    events = []
    for offset, sighting in enumerate(stream):
        for draft in stage.take(a_message(sighting, offset)):
            events += [decode(PlateEvent, out.value) for out in await stage.finish(draft)]
    return events


TEXTS = ("MH12AB1234", "KA05MN7007", "TN09ABC0007", "DL3CAY9324", "GJ01XY4321", "UP32QW5555", "RJ14CV0003")
