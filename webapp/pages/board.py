"""The live board: newest passages, and a stream that brings every new or changed one."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator, Iterator

from flask import Blueprint, Response, render_template, request, stream_with_context
from flask_login import current_user

from contracts.errors import Stop, TryAgain
from webapp.live.hub import Mailbox, TooManyBrowsers
from webapp.live.wire import HEARTBEAT, event, retry
from webapp.parts import parts
from webapp.queries.board import PassageLine, last_change, newest_passages, passages_changed

log = logging.getLogger(__name__)
blueprint = Blueprint("board", __name__)

ROWS = 60
"""Rows on the board; a browser that was away longer gets the newest of them."""
_CHECK_SEC = 15.0
"""How often a stream asks whether its session still stands, and tells a quiet browser that it lives."""
_LONGEST_SEC = 300.0
"""A stream's life: the browser comes again with its cookie, which by then may be signed out or too old."""
_RETRY_MS = 3000
_AT_ONCE_MS = 100


@blueprint.get("/")
def show() -> str:
    database = parts().database
    # The place in time is taken first: what changes while the rows are read arrives by the stream.
    after = last_change(database)
    return render_template("board.html", rows=newest_passages(database, limit=ROWS), after=after, limit=ROWS)


@blueprint.get("/live")
def live() -> Response:
    given = request.headers.get("Last-Event-ID") or request.args.get("after", "0")
    after = int(given) if given.isdecimal() and len(given) < 19 else 0
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
    session_id, users = current_user.get_id(), parts().users
    yield retry(after_ms=_RETRY_MS)
    try:
        with parts().hub.mailbox() as mailbox:
            told = yield from _missed(after)
            if told:
                yield from arriving(mailbox, signed_in=lambda: users.of_session(session_id) is not None)
    except TooManyBrowsers as reason:
        log.warning("a board was turned away: %s", reason)
    except Stop as reason:
        # Its status went out long ago. The browser comes again and is shown a page that says so.
        log.error("a board's stream ended: %s", reason)  # noqa: TRY400


def _missed(after: int) -> Generator[bytes, None, bool]:
    """What changed since; whether it could be told. If not, the browser comes again and asks from the same
    place: what changed before the database went away is nothing that the listener will ever pass on."""
    try:
        rows = passages_changed(parts().database, after=after, limit=ROWS)
    except TryAgain:
        yield event(name="away", data="database")
        return False
    for row in rows:
        yield row_event(row)
    yield event(name="ready", data="")
    return True


def arriving(
    mailbox: Mailbox, *, signed_in: Callable[[], bool], clock: Callable[[], float] = time.monotonic
) -> Iterator[bytes]:
    """Messages as they come, for as long as the session stands: asked by the clock, however busy the street.

    Raises:
        Stop: nobody can say whether the session stands.
    """
    ends, check = clock() + _LONGEST_SEC, clock() + _CHECK_SEC
    while not mailbox.dropped:
        message = mailbox.take(timeout_sec=max(0.0, check - clock()))
        if clock() >= ends:
            yield retry(after_ms=_AT_ONCE_MS)
            return
        if clock() >= check:
            if not signed_in():
                return
            check = clock() + _CHECK_SEC
        yield message or HEARTBEAT
