"""PostgreSQL's channel `plates` -> rows of the board -> every open browser. One greenlet a process."""

from __future__ import annotations

import logging
import re
from typing import Any
from uuid import UUID

import gevent
import psycopg
from flask import Flask
from psycopg import sql

from contracts.errors import PlatestreamError
from webapp.background import keep_on
from webapp.database import answer_within
from webapp.live.wire import event
from webapp.pages.board import ROWS, row_event
from webapp.parts import Parts, parts
from webapp.queries.board import PassageLine, last_change, passages_by_id, passages_changed

log = logging.getLogger(__name__)

CHANNEL = "plates"
LISTENER = f"channel {CHANNEL}"
_LISTEN_SEC = 5.0
_ANSWER_WITHIN_SEC = 3.0
_PAUSE_SEC = 2.0
_EVENT_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def start(app: Flask) -> None:
    """Begins to listen, in the background, for as long as the process lives."""
    gevent.spawn(_run, app)


def _run(app: Flask) -> None:
    # Rows are drawn by the same templates as pages, which ask the request for addresses.
    with app.test_request_context():
        made = parts()
        keep_on(LISTENER, Listener(made).once, pulse=made.pulse, pause_sec=_PAUSE_SEC)


class Listener:
    """Remembers the latest change it passed on, so that nothing is missed while it was cut off."""

    def __init__(self, made: Parts) -> None:
        self._made = made
        self._sent: int | None = None
        self._away = False

    def once(self) -> None:
        """Listens until the database is away, and tells the boards so."""
        try:
            self._listen()
        except (psycopg.Error, PlatestreamError) as error:
            self._tell_away(error)

    def _listen(self) -> None:
        with psycopg.connect(self._made.database.uri, autocommit=True, connect_timeout=3) as connection:
            connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(CHANNEL)))
            self._catch_up()
            while True:
                self._made.pulse.beat(LISTENER)
                payloads = _payloads(connection, timeout_sec=_LISTEN_SEC)
                if payloads:
                    self._pass_on(_named_in(payloads))
                else:
                    # A server that was cut off silently, or is frozen, would look like a quiet street.
                    with answer_within(_ANSWER_WITHIN_SEC):
                        connection.execute("SELECT 1")

    def _catch_up(self) -> None:
        database = self._made.database
        if self._sent is None:
            self._sent = last_change(database)
        else:
            self._send(passages_changed(database, after=self._sent, limit=ROWS))
        if self._away:
            log.info("%s: the database is back", LISTENER)
            self._away = False
            self._made.hub.send(event(name="back", data="database"))

    def _tell_away(self, error: Exception) -> None:
        if self._away:
            return
        self._away = True
        log.warning("%s: the database is away (%s)", LISTENER, type(error).__name__)
        self._made.hub.send(event(name="away", data="database"))

    def _pass_on(self, event_ids: list[UUID]) -> None:
        self._send(passages_by_id(self._made.database, event_ids=event_ids))

    def _send(self, rows: list[PassageLine]) -> None:
        for row in rows:
            self._made.hub.send(row_event(row))
        self._sent = max([self._sent or 0, *(row.change for row in rows)])


def _payloads(connection: psycopg.Connection[Any], *, timeout_sec: float) -> list[str]:
    """Waits for a notification, then takes what has arrived with it: a burst becomes one query."""
    first = [note.payload for note in connection.notifies(timeout=timeout_sec, stop_after=1)]
    return first + [note.payload for note in connection.notifies(timeout=0)] if first else []


def _named_in(payloads: list[str]) -> list[UUID]:
    names = dict.fromkeys(name for payload in payloads for name in _EVENT_ID.findall(payload))
    return [UUID(name) for name in names][-ROWS:]
