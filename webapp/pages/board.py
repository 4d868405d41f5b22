"""The live board: newest passages, and a stream that brings every new or changed one."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from flask import Blueprint, Response, render_template, request, stream_with_context
from flask_login import current_user

from contracts.errors import TryAgain
from webapp.live.hub import Mailbox, TooManyBrowsers
from webapp.live.wire import HEARTBEAT, event, retry
from webapp.parts import parts
from webapp.queries.board import PassageLine, last_change, newest_passages, passages_changed

log = logging.getLogger(__name__)
blueprint = Blueprint("board", __name__)

ROWS = 60
"""Rows on the board; a browser that was away longer gets the newest of them."""
_HEARTBEAT_SEC = 15.0
_RETRY_MS = 3000


@blueprint.get("/")
def show() -> str:
    database = parts().database
    # The place in time is taken first: what changes while the rows are read arrives by the stream.
    after = last_change(database)
    return render_template("board.html", rows=newest_passages(database, limit=ROWS), after=after, limit=ROWS)


@blueprint.get("/live")
def live() -> Response:
    given = request.headers.get("Last-Event-ID") or request.args.get("after", "0")
    after = int(given) if given.isdigit() and len(given) < 19 else 0
    return Response(
        stream_with_context(_stream(after)),
        mimetype="text/event-stream",
        headers={"Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no"},
    )


def row_event(row: PassageLine) -> bytes:
    """A row of the board as an event. Needs the application's context."""
    return event(
        name="passage",
        data=render_template("part/board_row.html", row=row, arriving=True),
        event_id=str(row.change),
    )


def _stream(after: int) -> Iterator[bytes]:
    session_id = current_user.get_id()
    yield retry(after_ms=_RETRY_MS)
    try:
        with parts().hub.mailbox() as mailbox:
            yield from _missed(after)
            yield from _arriving(mailbox, session_id)
    except TooManyBrowsers as reason:
        log.warning("a board was turned away: %s", reason)


def _missed(after: int) -> Iterator[bytes]:
    try:
        rows = passages_changed(parts().database, after=after, limit=ROWS)
    except TryAgain:
        yield event(name="away", data="database")
        return
    for row in rows:
        yield row_event(row)
    yield event(name="ready", data="")


def _arriving(mailbox: Mailbox, session_id: str) -> Iterator[bytes]:
    users = parts().users
    while not mailbox.dropped:
        message = mailbox.take(timeout_sec=_HEARTBEAT_SEC)
        if message is None:
            # A session that ended (password changed, user removed) must not go on listening.
            if users.of_session(session_id) is None:
                return
            message = HEARTBEAT
        yield message
