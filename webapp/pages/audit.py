"""The audit: who looked at what, when, why, from where. Auditors alone see it, and are in it themselves."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request, url_for
from flask_login import current_user

from webapp import csv_file
from webapp.csv_file import Cell, Table
from webapp.database import TooSlow
from webapp.looks import note_look
from webapp.pages.audit_query import ACTIONS, AuditAsked, cursor_text, read_audit_query, words_of
from webapp.pages.links import link
from webapp.parts import Parts, parts
from webapp.queries.audit import Look, LookCursor, count_looks, find_looks
from webapp.queries.counting import COUNT_LIMIT
from webapp.security import limiter

log = logging.getLogger(__name__)
blueprint = Blueprint("audit", __name__)

_PAGE = 50
_ASKS = {
    "search": "search.show",
    "export": "search.show",
    "audit": "audit.show",
    "audit-export": "audit.show",
}
"""What has a question -> the page on which it can be asked again."""
_COLUMNS = ("at", "person", "action", "event_id", "plate", "query", "reason", "unmasked", "from_address")


@dataclass(frozen=True)
class Line:
    """A look, what of it was searched for in words, and the address that searches for it again."""

    look: Look
    words: list[tuple[str, str]]
    again: str | None


@blueprint.get("/audit")
def show() -> str | tuple[str, int]:
    """Who may see this page is decided with all pages, in `webapp.security`."""
    made = parts()
    asked = read_audit_query(request.args, zone=made.zone)
    if asked.problems:
        return _page(asked, looks=[], count=0), 400
    note_look("audit", query=asked.understood)
    try:
        looks = find_looks(
            made.database,
            wanted=asked.wanted,
            before=asked.before,
            limit=_PAGE + 1,
            reader=current_user.name,
        )
        count = count_looks(made.database, wanted=asked.wanted)
    except TooSlow as reason:
        log.warning("a question of %s to the audit was given up: %s", current_user.name, reason)
        return _page(asked, looks=[], count=0, too_slow=True), 400
    return _page(asked, looks=looks, count=count)


@blueprint.get("/audit/lines.csv")
@limiter.limit("6/minute", key_func=lambda: str(current_user.get_id()))
def export() -> Response | tuple[str, int]:
    """All lines that are found, newest first, as a file that comes while it is read from the database."""
    made, reader = parts(), current_user.name
    asked = read_audit_query(request.args, zone=made.zone)
    if asked.problems:
        return _page(asked, looks=[], count=0), 400
    note_look("audit-export", query=asked.understood)
    table = _table(made, asked, reader=reader, further=url_for("audit.export", _external=True))
    try:
        first = find_looks(
            made.database, wanted=asked.wanted, before=asked.before, limit=csv_file.BATCH, reader=reader
        )
    except TooSlow as reason:
        log.warning("an export of the audit by %s was given up: %s", reader, reason)
        return _page(asked, looks=[], count=0, too_slow=True), 400
    name = f"audit-{datetime.now(UTC).astimezone(made.zone):%Y%m%d-%H%M%S}.csv"
    return Response(
        csv_file.pieces(table, first, zone=made.zone),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _table(made: Parts, asked: AuditAsked, *, reader: str, further: str) -> Table[Look]:
    return Table(
        columns=_COLUMNS,
        cells=_cells,
        after=lambda look: find_looks(
            made.database, wanted=asked.wanted, before=_place(look), limit=csv_file.BATCH, reader=reader
        ),
        go_on=lambda look: f"{further}?{urlencode(asked.given | {'before': cursor_text(_place(look))})}",
        things="lines",
    )


def _cells(look: Look) -> list[Cell]:
    """In the order of `_COLUMNS`."""
    unmasked = ", ".join(look.fields)
    of_what = [look.event_id, look.text, look.query, look.reason, unmasked]
    return [look.at, look.user_name, look.action, *of_what, look.from_address]


def _page(asked: AuditAsked, *, looks: list[Look], count: int, too_slow: bool = False) -> str:
    shown = looks[:_PAGE]
    template = "part/looks.html" if request.headers.get("HX-Target") == "results" else "audit.html"
    return render_template(
        template,
        asked=asked,
        actions=ACTIONS,
        names=sorted(parts().users.all()),
        too_slow=too_slow,
        lines=[_line(look) for look in shown],
        count=count,
        count_limit=COUNT_LIMIT,
        export_limit=csv_file.BATCHES * csv_file.BATCH,
        export=link("audit.export", asked.given),
        first=link("audit.show", asked.given),
        older=link("audit.show", asked.given, before=cursor_text(_place(shown[-1])))
        if len(looks) > _PAGE
        else None,
    )


def _line(look: Look) -> Line:
    asks = _ASKS.get(look.action)
    if asks is None:
        return Line(look, words=[], again=None)
    query = look.query or ""
    again = f"{url_for(asks)}?{query}" if query else url_for(asks)
    return Line(look, words_of(query, parts().zone), again)


def _place(look: Look) -> LookCursor:
    return LookCursor(look.at, look.id)
