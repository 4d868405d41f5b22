"""Written frames, and the stage `sightings` that takes them."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import msgspec
import numpy as np
import simplejpeg

from contracts.codec import decode
from contracts.messages.common import LogPosition
from contracts.messages.coverage import Coverage
from contracts.messages.frame import FrameHeader, encode_headers, microseconds
from contracts.messages.sighting import Sighting
from contracts.topics import Topic
from processors.cascade.coverage import CoverageCounters
from processors.cascade.settings import CascadeSettings
from processors.engine.stage import Incoming, Outgoing
from processors.sightings import Sightings
from tests.processors.models import WrittenModels

NOW = datetime(2026, 11, 23, 10, 0, 30, tzinfo=UTC)
SIZE_WH = (1280, 768)  # twice the picture in which the written vehicles stand
SETTINGS = CascadeSettings(zoom_below_px=0.0)
# A car in the left half; its look begins 8 % before it and is scaled by what fits 320 pixels.
CAR = ((100.0, 100.0, 260.0, 260.0), 0.9, 0)


def a_picture(size_wh: tuple[int, int] = SIZE_WH) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    chance = np.random.default_rng(3)
    return chance.integers(0, 255, (size_wh[1], size_wh[0], 3), np.uint8)


def a_header(**changes: object) -> FrameHeader:
    header = FrameHeader(
        camera="gate",
        epoch="e1",
        sequence=7,
        captured_at_us=microseconds(NOW - timedelta(seconds=1)),
        clock="rtcp",
        width=SIZE_WH[0],
        height=SIZE_WH[1],
    )
    return msgspec.structs.replace(header, **changes)


def a_frame(header: FrameHeader, value: bytes | None = None) -> Incoming:
    if value is None:
        value = simplejpeg.encode_jpeg(a_picture(), quality=60, colorspace="RGB")
    return Incoming(
        value=value,
        key=b"gate",
        headers=tuple(encode_headers(header)),
        position=LogPosition(topic="frames", partition=3, offset=11),
        timestamp=NOW,
    )


def a_stage(models: WrittenModels, pool: ThreadPoolExecutor) -> Sightings:
    coverage = CoverageCounters("worker-1")
    return Sightings(models, pool, coverage, video=SETTINGS, stale_after_sec=10.0, now=lambda: NOW)


def the_sighting(results: Sequence[Outgoing]) -> Sighting:
    assert [(result.topic, result.key) for result in results] == [(Topic.SIGHTINGS, b"gate")]
    return decode(Sighting, results[0].value)


def the_coverage(stage: Sightings, now: datetime = NOW, *, last: bool = False) -> list[Coverage]:
    return [decode(Coverage, report.value) for report in stage.report(now, last=last)]
