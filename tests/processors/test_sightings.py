from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import msgspec
import numpy as np
import pytest
import simplejpeg

from contracts.codec import decode
from contracts.errors import Rejected, TryAgain
from contracts.messages.common import LogPosition
from contracts.messages.coverage import Coverage
from contracts.messages.frame import FrameHeader, encode_headers, microseconds
from contracts.messages.sighting import Sighting
from contracts.topics import Topic
from processors.cascade.coverage import CoverageCounters
from processors.cascade.recognise import recognise
from processors.cascade.settings import CascadeSettings
from processors.engine.stage import Incoming, Outgoing
from processors.sightings import Sightings
from tests.processors.models import WrittenModels, a_quad

NOW = datetime(2026, 11, 23, 10, 0, 30, tzinfo=UTC)
SIZE_WH = (1280, 768)  # twice the picture in which the written vehicles stand
SETTINGS = CascadeSettings(zoom_below_px=0.0)
ZOOMING = CascadeSettings(zoom_below_px=70.0, zoom_width=4.0, unconfirmed=0.6)
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


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool


def a_stage(models: WrittenModels, pool: ThreadPoolExecutor) -> Sightings:
    coverage = CoverageCounters("worker-1")
    return Sightings(models, pool, coverage, video=SETTINGS, stale_after_sec=10.0, now=lambda: NOW)


def the_sighting(results: Sequence[Outgoing]) -> Sighting:
    assert [(result.topic, result.key) for result in results] == [(Topic.SIGHTINGS, b"gate")]
    return decode(Sighting, results[0].value)


def the_coverage(stage: Sightings, now: datetime = NOW) -> list[Coverage]:
    return [decode(Coverage, report.value) for report in stage.report(now)]


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


async def test_all_looks_of_a_frame_go_in_one_request_and_all_plates_in_another(
    pool: ThreadPoolExecutor,
) -> None:
    far = ((400.0, 100.0, 500.0, 200.0), 0.8, 1)
    models = WrittenModels(
        vehicles=[CAR, far],
        plates=[[], [(a_quad(60, 60, 150, 95), 0.9)], [(a_quad(60, 60, 150, 95), 0.9)]],
        texts=["A1"],
    )
    found = await recognise(a_picture(), models, SETTINGS, pool)
    assert [plate.vehicle for plate in found.plates] == [0, 1]
    assert [(model, shape[0]) for model, shape in models.asked] == [
        ("vehicle", 1),
        ("plate", 3),
        ("characters", 2),
    ]


async def test_one_plate_in_several_looks_comes_once_from_the_finest(pool: ThreadPoolExecutor) -> None:
    in_whole = 320 / 1280
    whole = a_quad(300 * in_whole, 400 * in_whole, 400 * in_whole, 430 * in_whole)
    scale = 320 / 372
    fine = a_quad(*((value - 174) * scale for value in (301, 401, 399, 429)))
    models = WrittenModels(vehicles=[CAR], plates=[[(whole, 0.95)], [(fine, 0.7)]], texts=["A1"])
    found = await recognise(a_picture(), models, SETTINGS, pool)
    assert len(found.plates) == 1
    assert found.plates[0].corners[0] == pytest.approx((301, 401), abs=0.1)


async def test_a_plate_whose_vehicle_was_not_found_stays(pool: ThreadPoolExecutor) -> None:
    models = WrittenModels(plates=[[(a_quad(100, 100, 160, 120), 0.8)]], texts=["KA01"])
    found = await recognise(a_picture(), models, SETTINGS, pool)
    assert [plate.vehicle for plate in found.plates] == [None]


async def test_a_plate_seen_small_gets_a_look_of_its_own_and_its_corners_from_there(
    pool: ThreadPoolExecutor,
) -> None:
    # given a plate of 200 pixels, 50 in the model's input: its look is the 800 pixels around it
    small = a_quad(100, 100, 150, 112)
    left, top = 500 - 400, 424 - 400
    near = a_quad(
        *((value - low) * 320 / 800 for value, low in ((401, left), (402, top), (599, left), (446, top)))
    )
    models = WrittenModels(plates=[[(small, 0.5)]], zooms=[[(near, 0.9)]], texts=["KA01"])
    found = await recognise(a_picture(), models, ZOOMING, pool)
    assert [plate.confidence for plate in found.plates] == [pytest.approx(0.9)]
    assert found.plates[0].corners[0] == pytest.approx((401, 402), abs=0.1)


@pytest.mark.parametrize(("score", "left"), [(0.4, []), (0.8, [0.48])])
async def test_what_its_own_look_does_not_bear_out_counts_for_less(
    pool: ThreadPoolExecutor, score: float, left: list[float]
) -> None:
    models = WrittenModels(plates=[[(a_quad(100, 100, 150, 112), score)]], texts=["KA01"])
    found = await recognise(a_picture(), models, ZOOMING, pool)
    assert [plate.confidence for plate in found.plates] == pytest.approx(left)


async def test_a_picture_that_is_a_mere_plate_is_looked_at_with_room_around(pool: ThreadPoolExecutor) -> None:
    # given a picture of 200x60: its second look reaches 35 % beyond, 70 and 21 pixels
    scale = 320 / 340
    corners = [(0.0, 0.0), (200.0, 60.0)]
    (x0, y0), (x1, y1) = [((x + 70) * scale, (y + 21) * scale) for x, y in corners]
    models = WrittenModels(plates=[[], [(a_quad(x0, y0, x1, y1), 0.9)]], texts=["DL8CAF5030"])
    found = await recognise(a_picture((200, 60)), models, SETTINGS, pool)
    assert found.plates[0].corners[2] == pytest.approx((200, 60), abs=1.0)


@pytest.mark.parametrize(("certainty", "requests"), [(0.999, 1), (0.8, 2)])
async def test_only_a_doubtful_plate_is_read_in_further_framings(
    pool: ThreadPoolExecutor, certainty: float, requests: int
) -> None:
    plates = [[(a_quad(100, 100, 160, 120), 0.8)]]
    models = WrittenModels(plates=plates, texts=["KA01AB1234"], certainty=certainty)
    await recognise(a_picture(), models, SETTINGS, pool)
    assert sum(model == "characters" for model, _ in models.asked) == requests


async def test_a_doubtful_plate_is_also_read_by_the_corners_that_a_second_look_gives_it(
    pool: ThreadPoolExecutor,
) -> None:
    # given a plate of 400, 400 to 640, 480, which the first of two looks of 624 pixels finds again
    scale, (left, top) = 320 / 624, (496 - 312, 416 - 312)
    again = a_quad((402 - left) * scale, (401 - top) * scale, (639 - left) * scale, (482 - top) * scale)
    models = WrittenModels(
        plates=[[(a_quad(100, 100, 160, 120), 0.8)]],
        zooms=[[(again, 0.7)]],
        texts=["KA01AB1234"],
        certainty=0.8,
    )
    found = await recognise(a_picture(), models, SETTINGS, pool)
    assert [shape[0] for model, shape in models.asked if model == "plate"][1:] == [2]
    # two further margins of its own corners, three of the others
    assert [shape[0] for model, shape in models.asked if model == "characters"] == [1, 5]
    assert found.plates[0].corners[0] == pytest.approx((400, 400), abs=0.1)


async def test_two_lines_are_told_apart(pool: ThreadPoolExecutor) -> None:
    class TwoLines(WrittenModels):
        def _characters(self, count: int) -> dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float32]]]:
            answer = dict(super()._characters(count))
            for slot in range(10):
                x, y = (20 + 30 * slot, 4) if slot < 4 else (20 + 25 * (slot - 4), 36)
                answer["places"][:, slot] = (x, y, x + 18, y + 24)
            return answer

    models = TwoLines(plates=[[(a_quad(99, 99, 160, 140), 0.8)]], texts=["MH12AB1234"], two_lines=0.9)
    found = await recognise(a_picture(), models, SETTINGS, pool)
    assert found.plates[0].lines == 2
    assert [character.line for character in found.plates[0].characters] == [0] * 4 + [1] * 6


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
