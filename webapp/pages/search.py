"""Search: what the address asks for -> a page of passages, or a file. Every search can be sent as a link."""

from __future__ import annotations

import logging
from dataclasses import fields
from datetime import UTC, datetime
from operator import attrgetter
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request, url_for
from flask_login import current_user

from webapp import csv_file
from webapp.csv_file import Table
from webapp.database import TooSlow
from webapp.looks import note_look
from webapp.pages.links import link
from webapp.pages.search_query import CHOICES, Asked, cursor_text, read_query
from webapp.parts import Parts, parts
from webapp.queries.board import PassageLine
from webapp.queries.cameras import camera_names
from webapp.queries.counting import COUNT_LIMIT
from webapp.queries.export import ExportLine, export_lines
from webapp.queries.search import Cursor, count_passages, find_passages
from webapp.security import limiter

log = logging.getLogger(__name__)
blueprint = Blueprint("search", __name__)

_PAGE = 25


@blueprint.get("/search")
def show() -> str | tuple[str, int]:
    made = parts()
    asked = read_query(request.args, zone=made.zone, user_name=current_user.name)
    cameras = camera_names(made.database)
    if asked.problems:
        return _page(asked, cameras, rows=[], count=0), 400
    # The newest of all are on the board as well; whoever goes on from there is going through what is kept.
    if asked.limits or asked.before:
        note_look("search", query=asked.understood)
    try:
        rows = find_passages(made.database, wanted=asked.wanted, before=asked.before, limit=_PAGE + 1)
        count = count_passages(made.database, wanted=asked.wanted)
    except TooSlow as reason:
        log.warning("a search of %s was given up: %s", current_user.name, reason)
        return _page(asked, cameras, rows=[], count=0, too_slow=True), 400
    return _page(asked, cameras, rows=rows, count=count)


@blueprint.get("/search/passages.csv")
@limiter.limit("6/minute", key_func=lambda: str(current_user.get_id()))
def export() -> Response | tuple[str, int]:
    """All that the search finds, newest first, as a file that comes while it is read from the database."""
    made = parts()
    asked = read_query(request.args, zone=made.zone, user_name=current_user.name)
    if asked.problems:
        return _page(asked, camera_names(made.database), rows=[], count=0), 400
    note_look("export", query=asked.understood)
    try:
        first = export_lines(made.database, wanted=asked.wanted, before=asked.before, limit=csv_file.BATCH)
    except TooSlow as reason:
        log.warning("an export of %s was given up: %s", current_user.name, reason)
        return _page(asked, camera_names(made.database), rows=[], count=0, too_slow=True), 400
    name = f"passages-{datetime.now(UTC).astimezone(made.zone):%Y%m%d-%H%M%S}.csv"
    return Response(
        csv_file.pieces(
            _table(made, asked, further=url_for("search.export", _external=True)), first, zone=made.zone
        ),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _table(made: Parts, asked: Asked, *, further: str) -> Table[ExportLine]:
    columns = [field.name for field in fields(ExportLine)]

    def place(row: ExportLine) -> Cursor:
        return Cursor(row.captured_at, row.event_id)

    return Table(
        columns=columns,
        cells=attrgetter(*columns),
        after=lambda row: export_lines(
            made.database, wanted=asked.wanted, before=place(row), limit=csv_file.BATCH
        ),
        go_on=lambda row: f"{further}?{urlencode(asked.given | {'before': cursor_text(place(row))})}",
        things="passages",
    )


def _page(
    asked: Asked, cameras: list[str], *, rows: list[PassageLine], count: int, too_slow: bool = False
) -> str:
    shown = rows[:_PAGE]
    template = "part/results.html" if request.headers.get("HX-Target") == "results" else "search.html"
    return render_template(
        template,
        asked=asked,
        too_slow=too_slow,
        cameras=cameras,
        choices=CHOICES,
        rows=shown,
        count=count,
        count_limit=COUNT_LIMIT,
        export_limit=csv_file.BATCHES * csv_file.BATCH,
        export=link("search.export", asked.given),
        first=link("search.show", asked.given),
        older=link("search.show", asked.given, before=_cursor(shown[-1])) if len(rows) > _PAGE else None,
    )


def _cursor(row: PassageLine) -> str:
    return cursor_text(Cursor(row.captured_at, row.event_id))
