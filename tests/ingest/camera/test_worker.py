"""One opening of a camera: order, rate, end marker, and every frame counted once."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from itertools import groupby, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from contracts.cameras import Camera
from contracts.errors import Rejected
from ingest.camera.capture import Arrival, CaptureError, Jpeg, Picture
from ingest.camera.counters import CameraCounters, IngestMetrics
from ingest.camera.worker import FLOOD_ARRIVALS, UNDECODED_ARRIVALS, Worker
from tests.ingest.fakes import NoBrake, Outgoing, Reel

FAST = Camera(id="gate", source="film.mp4", frames_per_second=5, pace="max")
PROOFS = frozenset((*range(125, 140), *range(200, 215)))
"""Two movements of which the packets tell, so that the gate believes them."""
LIVE = Camera(id="gate", source="rtsp://127.0.0.1/x", frames_per_second=5)


def a_worker(outbox: Outgoing, camera: Camera = FAST, brake: NoBrake | None = None) -> Worker:
    counters = CameraCounters(camera, instance="test", metrics=IngestMetrics(CollectorRegistry()))
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
    outbox = Outgoing()
    assert a_worker(outbox).run(seconds_of_film(2)) == 10
    headers = [header for header, _ in outbox.frames]
    assert [header.sequence for header in headers] == list(range(11))
    assert [header.end for header in headers] == [False] * 10 + [True]
    assert len({header.epoch for header in headers}) == 1
    assert outbox.frames[-1][1] == b""


def test_every_captured_frame_is_gated_sent_or_shed() -> None:
    worker = a_worker(Outgoing())
    worker.run(seconds_of_film(2))
    assert totals(worker) == {"captured": 50, "gated": 40, "sent": 10, "shed": 0}


@given(
    damaged=st.frozensets(st.integers(0, 299), max_size=80),
    moving=st.frozensets(st.integers(0, 11), max_size=12),
    breaks_at=st.integers(1, 300),
)
def test_every_frame_is_counted_once_whatever_is_damaged_still_or_broken_off(
    damaged: frozenset[int], moving: frozenset[int], breaks_at: int
) -> None:
    """`moving` are the seconds in which something moves; the gate decodes little in the others."""
    times = [number / 25 for number in range(breaks_at)]
    reel = Reel(
        times,
        ends_with=CaptureError("gate", "cable"),
        damaged=damaged,
        between_keys=True,
        moves=lambda number: number // 25 in moving,
    )
    worker = a_worker(Outgoing())
    with pytest.raises(CaptureError):
        worker.run(reel)
    found = totals(worker)
    assert found["captured"] == breaks_at
    assert found["captured"] == found["gated"] + found["sent"] + found["shed"]
    assert found["shed"] <= len([number for number in damaged if number < breaks_at])
    assert reel.decoded == sorted(set(reel.decoded))


@given(
    back_at=st.integers(1, 300),
    back_sec=st.floats(0, 20),
    moving=st.frozensets(st.integers(0, 11), max_size=12),
)
def test_a_film_whose_time_goes_back_is_read_on_in_epochs_whose_times_go_forward(
    back_at: int, back_sec: float, moving: frozenset[int]
) -> None:
    """As one does that was put together from two."""
    times = [number / 25 - (back_sec if number >= back_at else 0.0) for number in range(300)]
    outbox = Outgoing()
    worker = a_worker(outbox)
    worker.run(Reel(times, between_keys=True, moves=lambda number: number // 25 in moving))
    headers = [header for header, _ in outbox.frames]
    epochs = [list(group) for _, group in groupby(headers, lambda header: header.epoch)]
    assert len(epochs) <= 2
    for epoch in epochs:
        assert all(later.captured_at > earlier.captured_at for earlier, later in pairwise(epoch[:-1]))
        assert [header.sequence for header in epoch] == list(range(len(epoch)))
        assert [header.end for header in epoch] == [False] * (len(epoch) - 1) + [True]
    found = totals(worker)
    assert found["captured"] == 300 == found["gated"] + found["sent"]
    assert found["sent"] == len(headers) - len(epochs)


def test_a_still_scene_is_hardly_decoded_and_its_first_movement_is_whole() -> None:
    reel = Reel(
        [number / 25 for number in range(25 * 40)],
        between_keys=True,
        moves=lambda number: number >= 760 or number in PROOFS,
    )
    outbox = Outgoing()
    a_worker(outbox).run(reel)
    still = [number for number in reel.decoded if 450 <= number < 750]
    assert len(still) <= 24  # a key frame a second is 12 of 300
    assert set(range(750, 1000)) <= set(reel.decoded)  # from the key frame before the movement
    seconds = [header.captured_at.timestamp() for header, _ in outbox.frames[:-1]]
    gaps = [later - earlier for earlier, later in pairwise(seconds)]
    assert max(gaps) <= 1.5  # a stage that follows what waits sees it often enough


def test_something_that_no_packet_told_of_has_everything_decoded_from_then_on() -> None:
    reel = Reel([number / 25 for number in range(25 * 60)], between_keys=True, moves=PROOFS.__contains__)
    # From frame 700 on a thing stands there that came between two key frames without a larger packet.
    reel.thing_from = 700
    a_worker(Outgoing()).run(reel)
    assert len([number for number in reel.decoded if 450 <= number < 675]) < 20
    assert set(range(725, 1500)) <= set(reel.decoded)


def test_frames_that_are_not_delivered_count_as_shed() -> None:
    worker = a_worker(Outgoing(broken=True))
    worker.run(seconds_of_film(1))
    assert totals(worker)["shed"] == 5


def test_a_stream_that_breaks_off_still_ends_its_epoch() -> None:
    outbox = Outgoing()
    worker = a_worker(outbox)
    with pytest.raises(CaptureError):
        worker.run(Reel([0.0, 0.2], ends_with=CaptureError("gate", "cable")))
    assert outbox.frames[-1][0].end


def test_a_source_that_never_gave_a_frame_sends_no_end_marker() -> None:
    outbox = Outgoing()
    with pytest.raises(CaptureError):
        a_worker(outbox).run(Reel([], ends_with=CaptureError("gate", "no such file", refused=True)))
    assert outbox.frames == []


def test_a_stream_of_which_nothing_can_be_decoded_is_given_up_and_counted() -> None:
    times = [number / 25 for number in range(UNDECODED_ARRIVALS + 100)]
    worker = a_worker(Outgoing(), LIVE)
    with pytest.raises(CaptureError, match="nothing of it can be decoded"):
        worker.run(Reel(times, damaged=frozenset(range(len(times)))))
    found = totals(worker)
    assert found["captured"] == found["shed"] > UNDECODED_ARRIVALS


def test_a_file_is_read_on_behind_damage_however_long_that_is() -> None:
    damaged = frozenset(range(50, 50 + 3 * UNDECODED_ARRIVALS))
    outbox = Outgoing()
    worker = a_worker(outbox)
    worker.run(Reel([number / 25 for number in range(500)], damaged=damaged))
    assert len([header for header, _ in outbox.frames if not header.end]) == (500 - len(damaged)) / 5
    assert totals(worker)["shed"] == len(damaged)


def test_a_live_camera_that_floods_is_refused() -> None:
    with pytest.raises(CaptureError, match="frames a second") as error:
        a_worker(Outgoing(), LIVE).run(Reel([0.0] * (FLOOD_ARRIVALS * 50)))
    assert error.value.refused


def test_a_second_run_is_a_new_epoch() -> None:
    outbox = Outgoing()
    worker = a_worker(outbox)
    worker.run(Reel([0.0]))
    worker.run(Reel([0.0]))
    assert len({header.epoch for header, _ in outbox.frames}) == 2


def test_a_recording_keeps_its_own_capture_times() -> None:
    began = datetime(2026, 3, 1, 6, 30, tzinfo=UTC)
    camera = Camera(id="gate", source="film.mp4", pace="max", started_at=began)
    outbox = Outgoing()
    a_worker(outbox, camera).run(seconds_of_film(2))
    first, *_, end = [header for header, _ in outbox.frames]
    assert first.captured_at == began
    assert end.captured_at - began < timedelta(seconds=2)
    assert (first.clock, first.clock_error_ms, first.origin) == ("container", 1000, "file")


def test_while_something_moves_frames_come_in_a_burst() -> None:
    camera = Camera(id="gate", source="film.mp4", pace="max", frames_per_second=2, burst_frames_per_second=25)
    outbox = Outgoing()
    reel = Reel(
        [number / 25 for number in range(25 * 20)],
        between_keys=True,
        moves=lambda n: 250 <= n < 300 or n in PROOFS,
    )
    a_worker(outbox, camera).run(reel)
    first = outbox.frames[0][0].captured_at
    seconds = [(header.captured_at - first).total_seconds() for header, _ in outbox.frames]
    assert len([at for at in seconds if 10.3 <= at < 12]) >= 40
    assert len([at for at in seconds if 17 <= at < 20]) <= 4


def test_an_unreadable_picture_is_shed_and_the_next_is_sent() -> None:
    class Folder(Reel):
        def decode(self, arrival: Arrival) -> list[Picture]:
            def broken() -> Jpeg:
                raise Rejected("picture two.jpg", "is damaged")

            good = super().decode(arrival)
            return [Picture(arrival.media_sec, broken)] if arrival.handle == 1 else good

    worker = a_worker(Outgoing())
    worker.run(Folder([0.0, 0.2, 0.4]))
    assert totals(worker) == {"captured": 3, "gated": 0, "sent": 2, "shed": 1}


def test_a_file_waits_for_room_and_a_live_camera_does_not() -> None:
    for camera, waits in ((FAST, True), (LIVE, False)):
        outbox = Outgoing()
        a_worker(outbox, camera).run(Reel([0.0]))
        assert outbox.waits[0] is waits


def test_at_full_speed_the_stages_are_waited_for() -> None:
    brake = NoBrake()
    a_worker(Outgoing(), brake=brake).run(seconds_of_film(40))
    assert brake.asked == 20


def test_stopping_ends_at_the_next_frame() -> None:
    outbox = Outgoing()
    worker = a_worker(outbox)
    worker.stopping.set()
    assert worker.run(seconds_of_film(2)) == 0
