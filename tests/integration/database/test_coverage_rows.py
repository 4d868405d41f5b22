"""Reports of coverage, cameras and weeks on a real PostgreSQL."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from deploy.migrate import migrate
from processors.adapters.database import Database
from processors.rows import CoverageRow, Rows
from tests.contracts.builders import NOON, a_coverage
from tests.integration.database.stored import an_event, query, stored


@pytest.fixture(scope="module")
def tables(database: str) -> str:
    migrate(database)
    return database


@pytest.fixture
async def rows(tables: str) -> AsyncIterator[Rows]:
    async with Database(f"{tables}?options=-c%20role%3Dplatestream_writer") as database:
        yield Rows(database)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
async def test_reports_of_a_minute_in_any_order_give_its_last_counters(
    rows: Rows, tables: str, order: tuple[int, ...]
) -> None:
    camera = f"counted-{uuid.uuid4().hex[:8]}"
    reports = [a_coverage(camera=camera, captured=captured, sent=captured // 5) for captured in (10, 20, 30)]
    for place in order:
        await rows.write([CoverageRow(report=reports[place], reported_at=NOON + timedelta(seconds=place))])
    [minute] = query(tables, "SELECT * FROM coverage_minutes WHERE camera = %s", camera)
    assert (minute["captured"], minute["sent"]) == (30, 6)
    [seen] = query(tables, "SELECT * FROM cameras WHERE id = %s", camera)
    assert seen["last_frame_at"] == NOON + timedelta(seconds=2)
    assert seen["state"] == "live"


async def test_counters_of_a_restarted_ingest_are_added(rows: Rows, tables: str) -> None:
    reports = [a_coverage(camera="restarted", instance=name, captured=40) for name in ("one", "two")]
    await rows.write([CoverageRow(report=report, reported_at=NOON) for report in reports])
    [minute] = query(tables, "SELECT captured FROM coverage_minutes WHERE camera = 'restarted'")
    assert minute["captured"] == 80


async def test_gaps_of_two_instances_are_added_by_reason(rows: Rows, tables: str) -> None:
    reports = [
        a_coverage(camera="gaps", instance="one", expected=1600, gaps={"stalled": 90, "lost": 10}),
        a_coverage(camera="gaps", instance="two", expected=1503, gaps={"lost": 3}, shed_by={"late": 1}),
    ]
    await rows.write([CoverageRow(report=report, reported_at=NOON) for report in reports])
    [minute] = query(tables, "SELECT * FROM coverage_minutes WHERE camera = 'gaps'")
    assert minute["expected"] == 3103
    assert minute["gaps"] == {"stalled": 90, "lost": 13}
    assert minute["shed_by"] == {"late": 1}
    assert minute["expected"] == minute["captured"] + sum(minute["gaps"].values())


async def test_a_camera_tells_what_it_sees_and_by_which_clock(rows: Rows, tables: str) -> None:
    report = a_coverage(
        camera="seer", scene="blurred", clock="rtcp", clock_error_ms=20, time_zone="Asia/Dubai"
    )
    await rows.write([CoverageRow(report=report, reported_at=NOON)])
    [seen] = query(tables, "SELECT * FROM cameras WHERE id = 'seer'")
    assert (seen["scene"], seen["clock"], seen["clock_error_ms"]) == ("blurred", "rtcp", 20)
    assert seen["time_zone"] == "Asia/Dubai"


async def test_a_camera_shows_the_frame_of_its_latest_passage_and_uploads_are_no_cameras(
    rows: Rows, tables: str
) -> None:
    later = NOON + timedelta(minutes=1)
    events = [
        an_event(str(uuid.uuid4()), camera="shown", first_captured_at=later),
        an_event(str(uuid.uuid4()), camera="shown", evidence=None),
        an_event(str(uuid.uuid4()), camera="upload-1", origin="upload"),
    ]
    await rows.write(events)
    [camera] = query(tables, "SELECT * FROM cameras WHERE id IN ('shown', 'upload-1')")
    assert (camera["id"], camera["last_passage_at"]) == ("shown", later)
    assert camera["last_frame_key"].startswith("evidence/aa/")


async def test_capture_times_of_a_wrong_clock_are_stored_and_move_into_their_week_later(
    rows: Rows, tables: str
) -> None:
    event_id, moment = str(uuid.uuid4()), datetime(2019, 7, 3, 12, tzinfo=UTC)
    await rows.write([an_event(event_id, first_captured_at=moment)])
    where = "SELECT tableoid::regclass::text AS part FROM passages WHERE event_id = %s"
    assert query(tables, where, event_id) == [{"part": "passages_default"}]
    assert query(tables, "SELECT ensure_passage_partitions('2019-07-03', '2019-07-03') AS made") == [
        {"made": 1}
    ]
    assert query(tables, where, event_id) == [{"part": "passages_20190701"}]
    assert stored(tables, event_id)[0]["text_reversed"] == "4321BA21HM"


async def test_partitions_are_there_for_the_coming_weeks(rows: Rows, tables: str) -> None:
    event_id = str(uuid.uuid4())
    await rows.write([an_event(event_id, first_captured_at=datetime.now(UTC) + timedelta(days=20))])
    [part] = query(
        tables, "SELECT tableoid::regclass::text AS part FROM passages WHERE event_id = %s", event_id
    )
    assert part["part"] != "passages_default"
