"""What the database holds after a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

import psycopg

from contracts.messages.plate import PlateEvent

UPLOADS = "upload-"
"""What the cameras of pictures that were handed in begin with."""
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
_PREVIEWS = "SELECT event_id::text FROM passages WHERE state = 'preview'"
_UNANSWERED = """
SELECT event_id::text, registry_status FROM passages
 WHERE state = 'final' AND registry_status IN ('pending', 'unavailable')
"""
_FINALS = """
SELECT event_id::text, camera, epoch, text, captured_at, last_captured_at, event ->> 'direction',
       ARRAY(SELECT each ->> 'line' FROM jsonb_path_query(event, '$.movement.crossings[*]') AS each)
  FROM passages WHERE state = 'final'
"""


class Told(NamedTuple):
    """What a final says of its vehicle: its plate, the lines that it crossed, in this order, and its way."""

    text: str | None
    crossed: tuple[str, ...] = ()
    direction: str | None = None

    def __str__(self) -> str:
        over, way = "".join(f", over {line}" for line in self.crossed), self.direction
        return f"{self.text or 'without a plate'}{over}{f', {way}' if way else ''}"


@dataclass(frozen=True)
class DrilledFinal:
    """What is compared of a final: of one that is stored, or of one that must be."""

    camera: str
    epoch: str
    told: Told
    first_captured_at: datetime
    last_captured_at: datetime

    def __str__(self) -> str:
        first, last = (f"{at:%H:%M:%S.%f}" for at in (self.first_captured_at, self.last_captured_at))
        return f"{self.told} from {first} to {last}"


def final_of(event: PlateEvent) -> DrilledFinal:
    crossings = event.movement.crossings if event.movement else ()
    text = event.reading.text if event.reading else None
    told = Told(text, tuple(each.line for each in crossings), event.direction)
    return DrilledFinal(event.camera, event.epoch, told, event.first_captured_at, event.last_captured_at)


@dataclass(frozen=True)
class Stored:
    """`finals` and `previews` still standing by event id; `double` in words, and `repeated`, rows beyond the
    first of one id. `unanswered` are finals without an answer of the registry, and what stands for it."""

    finals: Mapping[str, DrilledFinal]
    previews: frozenset[str]
    double: tuple[str, ...]
    repeated: int
    unanswered: Mapping[str, str] = field(default_factory=dict)


def stored_passages(database: str) -> Stored:
    """Everything in a database that only this run has written to."""
    with psycopg.connect(database, connect_timeout=10) as connection:
        finals = connection.execute(_FINALS).fetchall()
        previews = connection.execute(_PREVIEWS).fetchall()
        unanswered = connection.execute(_UNANSWERED).fetchall()
        pairs = connection.execute(_DOUBLE).fetchall()
        repeated = connection.execute(_REPEATED_IDS).fetchone()
    return Stored(
        finals={
            event_id: DrilledFinal(camera, epoch, Told(text, tuple(crossed), direction), first, last)
            for event_id, camera, epoch, text, first, last, direction, crossed in finals
        },
        previews=frozenset(event_id for (event_id,) in previews),
        double=tuple(
            f"{camera}: {one} ({text}) and {other} ({other_text})"
            for one, other, camera, text, other_text in pairs
        ),
        repeated=int(repeated[0]) if repeated else 0,
        unanswered=dict(unanswered),
    )


def differences(stored: Stored, expected: Mapping[str, DrilledFinal]) -> tuple[list[str], list[str]]:
    """Ids that are missing, and sentences about finals that nobody expected, or not as they are."""
    missing = sorted(_without(expected, stored.finals))
    told = [
        f"event {event_id} ({stored.finals[event_id]}) is in the database and was never to be"
        for event_id in sorted(_without(stored.finals, expected))
    ]
    told += [f"event {event_id} stays a preview" for event_id in sorted(stored.previews)]
    told += [
        f"event {event_id} is {stored.finals[event_id]}, expected {wanted}"
        for event_id, wanted in expected.items()
        if event_id in stored.finals and stored.finals[event_id] != wanted
    ]
    return missing, told


def never_answered(stored: Stored) -> list[str]:
    """Sentences about finals for which the registry's answer is still to come, when nothing is left that
    could bring it; one that answers nonsense about a number has answered."""
    return [
        f"final {event_id} ({stored.finals[event_id]}) has no answer of the registry yet, and none comes"
        for event_id, status in sorted(stored.unanswered.items())
        if status == "pending" and event_id in stored.finals
    ]


def of_upload(stored: Stored, camera: str) -> list[str]:
    """What is wrong with the finals of pictures that were handed in: one each, also of those of which the
    portal could not say any more that it has them; `camera` is the one of which it did."""
    finals = Counter(final.camera for final in stored.finals.values() if final.camera.startswith(UPLOADS))
    finals.setdefault(camera, 0)
    return [f"{name} has {count} finals, not one" for name, count in sorted(finals.items()) if count != 1]


def _without(these: Iterable[str], those: Collection[str]) -> set[str]:
    return set(these) - set(those)
