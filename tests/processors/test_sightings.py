"""The stage `sightings`: a frame in, what was seen in it out; late, broken and last frames."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import simplejpeg

from contracts.errors import Rejected, TryAgain
from contracts.messages.common import LogPosition
from contracts.messages.frame import microseconds
from processors.cascade.coverage import CoverageCounters
from processors.engine.stage import Incoming
from processors.sightings import Sightings
from tests.processors.frames_in import (
    CAR,
    NOW,
    SETTINGS,
    a_frame,
    a_header,
    a_picture,
    a_stage,
    the_coverage,
    the_sighting,
)
from tests.processors.models import WrittenModels, a_quad


async def test_a_frame_becomes_a_sighting_in_its_own_pixels(pool: ThreadPoolExecutor) -> None:
    # given a car, whose plate is seen in its own look: region (174.4, 174.4)-(545.6, 545.6), rounded outwards
    scale = 320 / 372
    plate = a_quad(100, 200, 200, 230)
    models = WrittenModels(vehicles=[CAR], plates=[[], [(plate, 0.9)]], texts=["MH12AB1234"])

    # when
    results = await a_stage(models, pool).handle(a_frame(a_header()))
    sighting = the_sighting(results)

    # then
    assert (sighting.camera, sighting.epoch, sighting.sequence) == ("gate", "e1", 7)
    assert sighting.frame == LogPosition(topic="frames", partition=3, offset=11)
    assert (sighting.vehicles[0].kind, sighting.vehicles[0].xyxy) == ("car", (200, 200, 520, 520))
    seen = sighting.plates[0]
    assert seen.vehicle == 0
    assert seen.corners[0] == pytest.approx((174 + 100 / scale, 174 + 200 / scale), abs=0.01)
    assert (
        "".join(max(c.probabilities, key=c.probabilities.__getitem__) for c in seen.characters)
        == "MH12AB1234"
    )
    left, top, right, bottom = seen.characters[0].xyxy
    assert seen.corners[0][0] - 5 < left < right < seen.corners[1][0] + 5
    assert seen.corners[0][1] - 5 < top < bottom < seen.corners[3][1] + 5
    assert simplejpeg.decode_jpeg(seen.crop).shape[0] == SETTINGS.crop_height_px


async def test_a_stale_live_frame_is_shed_and_counted_and_one_from_a_file_is_not(
    pool: ThreadPoolExecutor,
) -> None:
    old = microseconds(NOW - timedelta(seconds=20))
    stage = a_stage(WrittenModels(), pool)
    assert await stage.handle(a_frame(a_header(captured_at_us=old))) == ()
    the_sighting(await stage.handle(a_frame(a_header(captured_at_us=old, origin="file"))))
    report = the_coverage(stage)[0]
    assert (report.shed, report.processed, report.lag_ms) == (1, 1, 20_000)
    assert report.minute == datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


async def test_coverage_is_told_again_only_when_it_has_grown(pool: ThreadPoolExecutor) -> None:
    stage = a_stage(WrittenModels(), pool)
    await stage.handle(a_frame(a_header()))
    assert [report.processed for report in the_coverage(stage)] == [1]
    await stage.handle(a_frame(a_header(sequence=8)))
    assert the_coverage(stage) == []  # too soon
    assert [report.processed for report in the_coverage(stage, NOW + timedelta(seconds=6))] == [2]
    assert the_coverage(stage, NOW + timedelta(seconds=12)) == []


async def test_a_stage_that_ends_tells_coverage_that_no_report_held_yet(pool: ThreadPoolExecutor) -> None:
    stage = a_stage(WrittenModels(), pool)
    await stage.handle(a_frame(a_header()))
    assert [report.processed for report in the_coverage(stage)] == [1]
    await stage.handle(a_frame(a_header(sequence=8)))
    assert [report.processed for report in the_coverage(stage, last=True)] == [2]
    assert the_coverage(stage, last=True) == []


@pytest.mark.parametrize(("origin", "requests"), [("file", 1), ("upload", 2)])
async def test_an_upload_gets_the_further_looks_that_video_does_without(
    pool: ThreadPoolExecutor, origin: str, requests: int
) -> None:
    plates = [[(a_quad(100, 100, 180, 120), 0.8)]]
    models = WrittenModels(plates=plates, texts=["KA01AB1234"], certainty=0.8)
    stage = Sightings(models, pool, CoverageCounters("worker-1"), stale_after_sec=10.0, now=lambda: NOW)
    await stage.handle(a_frame(a_header(origin=origin)))
    assert sum(model == "characters" for model, _ in models.asked) == requests


async def test_the_end_of_an_epoch_is_passed_on_without_looking(pool: ThreadPoolExecutor) -> None:
    models = WrittenModels()
    sighting = the_sighting(await a_stage(models, pool).handle(a_frame(a_header(end=True), b"")))
    assert (sighting.end, sighting.vehicles, sighting.plates) == (True, (), ())
    assert models.asked == []


@pytest.mark.parametrize(
    "value",
    [b"", b"no picture", simplejpeg.encode_jpeg(a_picture((64, 64)), colorspace="RGB")[:500]],
    ids=["empty", "junk", "truncated"],
)
async def test_a_broken_picture_is_rejected_and_names_its_camera(
    pool: ThreadPoolExecutor, value: bytes
) -> None:
    with pytest.raises(Rejected, match="camera gate"):
        await a_stage(WrittenModels(), pool).handle(a_frame(a_header(), value))


async def test_a_header_that_breaks_the_contract_is_rejected(pool: ThreadPoolExecutor) -> None:
    frame = a_frame(a_header())
    junk = Incoming(
        value=frame.value, key=b"gate", headers=(("camera", b"gate"),), position=frame.position, timestamp=NOW
    )
    with pytest.raises(Rejected, match="frame headers"):
        await a_stage(WrittenModels(), pool).handle(junk)


async def test_while_no_server_answers_the_frame_is_tried_again_as_if_new(pool: ThreadPoolExecutor) -> None:
    models = WrittenModels(vehicles=[CAR], away=1)
    stage = a_stage(models, pool)
    with pytest.raises(TryAgain):
        await stage.handle(a_frame(a_header()))
    the_sighting(await stage.handle(a_frame(a_header())))
    assert the_coverage(stage)[0].processed == 1


async def test_frames_are_looked_at_beside_each_other(pool: ThreadPoolExecutor) -> None:
    stage = a_stage(WrittenModels(vehicles=[CAR]), pool)
    headers = [a_header(sequence=number) for number in range(5)]
    results = await asyncio.gather(*(stage.handle(a_frame(header)) for header in headers))
    assert [the_sighting(result).sequence for result in results] == [0, 1, 2, 3, 4]
