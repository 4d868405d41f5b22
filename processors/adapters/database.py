"""Rows in, PostgreSQL out: idempotent upserts in one transaction a batch, and one NOTIFY for the live board.

The notification on channel `plates` is JSON: {"change": highest change of the batch, "ids": [event ids]}.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any

import msgspec
import psycopg
from psycopg.types.json import Jsonb
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from contracts.chain import content_sha256
from contracts.database_address import check_database_address
from contracts.errors import PlatestreamError, SetAside, Stop, TryAgain
from processors.adapters import statements
from processors.adapters.sqlstates import Means, meaning
from processors.rows import Columns, CoverageRow

logger = logging.getLogger(__name__)

_DEPENDENCY = "postgres"
# A NOTIFY payload must stay below 8000 bytes; an id in JSON takes 39.
_IDS_PER_NOTIFICATION = 180
_PARTITIONS_EVERY = timedelta(hours=6)
_UPLOAD = "upload-"


class Database:
    """`Tables` of the rows stage."""

    def __init__(self, uri: str, *, connections: int = 2, timeout_sec: float = 10.0) -> None:
        """Raises `Stop` when nothing can be opened by that address."""
        check_database_address(uri)
        self._pool = AsyncConnectionPool(
            uri,
            min_size=1,
            max_size=connections,
            open=False,
            timeout=timeout_sec,
            kwargs={
                "autocommit": True,
                "application_name": "platestream rows",
                "connect_timeout": 5,
                # A server that vanished without a word is noticed in 15 s, not in a quarter of an hour.
                "tcp_user_timeout": 15_000,
            },
            check=AsyncConnectionPool.check_connection,
        )
        self._partitions_until = datetime.min.replace(tzinfo=UTC)

    async def __aenter__(self) -> Database:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def open(self) -> None:
        """Starts connecting; the first write waits for it."""
        await self._pool.open()

    async def close(self) -> None:
        await self._pool.close(timeout=5.0)

    async def write(self, passages: Sequence[Columns], coverage: Sequence[CoverageRow]) -> None:
        """See `processors.rows.Tables`.

        Raises:
            TryAgain: the database is away, or a partition was missing and is there now.
            SetAside: a value that no row can hold.
            Stop: tables or rights are missing.
        """
        with translated():
            async with self._pool.connection() as connection:
                await self._ensure_partitions(connection)
                try:
                    async with connection.transaction():
                        await self._write(connection, passages, coverage)
                except psycopg.errors.CheckViolation as error:
                    if error.diag.constraint_name is not None:
                        raise
                    # No partition takes this time, and somebody removed the one for all others.
                    self._partitions_until = datetime.min.replace(tzinfo=UTC)
                    raise TryAgain(_DEPENDENCY, "no partition for a capture time") from error

    async def _ensure_partitions(self, connection: psycopg.AsyncConnection) -> None:
        now = datetime.now(UTC)
        if now < self._partitions_until:
            return
        cursor = await connection.execute(statements.ENSURE_PARTITIONS)
        made = await cursor.fetchone()
        self._partitions_until = now + _PARTITIONS_EVERY
        if made is not None and made[0]:
            logger.info("%d partitions of passages made", made[0])

    async def _write(
        self,
        connection: psycopg.AsyncConnection,
        passages: Sequence[Columns],
        coverage: Sequence[CoverageRow],
    ) -> None:
        async with connection.cursor() as cursor:
            await cursor.execute(statements.TAKE_TURN)
            changed = await _upsert_passages(cursor, passages)
            links = chain_links([columns for columns, _ in changed])
            if links:
                await cursor.executemany(statements.ADD_TO_CHAIN, links)
            cameras = latest_of_each_camera(passages)
            if cameras:
                await cursor.executemany(statements.UPSERT_CAMERA_OF_PASSAGE, cameras)
            reports = [_report_values(row) for row in coverage if not row.report.camera.startswith(_UPLOAD)]
            if reports:
                await cursor.executemany(statements.UPSERT_COVERAGE, reports)
                ingest = [values for values in reports if values["stage"] == "ingest"]
                await cursor.executemany(statements.UPSERT_CAMERA_OF_REPORT, ingest)
            for payload in notifications([(columns["event_id"], change) for columns, change in changed]):
                await cursor.execute(statements.NOTIFY, (payload,))


async def _upsert_passages(
    cursor: psycopg.AsyncCursor[Any], passages: Sequence[Columns]
) -> list[tuple[Columns, int]]:
    """Those that really changed their row, with the number of the change."""
    if not passages:
        return []
    statement = statements.upsert_passage(passages[0])
    await cursor.executemany(statement, [_adapted(columns) for columns in passages], returning=True)
    found = [await result.fetchone() async for result in cursor.results()]
    return [(columns, row[1]) for columns, row in zip(passages, found, strict=True) if row is not None]


def chain_links(changed: Sequence[Columns]) -> list[dict[str, Any]]:
    """Finals for `contracts.chain`, in the order in which rows came to show them."""
    return [
        {"camera": row["camera"], "event_id": row["event_id"], "content": content_sha256(row["event"])}
        for row in changed
        if row["state"] == "final"
    ]


def latest_of_each_camera(passages: Sequence[Columns]) -> list[dict[str, Any]]:
    """One row a camera (uploads are none), by name, so that two writers lock them in the same order."""
    latest: dict[str, dict[str, Any]] = {}
    for row in sorted(passages, key=lambda row: (row["camera"], row["captured_at"])):
        camera = row["camera"]
        if camera.startswith(_UPLOAD):
            continue
        seen = latest.setdefault(camera, {"camera": camera, "place": None, "frame_key": None})
        seen["captured_at"] = row["captured_at"]
        # A preview has no frame yet: the one before stays.
        seen["place"] = row["place"] or seen["place"]
        seen["frame_key"] = row["frame_key"] or seen["frame_key"]
    return list(latest.values())


def notifications(changed: Sequence[tuple[str, int]]) -> Iterator[str]:
    """Payloads for the changed rows: one, unless the ids do not fit."""
    for start in range(0, len(changed), _IDS_PER_NOTIFICATION):
        part = changed[start : start + _IDS_PER_NOTIFICATION]
        # A passage that changed twice in the batch is named once.
        ids = list(dict.fromkeys(event_id for event_id, _ in part))
        yield msgspec.json.encode({"change": max(change for _, change in part), "ids": ids}).decode()


def _adapted(columns: Columns) -> dict[str, Any]:
    return {
        name: Jsonb(value, dumps=_dumps) if name in statements.JSON_COLUMNS and value is not None else value
        for name, value in columns.items()
    }


def _dumps(value: object) -> bytes:
    return msgspec.json.encode(value)


def _report_values(row: CoverageRow) -> Mapping[str, Any]:
    report = row.report
    values = {name: getattr(report, name) for name in statements.COUNTERS}
    # Frames came somewhen in that minute: at its end, or at the report if that was before.
    seen_until = min(row.reported_at, report.minute + timedelta(minutes=1))
    return {
        **values,
        "camera": report.camera,
        "minute": report.minute,
        "stage": report.stage,
        "instance": report.instance,
        "state": report.state,
        "note": report.note,
        "gaps": Jsonb(report.gaps),
        "shed_by": Jsonb(report.shed_by),
        "scene": report.scene,
        "clock": report.clock,
        "clock_error_ms": report.clock_error_ms,
        "time_zone": report.time_zone,
        "reported_at": row.reported_at,
        "last_frame_at": seen_until if report.captured else None,
    }


@contextmanager
def translated() -> Iterator[None]:
    """Errors of the driver as the three kinds."""
    try:
        yield
    except PoolTimeout as error:
        raise TryAgain(_DEPENDENCY, _first_line(error)) from error
    except psycopg.Error as error:
        raise _kind(error) from error


def _kind(error: psycopg.Error) -> PlatestreamError:
    means = meaning(error.sqlstate) if error.sqlstate else _meaning_to_the_driver(error)
    if means is Means.TRY_AGAIN:
        return TryAgain(_DEPENDENCY, _first_line(error))
    if means is Means.SET_ASIDE:
        return SetAside(f"postgres refuses a row: {_first_line(error)}")
    return Stop(f"postgres: {_first_line(error)}: is it migrated, and may this user write?")


def _meaning_to_the_driver(error: psycopg.Error) -> Means:
    """Without a state it was the driver that saw it: a lost connection, or a value that it cannot send."""
    if isinstance(error, psycopg.DataError):
        return Means.SET_ASIDE
    if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return Means.TRY_AGAIN
    return Means.STOP


def _first_line(error: psycopg.Error | PoolTimeout) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
