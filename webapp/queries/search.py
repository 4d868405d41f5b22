"""Plate pattern, camera, vehicle, times -> matching passages, newest first, page by page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import LiteralString
from uuid import UUID

from webapp.database import Database, Row
from webapp.queries.board import LINE_COLUMNS, PassageLine
from webapp.queries.counting import count_rows
from webapp.queries.rights import MAY_SEE

_GRAM = 3
_IN_VIEW = timedelta(minutes=10)
"""What was still in view at the beginning of the time that is searched is found when it came no earlier than
this before: on the move all are, of those that park some came long before."""


_EQUALS: Mapping[str, LiteralString] = {
    "camera": "camera = %(camera)s",
    "vehicle": "vehicle_class = %(vehicle)s",
    "colour": "plate_colour = %(colour)s",
    "direction": "direction = %(direction)s",
}


@dataclass(frozen=True)
class Cursor:
    """The last row of the page before: the next page holds what is older."""

    captured_at: datetime
    event_id: UUID


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is searched for. `plate` is normalised and may hold `*` (any characters) and `?` (one).

    `vehicle` is its class, `colour` its plate's. `since` and `until`: found is what was in view in between.
    `user_name` is who searches: nobody finds other people's uploads.
    """

    user_name: str
    plate: str = ""
    camera: str = ""
    vehicle: str = ""
    colour: str = ""
    direction: str = ""
    since: datetime | None = None
    until: datetime | None = None
    accepted_only: bool = False
    candidates_too: bool = False


def find_passages(
    database: Database, *, wanted: Wanted, before: Cursor | None, limit: int
) -> list[PassageLine]:
    """One page, newest capture time first."""
    return page_of_passages(database, PassageLine, LINE_COLUMNS, wanted=wanted, before=before, limit=limit)


def page_of_passages(
    database: Database,
    kind: type[Row],
    columns: LiteralString,
    *,
    wanted: Wanted,
    before: Cursor | None,
    limit: int,
) -> list[Row]:
    """One page, each passage as a `kind` made from these columns."""
    where, values = conditions(wanted)
    if before is not None:
        where.append("(captured_at, event_id) < (%(before_at)s, %(before_id)s)")
        values |= {"before_at": before.captured_at, "before_id": before.event_id}
    query: LiteralString = f"""
        SELECT {columns} FROM passages WHERE {" AND ".join(where)}
        ORDER BY captured_at DESC, event_id DESC LIMIT %(limit)s"""  # noqa: S608
    return database.all(kind, query, values | {"limit": limit})


def count_passages(database: Database, *, wanted: Wanted) -> int:
    """How many there are, at most `COUNT_LIMIT` + 1."""
    where, values = conditions(wanted)
    return count_rows(database, "passages", where, values)


def conditions(wanted: Wanted) -> tuple[list[LiteralString], dict[str, object]]:
    """SQL conditions and their values. Every condition is written here; only values come from people."""
    where: list[LiteralString] = [MAY_SEE]
    values: dict[str, object] = {"user_name": wanted.user_name}
    if wanted.plate:
        condition, plate_values = plate_condition(wanted.plate, candidates_too=wanted.candidates_too)
        where.append(condition)
        values |= plate_values
    for field, condition in _EQUALS.items():
        if value := getattr(wanted, field):
            where.append(condition)
            values[field] = value
    if wanted.since is not None:
        # The index knows when a passage began: the second line keeps the first one quick.
        where.append("last_captured_at >= %(since)s AND captured_at >= %(begun)s")
        values |= {"since": wanted.since, "begun": _before(wanted.since)}
    if wanted.until is not None:
        where.append("captured_at < %(until)s")
        values["until"] = wanted.until
    if wanted.accepted_only:
        where.append("accepted")
    return where, values


def _before(moment: datetime) -> datetime:
    try:
        return moment - _IN_VIEW
    except OverflowError:
        return moment


def plate_condition(plate: str, *, candidates_too: bool) -> tuple[LiteralString, Mapping[str, object]]:
    if "*" in plate or "?" in plate:
        return _pattern_condition(plate, candidates_too=candidates_too)
    if candidates_too:
        return "(text = %(plate)s OR candidate_texts @> ARRAY[%(plate)s])", {"plate": plate}
    return "text = %(plate)s", {"plate": plate}


def _pattern_condition(plate: str, *, candidates_too: bool) -> tuple[LiteralString, Mapping[str, object]]:
    pattern = plate.replace("*", "%").replace("?", "_")
    if candidates_too:
        # No index knows patterns of candidates: camera and times are what keeps this quick.
        return (
            "(text LIKE %(pattern)s OR EXISTS ("
            "SELECT FROM unnest(candidate_texts) AS candidate WHERE candidate LIKE %(pattern)s))",
            {"pattern": pattern},
        )
    if plate[0] not in "*?":
        return "text LIKE %(pattern)s", {"pattern": pattern}
    if plate[-1] not in "*?":
        # A pattern that begins with anything is quick from the other end.
        return (
            "text_reversed LIKE %(reversed)s AND text LIKE %(pattern)s",
            {"reversed": pattern[::-1], "pattern": pattern},
        )
    if grams := _grams(plate):
        return "grams @> %(grams)s AND text LIKE %(pattern)s", {"grams": grams, "pattern": pattern}
    return "text LIKE %(pattern)s", {"pattern": pattern}


def _grams(plate: str) -> list[str]:
    pieces = plate.replace("?", "*").split("*")
    return sorted({piece[i : i + _GRAM] for piece in pieces for i in range(len(piece) - _GRAM + 1)})
