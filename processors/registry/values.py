"""Dirty values of registries into clean ones: a value that cannot be understood is None, never a guess."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone

# What registries write when they know nothing, in capitals.
_NOTHING = frozenset(("", "NA", "N/A", "N.A.", "NULL", "NONE", "-", "--", "NOT AVAILABLE", "XXXX"))
_DATE_FORMATS = ("%Y-%m-%d", "%d/%m/%Y", "%d-%b-%Y", "%d-%m-%Y")
_WITH_TIME = re.compile(r"(\S{8,11}?)[T ][0-2]?\d:[0-5]\d(:[0-5]\d(\.\d{1,9})?)?( ?[AP]M)?", re.IGNORECASE)
# ISO 8601 with a zone. Midnight of India is written as 18:30Z of the day before.
_WITH_ZONE = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}.*(Z|[+-]\d{2}:?\d{2})", re.ASCII)
_INDIA = timezone(timedelta(hours=5, minutes=30))
# 01/01/0001 and 1900-01-01 stand for "no date"; the first cars of India were registered after 1900.
_EARLIEST_YEAR = 1901
_LATEST_YEAR = 2200
_MAX_TEXT = 500


def text(value: object) -> str | None:
    """A trimmed text; numbers as text; None for sentinels and for anything that is no single value."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    # Control characters have no place in a register, and PostgreSQL refuses one of them.
    trimmed = re.sub(r"[\x00-\x1f\x7f\s]+", " ", str(value)).strip()
    return None if trimmed.upper() in _NOTHING else trimmed[:_MAX_TEXT]


def day(value: object) -> date | None:
    """A date in one of the formats that registries mix, or None (also for their sentinels).

    A time behind it is left out; one with a zone tells which day it was in India.
    """
    found = _day_of(text(value) or "")
    return found if found is not None and _EARLIEST_YEAR <= found.year <= _LATEST_YEAR else None


def _day_of(written: str) -> date | None:
    if _WITH_ZONE.fullmatch(written):
        try:
            return datetime.fromisoformat(written).astimezone(_INDIA).date()
        except (ValueError, OverflowError):
            return None
    with_time = _WITH_TIME.fullmatch(written)
    for pattern in _DATE_FORMATS:
        try:
            # Only the day counts, so the zone does not.
            return datetime.strptime(with_time[1] if with_time else written, pattern).date()  # noqa: DTZ007
        except ValueError:
            continue
    return None


def flag(value: object) -> bool | None:
    """A boolean that may come as text; None when the registry does not say."""
    if isinstance(value, bool):
        return value
    written = (text(value) or "").lower()
    return {"true": True, "yes": True, "y": True, "false": False, "no": False, "n": False}.get(written)
