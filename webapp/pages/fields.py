"""One field of a form, as it stands in an address -> what is meant, or what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

Place = TypeVar("Place")

_LONGEST_PLATE = 24
_BETWEEN_GROUPS = re.compile(r"[\s.·_-]")
_PLATE = re.compile(r"[0-9A-Z*?]*")


def given_fields(arguments: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    """Those of these fields that say something, each of bounded length."""
    return {name: arguments[name].strip()[:80] for name in names if arguments.get(name, "").strip()}


def plate_pattern(text: str, problems: dict[str, str]) -> str:
    plate = re.sub(r"\*+", "*", _BETWEEN_GROUPS.sub("", text.upper()))
    if not _PLATE.fullmatch(plate) or len(plate) > _LONGEST_PLATE:
        problems["plate"] = f"Letters, digits, * and ? only, at most {_LONGEST_PLATE}."
        return ""
    return "" if plate == "*" else plate


def choice(text: str, field: str, choices: Collection[str], problems: dict[str, str]) -> str:
    if text and text not in choices:
        problems[field] = f"One of {', '.join(choices)}."
        return ""
    return text


def times(
    given: Mapping[str, str], zone: ZoneInfo, problems: dict[str, str]
) -> tuple[datetime | None, datetime | None]:
    """`from` and `to`. Times without an offset are meant in `zone`, as the form's fields show them."""
    since = _moment(given.get("from", ""), zone, "from", problems, pick=min)
    until = _moment(given.get("to", ""), zone, "to", problems, pick=max)
    if since and until and since >= until:
        problems["to"] = "The end has to be after the beginning."
    return since, until


def place_text(at: datetime, which: object) -> str:
    """A place in a list that goes on, as it stands in an address."""
    return f"{at.isoformat()}_{which}"


def place_before(
    text: str, made: Callable[[datetime, str], Place], problems: dict[str, str], *, of: str
) -> Place | None:
    """What `place_text` wrote, in a list `of` these; `made` raises `ValueError` for what can be none."""
    if not text:
        return None
    moment, _, which = text.partition("_")
    try:
        # In an address a + before the offset may have become a space.
        at = datetime.fromisoformat(moment.replace(" ", "+"))
        place = made(at, which) if at.tzinfo else None
    except ValueError:
        place = None
    if place is None:
        problems["before"] = f"The link to this page of {of} is broken."
    return place


def local_times(moments: Mapping[str, datetime | None], zone: ZoneInfo) -> dict[str, str]:
    """As a browser's field for them takes them: one that is given a time with an offset stays empty."""
    return {
        name: moment.astimezone(zone)
        .replace(tzinfo=None)
        .isoformat(timespec="milliseconds")
        .removesuffix(":00.000")
        for name, moment in moments.items()
        if moment is not None
    }


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
