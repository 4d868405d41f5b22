"""Somebody who hands in a picture at the portal, and tries again while it does not answer."""

from __future__ import annotations

import threading
import time
from contextlib import closing
from uuid import UUID

import httpx
import psycopg

from contracts.errors import Stop, TryAgain
from deploy.drill.judging.database import UPLOADS
from deploy.local.stack import Stack
from deploy.measure.portal import PortalUser

TAKEN_WITHIN_SEC = 90.0
SENT_WITHIN_SEC = 90.0
"""Longer than the portal waits for a picture that a killed portal never stored."""
# A name may be tried eight times a minute.
_TRY_EVERY_SEC = 8.0
_LOOK_EVERY_SEC = 0.5
_WAITING = "SELECT count(*) FROM uploads WHERE status = 'received'"
_GIVEN_UP = "SELECT error FROM uploads WHERE id = %s AND status = 'failed'"


class Upload:
    """One picture, from the moment on which this is made; beside the kills, which wait for nobody."""

    def __init__(self, stack: Stack, picture: bytes) -> None:
        self._stack = stack
        self._picture = picture
        self._taken: UUID | None = None
        self._refusal = "nobody has tried"
        self._thread = threading.Thread(target=self._try, name="upload", daemon=True)
        self._thread.start()

    def camera(self) -> str:
        """The camera under which it travels, once the portal has said that it has the picture and none
        waits for the stream any more, also of those that were taken without a word.

        Raises:
            Stop: nobody took it, the portal gave it up, or pictures still wait.
        """
        self._thread.join(TAKEN_WITHIN_SEC)
        if self._taken is None:
            raise Stop(f"the portal took no picture in {TAKEN_WITHIN_SEC:.0f} s: {self._refusal}")
        self._wait_until_sent(self._taken)
        return f"{UPLOADS}{self._taken}"

    def _wait_until_sent(self, taken: UUID) -> None:
        database = self._stack.variables()["PLATESTREAM_DATABASE"]
        deadline = time.monotonic() + SENT_WITHIN_SEC
        with _connected(database) as connection:
            while (waiting := connection.execute(_WAITING).fetchone()) and waiting[0]:
                if time.monotonic() > deadline:
                    raise Stop(f"{waiting[0]} pictures were not sent in {SENT_WITHIN_SEC:.0f} s")
                time.sleep(_LOOK_EVERY_SEC)
            given_up = connection.execute(_GIVEN_UP, (taken,)).fetchone()
        if given_up:
            raise Stop(f"the portal gave up a picture that it had taken: {given_up[0]}")

    def _try(self) -> None:
        deadline = time.monotonic() + TAKEN_WITHIN_SEC
        while self._taken is None and time.monotonic() < deadline:
            try:
                self._taken = self._hand_in()
            except (httpx.HTTPError, Stop) as error:
                self._refusal = str(error)
                time.sleep(_TRY_EVERY_SEC)

    def _hand_in(self) -> UUID:
        portal, sign_in = self._stack.portal(), self._stack.sign_in()
        if portal is None or sign_in is None:
            raise Stop("the stack has no portal")
        user = PortalUser(portal, name=sign_in.name, password=sign_in.password)
        with closing(user):
            return user.upload("still.jpg", self._picture)


def _connected(database: str) -> psycopg.Connection:
    try:
        return psycopg.connect(database, connect_timeout=10, autocommit=True)
    except psycopg.OperationalError as error:
        raise TryAgain("PostgreSQL", str(error).splitlines()[0]) from error
