"""The search form as it stands in an address -> what is wanted, and what of it cannot be understood."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import get_args
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from contracts.messages.common import PLATE_COLOURS, VEHICLE_CLASSES
from contracts.messages.plate import Direction
from webapp.pages.fields import (
    choice,
    given_fields,
    local_times,
    place_before,
    place_text,
    plate_pattern,
    times,
)
from webapp.queries.search import Cursor, Wanted

_CAMERA = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_FIELDS = ("plate", "camera", "vehicle", "colour", "direction", "from", "to", "accepted", "candidates")
CHOICES: Mapping[str, tuple[str, ...]] = {
    "vehicle": VEHICLE_CLASSES,
    "colour": PLATE_COLOURS,
    "direction": get_args(Direction),
}
"""What can be chosen in a field, in the order of the form."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """`given` is what came, for links, `shown` it as fields of the form show it; `problems` go by field."""

    given: dict[str, str]
    shown: dict[str, str]
    wanted: Wanted
    before: Cursor | None
    problems: dict[str, str]

    @property
    def limits(self) -> bool:
        """False when every passage is wanted."""
        return self.wanted != Wanted(user_name=self.wanted.user_name)

    @property
    def understood(self) -> str:
        """The search as the query of an address that asks for the same, however it was written.

        Known fields alone, each of bounded length: nothing that stood beside them can push one out.
        """
        wanted = self.wanted
        fields = {
            "plate": wanted.plate,
            "camera": wanted.camera,
            "vehicle": wanted.vehicle,
            "colour": wanted.colour,
            "direction": wanted.direction,
            "from": wanted.since.isoformat() if wanted.since else "",
            "to": wanted.until.isoformat() if wanted.until else "",
            "accepted": "1" if wanted.accepted_only else "",
            "candidates": "1" if wanted.candidates_too else "",
            "before": cursor_text(self.before) if self.before else "",
        }
        return urlencode({name: text for name, text in fields.items() if text}, safe="*?:")


def read_query(arguments: Mapping[str, str], *, zone: ZoneInfo, user_name: str) -> Asked:
    """Times without an offset are meant in `zone`, as the form's fields show them."""
    given = given_fields(arguments, _FIELDS)
    problems: dict[str, str] = {}
    since, until = times(given, zone, problems)
    choices = {
        field: choice(given.get(field, ""), field, known, problems) for field, known in CHOICES.items()
    }
    wanted = Wanted(
        user_name=user_name,
        plate=plate_pattern(given.get("plate", ""), problems),
        camera=_camera(given.get("camera", ""), problems),
        vehicle=choices["vehicle"],
        colour=choices["colour"],
        direction=choices["direction"],
        since=since,
        until=until,
        accepted_only=given.get("accepted") == "1",
        candidates_too=given.get("candidates") == "1",
    )
    return Asked(
        given=given,
        shown=given | local_times({"from": wanted.since, "to": wanted.until}, zone),
        wanted=wanted,
        before=place_before(arguments.get("before", ""), _cursor, problems, of="results"),
        problems=problems,
    )


def cursor_text(cursor: Cursor) -> str:
    """A place among results as it stands in an address."""
    return place_text(cursor.captured_at, cursor.event_id)


def _camera(text: str, problems: dict[str, str]) -> str:
    if text and not _CAMERA.fullmatch(text):
        problems["camera"] = "There is no camera of that name."
        return ""
    return text


def _cursor(at: datetime, event_id: str) -> Cursor:
    return Cursor(at, UUID(event_id))
