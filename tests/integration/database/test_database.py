"""The rows stage on a real PostgreSQL: whatever comes twice, late or shuffled, one row a passage is right."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any

import msgspec
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.chain import content_sha256
from contracts.errors import SetAside, Stop, TryAgain
from contracts.messages.enriched import EnrichedEvent
from deploy.migrate import migrate
from processors.adapters.database import Database, notifications
from processors.rows import CoverageRow, Rows, passage_columns
from tests.contracts.builders import NOON, a_coverage, a_reading, an_enriched_event
from tests.integration.database.stored import an_event, query, stored


@pytest.fixture(scope="module")
def tables(database: str) -> str:
    migrate(database)
    return database


@pytest.fixture
async def rows(tables: str) -> AsyncIterator[Rows]:
    async with Database(f"{tables}?options=-c%20role%3Dplatestream_writer") as database:
        yield Rows(database)


def test_a_message_becomes_a_row_that_can_be_searched(tables: str) -> None:
    event_id = str(uuid.uuid4())

    async def write() -> None:
        async with Database(tables) as database:
            await Rows(database).write([an_event(event_id)])

    asyncio.run(write())
    [row] = stored(tables, event_id)
    assert (row["text"], row["text_reversed"], row["camera"]) == ("MH12AB1234", "4321BA21HM", "gate")
    assert row["grams"] == ["123", "12A", "234", "2AB", "AB1", "B12", "H12", "MH1"]
    assert row["posterior"][0] == {"M": 0.95}
    assert row["vehicle_record"]["make"] == "MARUTI SUZUKI"
    assert bytes(row["sealed_personal"]) == b"sealed"
    assert row["frame_position"] == {"topic": "frames", "partition": 3, "offset": 42}


async def test_the_same_batch_twice_leaves_every_row_as_it_was(rows: Rows, tables: str) -> None:
    event_id = str(uuid.uuid4())
    report = CoverageRow(report=a_coverage(camera="twice"), reported_at=NOON)
    await rows.write([an_event(event_id, camera="twice"), report])
    before = (stored(tables, event_id), query(tables, "SELECT * FROM coverage WHERE camera = 'twice'"))
    await rows.write([an_event(event_id, camera="twice")])
    assert stored(tables, event_id) == before[0]
    await rows.write([report])
    [coverage] = query(tables, "SELECT captured, gated, sent, shed FROM coverage WHERE camera = 'twice'")
    assert coverage == {"captured": 1500, "gated": 1200, "sent": 299, "shed": 1}


def versions(event_id: str) -> list[EnrichedEvent]:
    """A passage's life: previews, the final without and with its answer; the last is the one that counts."""
    pending = {"status": "pending", "vehicle": None, "owner_masked": None, "personal": None}
    return [
        an_event(event_id, state="preview", revision=0, reading=None, registry=pending),
        an_event(event_id, state="preview", revision=1, reading=a_reading("MH12AB1284"), registry=pending),
        an_event(event_id, state="preview", revision=7, registry=pending),
        an_event(event_id, state="final", revision=3, registry=pending),
        an_event(event_id, state="final", revision=3),
    ]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(range(5)), split=st.integers(1, 4), repeat=st.integers(0, 4))
def test_in_whatever_order_and_however_often_events_come_the_last_state_stays(
    tables: str, order: list[int], split: int, repeat: int
) -> None:
    event_id = str(uuid.uuid4())
    events = [versions(event_id)[place] for place in [*order, order[repeat]]]

    async def write() -> None:
        async with Database(tables) as database:
            await Rows(database).write(events[:split])
            await Rows(database).write(events[split:])

    asyncio.run(write())
    [row] = stored(tables, event_id)
    assert (row["state"], row["revision"], row["text"]) == ("final", 3, "MH12AB1234")
    assert (row["registry_status"], row["owner_masked"]) == ("found", "A*I*A S*A*M*")


@pytest.mark.parametrize("order", [(0, 1, 0), (1, 0, 1)], ids=["as they were made", "the other way round"])
async def test_of_two_finals_with_the_largest_revision_the_one_that_was_made_later_stays(
    rows: Rows, tables: str, order: Sequence[int]
) -> None:
    """A vehicle that stands for longer than revisions can count is told of again all the same."""
    event_id = str(uuid.uuid4())
    made = [
        msgspec.structs.replace(
            an_event(event_id, revision=2**31 - 1, last_captured_at=NOON + timedelta(hours=hour)),
            processed_at=NOON + timedelta(hours=hour),
        )
        for hour in range(2)
    ]

    for number in order:
        await rows.write([made[number]])

    [row] = stored(tables, event_id)
    assert (row["revision"], row["last_captured_at"]) == (2**31 - 1, NOON + timedelta(hours=1))


def vouched_for(tables: str, event_id: str) -> list[bytes]:
    """What the chain says of an event, in order."""
    lines = query(tables, "SELECT content FROM chain WHERE event_id = %s ORDER BY number", event_id)
    return [bytes(line["content"]) for line in lines]


async def test_the_chain_ends_with_what_the_row_shows_also_when_that_was_there_before(
    rows: Rows, tables: str
) -> None:
    event_id = str(uuid.uuid4())
    texts = ("MH12AB1234", "MH12AB1284", "MH12AB1234")
    made = [
        msgspec.structs.replace(
            an_event(event_id, reading=a_reading(text)), processed_at=NOON + timedelta(hours=number)
        )
        for number, text in enumerate(texts)
    ]
    await rows.write(made[:1])
    await rows.write([made[0], *made[1:], made[1]])  # what comes late changes neither row nor chain

    [row] = stored(tables, event_id)
    first, second, third = vouched_for(tables, event_id)
    assert first == third == content_sha256(row["event"]) != second
    assert row["text"] == "MH12AB1234"


async def test_a_late_preview_does_not_win_over_a_final(rows: Rows, tables: str) -> None:
    event_id = str(uuid.uuid4())
    await rows.write([versions(event_id)[4]])
    await rows.write([versions(event_id)[2]])
    [row] = stored(tables, event_id)
    assert row["state"] == "final"


async def test_each_batch_gives_one_notification_with_the_changed_events_alone(
    rows: Rows, tables: str
) -> None:
    old, new = str(uuid.uuid4()), str(uuid.uuid4())
    await rows.write([an_event(old)])
    with psycopg.connect(tables, autocommit=True) as connection:
        connection.execute("LISTEN plates")
        await rows.write([an_event(old), an_event(new, state="preview"), an_event(new)])
        heard = [json.loads(notify.payload) for notify in connection.notifies(timeout=1)]
    [row] = stored(tables, new)
    assert heard == [{"change": row["change"], "ids": [new]}]


def test_notifications_stay_below_what_postgresql_takes() -> None:
    changed = [(str(uuid.uuid4()), change) for change in range(1000)]
    payloads = list(notifications(changed))
    assert max(map(len, payloads)) < 8000
    assert [i for payload in payloads for i in json.loads(payload)["ids"]] == [i for i, _ in changed]
    assert json.loads(payloads[-1])["change"] == 999


async def test_a_row_no_table_can_hold_is_set_aside_and_the_batch_leaves_nothing(
    rows: Rows, tables: str
) -> None:
    good, bad = str(uuid.uuid4()), str(uuid.uuid4())
    with pytest.raises(SetAside):
        await rows.write([an_event(good), an_event(bad, place="zero\x00byte")])
    assert stored(tables, good) == []
    await rows.write([an_event(good)])
    assert len(stored(tables, good)) == 1


async def test_a_number_beyond_its_column_is_set_aside(rows: Rows) -> None:
    with pytest.raises(SetAside):
        await rows.write([an_event(str(uuid.uuid4()), frames=2**40)])


async def test_a_database_that_is_away_is_waited_for() -> None:
    async with Database("postgresql://nobody@127.0.0.1:9/none", timeout_sec=0.3) as database:
        with pytest.raises(TryAgain, match="postgres"):
            await Rows(database).write([an_event(str(uuid.uuid4()))])


async def test_killed_connections_are_replaced(rows: Rows, tables: str) -> None:
    event_id = str(uuid.uuid4())
    await rows.write([an_event(str(uuid.uuid4()))])
    query(tables, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s",
          "platestream rows")  # fmt: skip
    await rows.write([an_event(event_id)])
    assert len(stored(tables, event_id)) == 1


async def test_missing_tables_stop_with_the_cure_named(database_server: Any) -> None:
    uri = database_server.variables()["PLATESTREAM_DATABASE"]
    server, _, _ = uri.rpartition("/")
    async with Database(f"{server}/postgres") as database:
        with pytest.raises(Stop, match="migrated"):
            await Rows(database).write([an_event(str(uuid.uuid4()))])


def test_a_row_holds_exactly_the_columns_that_the_stage_writes_and_the_database_fills_in(
    tables: str,
) -> None:
    columns = query(
        tables, "SELECT attname FROM pg_attribute WHERE attrelid = 'passages'::regclass AND attnum > 0"
    )
    filled_in = {"stored_at", "changed_at", "change", "text_reversed", "grams"}
    assert {column["attname"] for column in columns} == set(passage_columns(an_enriched_event())) | filled_in
