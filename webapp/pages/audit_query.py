"""The audit's form as it stands in an address -> which lines are wanted; and lines -> words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl, urlencode
from zoneinfo import ZoneInfo

from webapp.formatting import clock_time, day
from webapp.pages.fields import (
    choice,
    given_fields,
    local_times,
    place_before,
    place_text,
    plate_pattern,
    times,
)
from webapp.queries.audit import LookCursor, LooksWanted

ACTIONS: Mapping[str, str] = {
    "search": "Search",
    "export": "Export",
    "passage": "Passage",
    "picture": "Picture",
    "upload": "Result of an upload",
    "owner": "Owner data",
    "owner-refused": "Owner data refused",
    "audit": "Audit",
    "audit-export": "Export of the audit",
    "sign-in": "Sign-in",
    "sign-in-refused": "Sign-in refused",
}
"""What a line may be of, in the order of the form."""

_FIELDS = ("person", "plate", "action", "from", "to")
_PERSON = re.compile(r"[a-z0-9._@() -]{1,64}")
_MOST_ID = 2**63
_WORDS = {
    "colour": "plate colour",
    "action": "only",
    "accepted": "accepted reads only",
    "candidates": "other readings too",
    "before": "further page",
}
_WITHOUT_VALUE = {"accepted", "candidates", "before"}


@dataclass(frozen=True, kw_only=True)
class AuditAsked:
    """As `webapp.pages.search_query.Asked`."""

    given: dict[str, str]
    shown: dict[str, str]
    wanted: LooksWanted
    before: LookCursor | None
    problems: dict[str, str]

    @property
    def understood(self) -> str:
        """The question as it is written down: as the query of an address that asks for the same."""
        wanted = self.wanted
        fields = {
            "person": wanted.person,
            "plate": wanted.plate,
            "action": wanted.action,
            "from": wanted.since.isoformat() if wanted.since else "",
            "to": wanted.until.isoformat() if wanted.until else "",
            "before": cursor_text(self.before) if self.before else "",
        }
        return urlencode({name: text for name, text in fields.items() if text}, safe="*?:")


def read_audit_query(arguments: Mapping[str, str], *, zone: ZoneInfo) -> AuditAsked:
    """Times without an offset are meant in `zone`, as the form's fields show them."""
    given = given_fields(arguments, _FIELDS)
    problems: dict[str, str] = {}
    since, until = times(given, zone, problems)
    wanted = LooksWanted(
        person=_person(given.get("person", ""), problems),
        plate=plate_pattern(given.get("plate", ""), problems),
        action=choice(given.get("action", ""), "action", ACTIONS, problems),
        since=since,
        until=until,
    )
    return AuditAsked(
        given=given,
        shown=given | local_times({"from": since, "to": until}, zone),
        wanted=wanted,
        before=place_before(arguments.get("before", ""), _cursor, problems, of="lines"),
        problems=problems,
    )


def cursor_text(cursor: LookCursor) -> str:
    """A place among lines as it stands in an address."""
    return place_text(cursor.at, cursor.id)


def words_of(query: str, zone: ZoneInfo) -> list[tuple[str, str]]:
    """What was searched for, as names and values for people; a value is empty where the name says all."""
    return [
        (_WORDS.get(name, name), "" if name in _WITHOUT_VALUE else _value(name, value, zone))
        for name, value in parse_qsl(query)
    ]


def _value(name: str, value: str, zone: ZoneInfo) -> str:
    if name == "action":
        return ACTIONS.get(value, value)
    if name not in {"from", "to"}:
        return value
    try:
        moment = datetime.fromisoformat(value)
        return f"{day(moment, zone)} {clock_time(moment, zone)}" if moment.tzinfo else value
    except (ValueError, OverflowError):
        return value


def _person(text: str, problems: dict[str, str]) -> str:
    name = text.lower()
    if name and not _PERSON.fullmatch(name):
        problems["person"] = "Nobody can have this name."
        return ""
    return name


def _cursor(at: datetime, number: str) -> LookCursor:
    cursor = LookCursor(at, int(number))
    if not 0 <= cursor.id < _MOST_ID:
        raise ValueError(number)
    return cursor
