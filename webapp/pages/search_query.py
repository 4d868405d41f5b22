"""The search form as it stands in an address -> what is wanted, and what of it cannot be understood."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import get_args
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from contracts.messages.common import PLATE_COLOURS, VEHICLE_CLASSES
from contracts.messages.plate import Direction
from webapp.queries.search import Cursor, Wanted

_LONGEST_PLATE = 24
_BETWEEN_GROUPS = re.compile(r"[\s.·_-]")
_PLATE = re.compile(r"[0-9A-Z*?]*")
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
    given = {name: arguments[name].strip()[:80] for name in _FIELDS if arguments.get(name, "").strip()}
    problems: dict[str, str] = {}
    wanted = Wanted(
        user_name=user_name,
        plate=_plate(given.get("plate", ""), problems),
        camera=_camera(given.get("camera", ""), problems),
        vehicle=_choice(given.get("vehicle", ""), "vehicle", problems),
        colour=_choice(given.get("colour", ""), "colour", problems),
        direction=_choice(given.get("direction", ""), "direction", problems),
        since=_moment(given.get("from", ""), zone, "from", problems, pick=min),
        until=_moment(given.get("to", ""), zone, "to", problems, pick=max),
        accepted_only=given.get("accepted") == "1",
        candidates_too=given.get("candidates") == "1",
    )
    if wanted.since and wanted.until and wanted.since >= wanted.until:
        problems["to"] = "The end has to be after the beginning."
    return Asked(
        given=given,
        shown=given | _local_times({"from": wanted.since, "to": wanted.until}, zone),
        wanted=wanted,
        before=_cursor(arguments.get("before", ""), problems),
        problems=problems,
    )


def cursor_text(cursor: Cursor) -> str:
    """A place among results as it stands in an address."""
    return f"{cursor.captured_at.isoformat()}_{cursor.event_id}"


def _plate(text: str, problems: dict[str, str]) -> str:
    plate = re.sub(r"\*+", "*", _BETWEEN_GROUPS.sub("", text.upper()))
    if not _PLATE.fullmatch(plate) or len(plate) > _LONGEST_PLATE:
        problems["plate"] = f"Letters, digits, * and ? only, at most {_LONGEST_PLATE}."
        return ""
    return "" if plate == "*" else plate


def _camera(text: str, problems: dict[str, str]) -> str:
    if text and not _CAMERA.fullmatch(text):
        problems["camera"] = "There is no camera of that name."
        return ""
    return text


def _choice(text: str, field: str, problems: dict[str, str]) -> str:
    if text and text not in CHOICES[field]:
        problems[field] = f"One of {', '.join(CHOICES[field])}."
        return ""
    return text


def _moment(
    text: str,
    zone: ZoneInfo,
    field: str,
    problems: dict[str, str],
    *,
    pick: Callable[[Iterable[datetime]], datetime],
) -> datetime | None:
    """Where clocks are put back a time comes twice: `pick` takes what leaves no passage out."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo:
            return moment.astimezone(zone).astimezone(UTC)  # the form has to show it in the zone
        return pick(moment.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    except (ValueError, OverflowError):
        problems[field] = "This is no date and time."
        return None


def _local_times(moments: Mapping[str, datetime | None], zone: ZoneInfo) -> dict[str, str]:
    """As a browser's field for them takes them: one that is given a time with an offset stays empty."""
    return {
        name: moment.astimezone(zone)
        .replace(tzinfo=None)
        .isoformat(timespec="milliseconds")
        .removesuffix(":00.000")
        for name, moment in moments.items()
        if moment is not None
    }


def _cursor(text: str, problems: dict[str, str]) -> Cursor | None:
    if not text:
        return None
    moment, _, event_id = text.partition("_")
    try:
        # In an address a + before the offset may have become a space.
        cursor = Cursor(datetime.fromisoformat(moment.replace(" ", "+")), UUID(event_id))
    except ValueError:
        cursor = None
    if cursor is None or cursor.captured_at.tzinfo is None:
        problems["before"] = "The link to this page of results is broken."
        return None
    return cursor
