"""The audit: who looked at what, when, why, from where. Auditors alone see it, and are in it themselves."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Blueprint, render_template, request, url_for
from flask_login import current_user

from webapp.database import TooSlow
from webapp.looks import note_look
from webapp.pages.audit_query import ACTIONS, AuditAsked, cursor_text, read_audit_query, words_of
from webapp.parts import parts
from webapp.queries.audit import Look, LookCursor, count_looks, find_looks
from webapp.queries.counting import COUNT_LIMIT

log = logging.getLogger(__name__)
blueprint = Blueprint("audit", __name__)

_PAGE = 50


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
        first=_link(asked),
        older=_link(asked, before=cursor_text(_place(shown[-1]))) if len(looks) > _PAGE else None,
    )


def _line(look: Look) -> Line:
    asks = {"search": "search.show", "export": "search.show", "audit": "audit.show"}.get(look.action)
    if asks is None:
        return Line(look, words=[], again=None)
    query = look.query or ""
    again = f"{url_for(asks)}?{query}" if query else url_for(asks)
    return Line(look, words_of(query, parts().zone), again)


def _place(look: Look) -> LookCursor:
    return LookCursor(look.at, look.id)


def _link(asked: AuditAsked, **more: str) -> str:
    query = urlencode(asked.given | more)
    return f"{url_for('audit.show')}?{query}" if query else url_for("audit.show")
