"""Is the portal well: one word for whoever asks at its address, measures on a port of their own."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from flask import Blueprint, Flask, Response
from gevent.lock import BoundedSemaphore
from gevent.pywsgi import WSGIServer
from prometheus_client import make_wsgi_app

from contracts.errors import PlatestreamError, Stop
from webapp.parts import Parts, parts
from webapp.queries.board import last_change
from webapp.settings import Address

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

log = logging.getLogger(__name__)
blueprint = Blueprint("health", __name__)

_KEEP_SEC = 3.0


class Wellness:
    """Asks database, Kafka and our own background, at most once in three seconds however many ask us.

    Who comes while they are asked waits for that answer: strangers may ask us, and many of them must not make
    many questions.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._one_at_a_time = BoundedSemaphore()
        self._at = float("-inf")
        self._well = False

    def of(self, made: Parts) -> bool:
        """Whether everything that the portal stands on answers, and what runs beside its requests lives."""
        with self._one_at_a_time:
            if self._clock() - self._at >= _KEEP_SEC:
                silent = made.pulse.silent()
                if silent:
                    log.error("no sign of life from %s", ", ".join(silent))
                self._well = not silent and _database_answers(made) and made.kafka.answers()
                self._at = self._clock()
            return self._well


_wellness = Wellness()


@blueprint.get("/healthz")
def healthz() -> Response:
    """200 `ok` or 503 `away`; nobody needs to be signed in, so nothing else is told."""
    well = _wellness.of(parts())
    return Response("ok\n" if well else "away\n", status=200 if well else 503, mimetype="text/plain")


def start(app: Flask, address: Address) -> None:
    """Serves /healthz and /metrics on a port that only operators reach."""
    metrics = make_wsgi_app()

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("PATH_INFO") == "/metrics":
            answer: Iterable[bytes] = metrics(environ, start_response)
            return answer
        if environ.get("PATH_INFO") not in {"/healthz", "/health"}:
            start_response("404 Not Found", [("Content-Type", "text/plain")])
            return [b"not here\n"]
        with app.app_context():
            well = _wellness.of(parts())
        start_response("200 OK" if well else "503 Service Unavailable", [("Content-Type", "text/plain")])
        return [b"ok\n" if well else b"away\n"]

    server = WSGIServer((address.host, address.port), serve, log=None)
    try:
        server.start()
    except OSError as error:
        raise Stop(f"health page {address}: {error.strerror}") from error
    log.info("health and metrics at %s", address)


def _database_answers(made: Parts) -> bool:
    try:
        last_change(made.database)
    except PlatestreamError:
        return False
    return True
