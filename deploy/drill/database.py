"""What the database holds of a run's finals."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import psycopg

# Two rows of one vehicle: the same plate at the same camera in one epoch, at overlapping times.
_DOUBLE = """
SELECT count(*) FROM passages AS a JOIN passages AS b
    ON a.camera = b.camera AND a.epoch = b.epoch AND a.text = b.text AND a.event_id <> b.event_id
   AND (a.event_id < b.event_id OR b.event_id <> ALL(%(ids)s::uuid[]))
   AND a.captured_at <= b.last_captured_at AND b.captured_at <= a.last_captured_at
 WHERE a.state = 'final' AND b.state = 'final' AND a.event_id = ANY(%(ids)s::uuid[])
"""
_REPEATED_IDS = """
SELECT coalesce(sum(n - 1), 0) FROM (
    SELECT count(*) AS n FROM passages WHERE event_id = ANY(%(ids)s::uuid[]) GROUP BY event_id) AS each
"""
_STORED = (
    "SELECT event_id::text, text FROM passages WHERE state = 'final' AND event_id = ANY(%(ids)s::uuid[])"
)


@dataclass(frozen=True)
class Stored:
    """Texts of the finals by event id, and the number of rows too many."""

    texts: dict[str, str | None]
    double: int


def stored_finals(database: str, ids: Collection[str]) -> Stored:
    """What is stored of these events."""
    parameters = {"ids": list(ids)}
    with psycopg.connect(database, connect_timeout=10) as connection:
        texts: dict[str, str | None] = dict(connection.execute(_STORED, parameters).fetchall())
        double = sum(
            int(row[0])
            for query in (_DOUBLE, _REPEATED_IDS)
            if (row := connection.execute(query, parameters).fetchone())
        )
    return Stored(texts, double)
