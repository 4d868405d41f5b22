"""The cameras page while Kafka is away, and what makes a camera live or stalled."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from psycopg.types.json import Jsonb

from contracts.errors import TryAgain
from tests.webapp.builders import a_frame_picture, insert_camera, jpeg
from tests.webapp.conftest import Portal
from webapp.pages.cameras import state_of
from webapp.queries.cameras import Camera
from webapp.stream.last_frames import LastFrames

NOW = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)


def a_camera(**fields: Any) -> Camera:
    defaults: dict[str, Any] = dict.fromkeys(Camera.__dataclass_fields__)
    return Camera(**(defaults | {"id": "gate", "state": "live", "last_frame_at": NOW} | fields))


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({}, "live"),
        ({"last_frame_at": NOW - timedelta(minutes=1)}, "live"),
        ({"last_frame_at": NOW - timedelta(minutes=5)}, "stalled"),
        ({"last_frame_at": NOW - timedelta(minutes=5), "minute": NOW - timedelta(minutes=1)}, "live"),
        ({"last_frame_at": None}, "stalled"),
        ({"state": None}, "live"),
        ({"state": "connecting"}, "connecting"),
        ({"state": "refused", "last_frame_at": None}, "refused"),
        ({"state": "off", "last_frame_at": NOW - timedelta(days=1)}, "off"),
    ],
)
def test_a_camera_is_what_it_said_unless_it_fell_silent(fields: dict[str, Any], state: str) -> None:
    assert state_of(a_camera(**fields), now=NOW) == state


def test_the_page_shows_the_figures_of_the_last_full_minute(portal: Portal) -> None:
    insert_camera(portal.connection, "bridge", now=datetime.now(UTC), place="Old bridge")
    insert_camera(portal.connection, "upload-1", now=datetime.now(UTC))

    page = portal.user().get("/cameras").get_data(as_text=True)

    assert "Old bridge" in page
    assert ">300</dd>" in page
    assert ">17</dd>" in page
    assert "upload-1" not in page


def test_a_cameras_times_stand_in_its_own_zone_beside_utc(portal: Portal) -> None:
    seen_at = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)
    insert_camera(portal.connection, "creek", now=seen_at, time_zone="Asia/Dubai")

    page = portal.user().get("/cameras").get_data(as_text=True)

    assert (
        '<span class="num">00:00:00</span> <span class="dim">UTC+04 · <span class="num">20:00:00</span>'
        in page
    )


def test_what_is_missing_is_told_with_its_reason(portal: Portal) -> None:
    insert_camera(
        portal.connection, "mast", now=datetime.now(UTC), scene="blurred", clock="rtcp", clock_error_ms=20,
        coverage={"expected": 400, "gaps": Jsonb({"stalled": 97, "lost": 3}), "shed_by": Jsonb({"late": 2})},
    )  # fmt: skip

    page = portal.user().get("/cameras").get_data(as_text=True)

    assert "The picture is blurred" in page
    assert "3 lost on the way · 97 while nothing came · 2 too late for this machine" in page
    assert "75.0 %" in page
    assert "camera’s own clock ± 20 ms" in page


def test_a_camera_that_missed_little_is_not_said_to_have_missed_nothing(portal: Portal) -> None:
    insert_camera(
        portal.connection, "spire", now=datetime.now(UTC),
        coverage={"expected": 1500, "captured": 1497, "gaps": Jsonb({"lost": 3})},
    )  # fmt: skip

    page = portal.user().get("/cameras").get_data(as_text=True)

    assert ">99.8 %<" in page
    assert ">100 %<" not in page


def test_without_kafka_the_picture_of_the_last_passage_is_shown_and_said_so(portal: Portal) -> None:
    kept = portal.evidence.put(a_frame_picture("MH12AB1234"))
    insert_camera(portal.connection, "square", now=datetime.now(UTC), last_frame_key=kept["key"])
    client = portal.user()

    answer = client.get("/cameras/square/frame.jpg")
    page = client.get("/cameras").get_data(as_text=True)

    assert answer.data == jpeg(a_frame_picture("MH12AB1234"))
    assert "The stream (Kafka) is away" in page


def test_a_camera_that_nobody_knows_has_no_picture(portal: Portal) -> None:
    assert portal.user().get("/cameras/nobody/frame.jpg").status_code == 404


def test_a_stream_that_is_away_stays_told_until_it_has_answered(portal: Portal) -> None:
    now_sec = [0.0]
    frames = LastFrames(portal.settings.kafka, clock=lambda: now_sec[0])
    assert not frames.away

    with pytest.raises(TryAgain):
        frames.of(camera="gate")
    now_sec[0] = 3600.0

    assert frames.away
