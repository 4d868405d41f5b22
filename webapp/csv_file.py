"""Rows -> the text of a CSV file whose cells a spreadsheet shows and never computes."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

BEGINNING = "\ufeff"
"""By this mark Excel knows UTF-8; without it names of places in other scripts than Latin come out broken."""

Cell = str | int | float | bool | datetime | UUID | None

# What a spreadsheet takes for the beginning of a formula (OWASP, "CSV injection"): also behind blanks, and in
# the wide forms that East Asian keyboards write.
_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")


def csv_lines(rows: Iterable[Sequence[Cell]], *, zone: ZoneInfo) -> str:
    """Each row as a line. Times are ISO 8601 with the offset of `zone`; what is not known is empty."""
    text = io.StringIO()
    # Every cell in quotation marks: none can end its cell and begin another.
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerows([_shown(cell, zone) for cell in row] for row in rows)
    return text.getvalue()


def _shown(cell: Cell, zone: ZoneInfo) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, datetime):
        return cell.astimezone(zone).isoformat(timespec="milliseconds")
    if isinstance(cell, float):
        return f"{cell:.4f}"
    if isinstance(cell, str) and _FORMULA.match(cell):
        return "'" + cell
    return str(cell)
