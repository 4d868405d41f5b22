"""The lines of the audit, newest first, page by page: by person, by plate, by kind of look, by time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString
from uuid import UUID

from webapp.database import Database
from webapp.queries.counting import count_rows
from webapp.queries.rights import MAY_SEE
from webapp.queries.search import plate_condition


@dataclass(frozen=True)
class LookCursor:
    """The last line of the page before."""

    at: datetime
    id: int


@dataclass(frozen=True, kw_only=True)
class LooksWanted:
    """`plate` is normalised and may hold `*` and `?`. Found are looks at passages that are read so, and
    searches that name it or would find it."""

    person: str = ""
    plate: str = ""
    action: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Look:
    """A line, with the number of its passage as it is read now. `may_see`: its page is open to the reader.

    `fields` names what was shown unmasked; no line holds any of it.
    """

    id: int
    at: datetime
    user_name: str
    action: str
    event_id: UUID | None
    query: str | None
    reason: str | None
    fields: list[str]
    from_address: str | None
    known: bool
    text: str | None
    series: str | None
    plate_colour: str | None
    may_see: bool


def find_looks(
    database: Database, *, wanted: LooksWanted, before: LookCursor | None, limit: int, reader: str
) -> list[Look]:
    """One page, the newest first."""
    where, values = _conditions(wanted)
    if before is not None:
        where.append("(at, id) < (%(before_at)s, %(before_id)s)")
        values |= {"before_at": before.at, "before_id": before.id}
    query: LiteralString = f"""
        SELECT found.id, at, found.user_name, action, found.event_id, query, reason, fields, from_address,
               passage.known IS NOT NULL AS known, text, series, plate_colour,
               coalesce(may_see, false) AS may_see
        FROM (SELECT * FROM looks WHERE {" AND ".join(where)}
              ORDER BY at DESC, id DESC LIMIT %(limit)s) AS found
        LEFT JOIN LATERAL (
            SELECT true AS known, text, series, plate_colour, {MAY_SEE} AS may_see
            FROM passages WHERE passages.event_id = found.event_id LIMIT 1) AS passage ON true
        ORDER BY at DESC, found.id DESC"""  # noqa: S608
    return database.all(Look, query, values | {"limit": limit, "user_name": reader})


def count_looks(database: Database, *, wanted: LooksWanted) -> int:
    """How many there are, at most `COUNT_LIMIT` + 1."""
    where, values = _conditions(wanted)
    return count_rows(database, "looks", where, values)


def _conditions(wanted: LooksWanted) -> tuple[list[LiteralString], dict[str, object]]:
    """SQL conditions and their values. Every condition is written here; only values come from people."""
    where: list[LiteralString] = ["true"]
    values: dict[str, object] = {}
    if wanted.person:
        where.append("user_name = %(person)s")
        values["person"] = wanted.person
    if wanted.action:
        where.append("action = %(action)s")
        values["action"] = wanted.action
    if wanted.since is not None:
        where.append("at >= %(since)s")
        values["since"] = wanted.since
    if wanted.until is not None:
        where.append("at < %(until)s")
        values["until"] = wanted.until
    if wanted.plate:
        condition, plate_values = _about(wanted.plate)
        where.append(condition)
        values |= plate_values
    return where, values


def _about(plate: str) -> tuple[LiteralString, dict[str, object]]:
    of_passages, values = plate_condition(plate, candidates_too=False)
    # Three questions, each with an index of its own. The text of an old line may be anything: no character
    # escapes another in it.
    return (
        f"""id IN (
            SELECT about.id FROM looks AS about JOIN passages USING (event_id) WHERE {of_passages}
            UNION ALL
            SELECT id FROM looks WHERE searched_plate(query) LIKE %(named)s
            UNION ALL
            SELECT id FROM looks WHERE searched_plate(query) ~ '[*?]'
                AND %(about)s LIKE translate(searched_plate(query), '*?', '%%_') ESCAPE '')""",  # noqa: S608
        dict(values) | {"about": plate, "named": plate.replace("*", "%").replace("?", "_")},
    )
