"""What became of every frame, by minute: states, gaps and reports that add up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client import CollectorRegistry

from contracts.cameras import Camera
from contracts.messages.coverage import Coverage
from ingest.camera.counters import CameraCounters, IngestMetrics
from ingest.camera.timestamps import Moment

BEGAN = datetime(2026, 3, 1, 6, 29, 30, tzinfo=UTC)
LIVE = Camera(id="gate", source="rtsp://10.0.0.5/x", stream_frames_per_second=10)


def at(seconds: float) -> datetime:
    return BEGAN + timedelta(seconds=seconds)


def counters(camera: Camera = LIVE, registry: CollectorRegistry | None = None) -> CameraCounters:
    metrics = IngestMetrics(registry or CollectorRegistry())
    return CameraCounters(camera, instance="test", metrics=metrics, since=BEGAN)


def frames(counted: CameraCounters, begin: float, end: float) -> None:
    for number in range(round(begin * 10), round(end * 10)):
        counted.enter("live", now=at(number / 10))
        counted.captured(Moment(at(number / 10), "rtcp", 20))
        counted.handed_over(at(number / 10))
        counted.settled(at(number / 10), delivered=True)


def total(reports: list[Coverage], reason: str) -> int:
    return sum(report.gaps.get(reason, 0) for report in reports)  # type: ignore[call-overload]


def test_a_camera_that_comes_goes_and_is_refused_is_told_of_to_the_frame() -> None:
    counted = counters()
    counted.enter("connecting", now=BEGAN)
    frames(counted, 2, 40)
    counted.enter("stalled", "fell silent", now=at(43))
    counted.enter("connecting", now=at(50))
    counted.enter("refused", "wrong user or password", now=at(51))
    reports = counted.reports(at(70))
    assert {report.minute.minute for report in reports} == {29, 30}
    assert sum(report.captured for report in reports) == 380
    assert total(reports, "connecting") == pytest.approx(20 + 10, abs=1)
    assert total(reports, "stalled") == pytest.approx(100, abs=1)
    assert total(reports, "refused") == pytest.approx(190, abs=1)
    assert sum(report.expected for report in reports) == pytest.approx(700, abs=1)
    for report in reports:
        assert report.expected == report.captured + sum(report.gaps.values())
    assert (reports[-1].state, reports[-1].note) == ("refused", "wrong user or password")
    assert (reports[-1].clock, reports[-1].clock_error_ms) == ("rtcp", 20)


def test_a_camera_that_is_not_enabled_is_expected_and_off() -> None:
    counted = counters()
    counted.enter("off", "not enabled", now=BEGAN)
    (report,) = counted.reports(at(20))
    assert (report.expected, report.captured, report.gaps) == (200, 0, {"off": 200})


def test_the_zone_of_its_place_is_told() -> None:
    dubai = Camera(id="creek", source="rtsp://camera.example/1", time_zone="Asia/Dubai")
    assert [report.time_zone for report in counters(dubai).reports(at(1))] == ["Asia/Dubai"]


def test_of_a_file_is_expected_what_it_holds() -> None:
    counted = counters(Camera(id="film", source="film.mp4"))
    frames(counted, 0, 3)
    counted.enter("off", "ended", now=at(500))
    reports = counted.reports(at(500))
    assert sum(report.expected for report in reports) == 30
    assert all(not report.gaps for report in reports)


def test_only_what_changed_is_told_again_and_the_running_minute_always() -> None:
    counted = counters()
    frames(counted, 0, 20)
    counted.reports(at(20))
    (report,) = counted.reports(at(20.5))
    assert report.minute.minute == 29
    counted.shed(at(5), "late")
    reports = counted.reports(at(80))
    assert [(report.minute.minute, report.shed_by) for report in reports] == [(29, {"late": 1}), (30, {})]


def test_a_minute_of_a_recording_that_was_made_long_ago_is_told_whole_each_time() -> None:
    counted = counters(Camera(id="film", source="film.mp4"))
    told = []
    for second in range(0, 25, 5):
        frames(counted, second, second + 5)
        told += [report for report in counted.reports(at(86_400 + second)) if report.captured]
    assert [report.captured for report in told] == [50, 100, 150, 200, 250]


def test_a_recording_that_is_held_up_in_the_midst_of_a_minute_goes_on_counting_it() -> None:
    counted = counters(Camera(id="film", source="film.mp4"))
    frames(counted, 0, 10)
    for second in range(0, 3600, 5):
        counted.reports(at(86_400 + second))
    frames(counted, 10, 20)
    assert counted.reports(at(90_000))[0].captured == 200


def test_what_is_delivered_after_a_long_outage_is_told_with_what_was_captured() -> None:
    counted = counters()
    frames(counted, 0, 10)
    for number in range(100, 150):
        counted.captured(Moment(at(number / 10), "rtcp", 20))
        counted.handed_over(at(number / 10))
    frames(counted, 40, 50)  # it stands in the next minute by now
    for second in range(60, 3600, 5):
        counted.reports(at(second))
    for number in range(100, 150):
        counted.settled(at(number / 10), delivered=number < 140)
    report = counted.reports(at(3600))[0]
    assert (report.minute, report.captured) == (at(-30), 150)
    assert (report.sent, report.shed_by) == (140, {"undelivered": 10})


def test_a_minute_of_which_nothing_is_outstanding_is_forgotten_after_a_while() -> None:
    counted = counters()
    frames(counted, 0, 10)
    frames(counted, 40, 50)
    for second in range(60, 600, 5):
        counted.reports(at(second))
    counted.gated(at(5))
    assert counted.reports(at(600))[0].captured == 0


def test_the_state_stands_in_the_metrics_until_the_camera_is_forgotten() -> None:
    registry = CollectorRegistry()
    counted = counters(registry=registry)

    def gauge(state: str) -> float | None:
        return registry.get_sample_value("platestream_camera_state", {"camera": "gate", "state": state})

    counted.enter("stalled", now=at(3))
    assert (gauge("stalled"), gauge("connecting")) == (1, 0)
    counted.forget_metrics()
    assert gauge("stalled") is None
