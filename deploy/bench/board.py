"""A signed-in browser's view of the live board, without the browser: its stream of server-sent events."""

from __future__ import annotations

import queue
import threading
import time

import httpx

from contracts.errors import Stop
from deploy.measure.portal import WITHIN_SEC, PortalUser


class Board:
    """Signs in and listens until closed."""

    def __init__(self, portal: str, *, name: str, password: str) -> None:
        self._user = PortalUser(portal, name=name, password=password)
        self._events: queue.Queue[str] = queue.Queue()
        self._ready = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="board", daemon=True)
        self._thread.start()
        if not self._ready.wait(WITHIN_SEC):
            raise Stop(f"the live board of {portal} does not answer")

    def get(self, path: str) -> httpx.Response:
        return self._user.get(path)

    def wait_for(self, word: str) -> None:
        """Return at the first event that holds the word.

        Raises:
            Stop: none came in time.
        """
        # The stream's own beats arrive without end: the time is counted over all of them.
        latest = time.monotonic() + WITHIN_SEC
        try:
            while word not in self._events.get(timeout=max(0.0, latest - time.monotonic())):
                pass
        except queue.Empty as error:
            raise Stop(f"{word} did not reach the live board in {WITHIN_SEC:.0f} s") from error

    def close(self) -> None:
        self._stopping.set()
        self._user.close()

    def _listen(self) -> None:
        try:
            with self._user.stream("/live") as stream:
                for line in stream.iter_lines():
                    if line.startswith("event: ready"):
                        self._ready.set()
                    self._events.put(line)
        except httpx.HTTPError as error:
            if not self._stopping.is_set():
                self._events.put(f"the stream broke off: {error}")
