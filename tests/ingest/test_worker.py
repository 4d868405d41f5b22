"""One opening of a camera: order, rate, end marker, and every frame counted once."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
from prometheus_client import CollectorRegistry

from contracts.cameras import Camera
from contracts.errors import Rejected
from ingest.capture import Captured, CaptureError, Jpeg
from ingest.counters import CameraCounters, IngestMetrics
from ingest.supervisor import GOOD_RUN_SEC, Pauses
from ingest.worker import Worker
from tests.ingest.fakes import NoBrake, Outbox, Reel

FAST = Camera(id="gate", source="film.mp4", frames_per_second=5, pace="max")


def a_worker(outbox: Outbox, camera: Camera = FAST, brake: NoBrake | None = None) -> Worker:
    counters = CameraCounters(camera.id, instance="test", metrics=IngestMetrics(CollectorRegistry()))
    return Worker(camera, outbox, brake or NoBrake(), counters, threading.Event())


def totals(worker: Worker) -> dict[str, int]:
    reports = worker.counters.reports(datetime.now(UTC))
    return {
        fate: sum(getattr(report, fate) for report in reports)
        for fate in ("captured", "gated", "sent", "shed")
    }


def seconds_of_film(seconds: int) -> Reel:
    return Reel([number / 25 for number in range(25 * seconds)])


def test_sampled_frames_are_numbered_in_one_epoch_and_followed_by_an_end_marker() -> None:
    outbox = Outbox()
    assert a_worker(outbox).run(seconds_of_film(2)) == 10
    headers = [header for header, _ in outbox.frames]
    assert [header.sequence for header in headers] == list(range(11))
    assert [header.end for header in headers] == [False] * 10 + [True]
    assert len({header.epoch for header in headers}) == 1
    assert outbox.frames[-1][1] == b""


def test_every_captured_frame_is_gated_sent_or_shed() -> None:
    worker = a_worker(Outbox())
    worker.run(seconds_of_film(2))
    assert totals(worker) == {"captured": 50, "gated": 40, "sent": 10, "shed": 0}


def test_frames_that_are_not_delivered_count_as_shed() -> None:
    worker = a_worker(Outbox(broken=True))
    worker.run(seconds_of_film(1))
    assert totals(worker)["shed"] == 5


def test_a_stream_that_breaks_off_still_ends_its_epoch() -> None:
    outbox = Outbox()
    worker = a_worker(outbox)
    with pytest.raises(CaptureError):
        worker.run(Reel([0.0, 0.2], ends_with=CaptureError("gate", "cable")))
    assert outbox.frames[-1][0].end


def test_a_source_that_never_gave_a_frame_sends_no_end_marker() -> None:
    outbox = Outbox()
    with pytest.raises(CaptureError):
        a_worker(outbox).run(Reel([], ends_with=CaptureError("gate", "no such file", refused=True)))
    assert outbox.frames == []


def test_a_second_run_is_a_new_epoch() -> None:
    outbox = Outbox()
    worker = a_worker(outbox)
    worker.run(Reel([0.0]))
    worker.run(Reel([0.0]))
    assert len({header.epoch for header, _ in outbox.frames}) == 2


def test_an_unreadable_picture_is_shed_and_the_next_is_sent() -> None:
    def broken() -> Jpeg:
        raise Rejected("picture two.jpg", "is damaged")

    class Folder:
        def frames(self) -> list[Captured]:
            good = Captured(0.0, None, lambda: Jpeg(b"jpeg", 4, 3))
            return [good, Captured(0.2, None, broken), Captured(0.4, None, good.encode)]

    outbox = Outbox()
    worker = a_worker(outbox)
    worker.run(Folder())  # type: ignore[arg-type]
    assert totals(worker) == {"captured": 3, "gated": 0, "sent": 2, "shed": 1}


def test_a_file_waits_for_room_and_a_live_camera_does_not() -> None:
    live = Camera(id="gate", source="rtsp://127.0.0.1/x", frames_per_second=5)
    for camera, waits in ((FAST, True), (live, False)):
        outbox = Outbox()
        a_worker(outbox, camera).run(Reel([0.0]))
        assert outbox.waits[0] is waits


def test_at_full_speed_the_stages_are_waited_for() -> None:
    brake = NoBrake()
    a_worker(Outbox(), brake=brake).run(seconds_of_film(40))
    assert brake.asked == 4


def test_stopping_ends_at_the_next_frame() -> None:
    outbox = Outbox()
    worker = a_worker(outbox)
    worker.stopping.set()
    assert worker.run(seconds_of_film(2)) == 0


def test_pauses_grow_to_their_limit_and_start_anew_after_a_good_run() -> None:
    pauses = Pauses(jitter=lambda low, high: (low + high) / 2)
    short = [pauses.after(ran_sec=0.1, refused=False) for _ in range(7)]
    assert short == [1, 2, 4, 8, 16, 30, 30]
    assert pauses.after(ran_sec=GOOD_RUN_SEC, refused=False) == 1


def test_a_refusal_waits_long_at_once() -> None:
    assert Pauses(jitter=lambda low, high: 1.0).after(ran_sec=0.1, refused=True) == 30
