"""What the database holds after a run."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import psycopg

# Two rows of one vehicle: at one camera in one epoch at overlapping times, the same text, or a plate that
# only one of the two read whole: texts of which one holds the other.
_DOUBLE = """
SELECT a.event_id::text, b.event_id::text, a.camera, a.text, b.text
  FROM passages AS a JOIN passages AS b
    ON a.camera = b.camera AND a.epoch = b.epoch AND a.event_id < b.event_id
   AND a.captured_at <= b.last_captured_at AND b.captured_at <= a.last_captured_at
   AND (strpos(a.text, b.text) > 0 OR strpos(b.text, a.text) > 0)
 WHERE a.state = 'final' AND b.state = 'final'
"""
_REPEATED_IDS = """
SELECT coalesce(sum(n - 1), 0) FROM (SELECT count(*) AS n FROM passages GROUP BY event_id) AS each
"""
_ROWS = "SELECT event_id::text, text, state FROM passages"


@dataclass(frozen=True)
class Stored:
    """`texts` of the finals and `previews` still standing by event id; `double` in words, and
    `repeated`, rows beyond the first of one id."""

    texts: dict[str, str | None]
    previews: frozenset[str]
    double: tuple[str, ...]
    repeated: int


def stored_passages(database: str) -> Stored:
    """Everything in a database that only this run has written to."""
    with psycopg.connect(database, connect_timeout=10) as connection:
        rows = connection.execute(_ROWS).fetchall()
        pairs = connection.execute(_DOUBLE).fetchall()
        repeated = connection.execute(_REPEATED_IDS).fetchone()
    return Stored(
        texts={event_id: text for event_id, text, state in rows if state == "final"},
        previews=frozenset(event_id for event_id, _, state in rows if state == "preview"),
        double=tuple(
            f"{camera}: {one} ({text}) and {other} ({other_text})"
            for one, other, camera, text, other_text in pairs
        ),
        repeated=int(repeated[0]) if repeated else 0,
    )


def differences(stored: Stored, expected: dict[str, str | None]) -> tuple[list[str], list[str], list[str]]:
    """Ids that are missing, sentences about finals that nobody expected, and about other texts."""
    missing = sorted(_without(expected, stored.texts))
    unexpected = [
        f"event {event_id} ({stored.texts[event_id]}) is in the database and was never to be"
        for event_id in sorted(_without(stored.texts, expected))
    ]
    unexpected += [f"event {event_id} stays a preview" for event_id in sorted(stored.previews)]
    other = [
        f"event {event_id} is {stored.texts[event_id]}, expected {text}"
        for event_id, text in expected.items()
        if event_id in stored.texts and stored.texts[event_id] != text
    ]
    return missing, unexpected, other


def _without(these: Collection[str], those: Collection[str]) -> set[str]:
    return set(these) - set(those)
