"""Rows -> the text of a CSV file whose cells a spreadsheet shows and never computes; a cut one says so."""

from __future__ import annotations

import csv
import io
import logging
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from contracts.errors import Stop, TryAgain

log = logging.getLogger(__name__)

Row = TypeVar("Row")

BATCH, BATCHES = 1000, 50
"""Rows of a batch, and how many batches a file holds at most: more than a busy camera sees in a day, and not
all that is kept at once. Who needs more narrows the question, or goes on where the file ends."""

_BEGINNING = "\ufeff"
"""By this mark Excel knows UTF-8; without it names of places in other scripts than Latin come out broken."""

Cell = str | int | float | bool | datetime | UUID | None

# What a spreadsheet takes for the beginning of a formula (OWASP, "CSV injection"): also behind blanks, and in
# the wide forms that East Asian keyboards write.
_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")


@dataclass(frozen=True, kw_only=True)
class Table(Generic[Row]):
    """Where a file's rows come from. `after`: the next batch behind a row; `go_on`: the address of a file
    that begins there. `things`: what people call the rows."""

    columns: Sequence[str]
    cells: Callable[[Row], Sequence[Cell]]
    after: Callable[[Row], list[Row]]
    go_on: Callable[[Row], str]
    things: str


def pieces(table: Table[Row], rows: list[Row], *, zone: ZoneInfo) -> Iterator[str]:
    """The file piece by piece, with `rows` as its first batch: no connection is held while a slow browser
    takes its time.

    Raises:
        TryAgain, Stop: the database cannot go on. The answer breaks off: no browser keeps a file that looks
            whole and is not.
    """
    yield _BEGINNING + csv_lines([table.columns], zone=zone)
    for _ in range(BATCHES):
        yield csv_lines(map(table.cells, rows), zone=zone)
        if len(rows) < BATCH:
            return
        last = rows[-1]
        try:
            rows = table.after(last)
        except (TryAgain, Stop) as reason:
            log.error("an export broke off: %s", reason)  # noqa: TRY400
            raise
    if rows:
        most = f"{BATCHES * BATCH:,} {table.things}"
        told = f"CUT: there are more. A file holds {most}; the next: {table.go_on(last)}"
        yield csv_lines([[told, *[None] * (len(table.columns) - 1)]], zone=zone)


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
