"""Search: what the address asks for -> a page of passages. Every search can be sent as a link."""

from __future__ import annotations

import logging
from urllib.parse import urlencode

from flask import Blueprint, render_template, request, url_for
from flask_login import current_user

from webapp.database import TooSlow
from webapp.looks import note_look
from webapp.pages.search_query import CHOICES, Asked, cursor_text, read_query
from webapp.parts import parts
from webapp.queries.board import PassageLine
from webapp.queries.cameras import camera_names
from webapp.queries.search import COUNT_LIMIT, Cursor, count_passages, find_passages

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
        first=_link(asked),
        older=_link(asked, before=_cursor(shown[-1])) if len(rows) > _PAGE else None,
    )


def _link(asked: Asked, **more: str) -> str:
    query = urlencode(asked.given | more)
    return f"{url_for('search.show')}?{query}" if query else url_for("search.show")


def _cursor(row: PassageLine) -> str:
    return cursor_text(Cursor(row.captured_at, row.event_id))
