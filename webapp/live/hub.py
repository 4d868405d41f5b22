"""One message in -> the queue of every browser that looks at the board. Slow browsers are let go."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeAlias

from gevent.queue import Empty, Full, Queue

from contracts.errors import SetAside

log = logging.getLogger(__name__)

_QUEUE_LENGTH = 256
_MOST_BROWSERS = 500

Message: TypeAlias = bytes
"""A server-sent event as it goes over the wire."""


class TooManyBrowsers(SetAside):
    """The board already has as many open streams as one process serves."""


class Mailbox:
    """What one browser still has to get. `dropped` once it fell too far behind."""

    def __init__(self) -> None:
        self._queue: Queue[Message] = Queue(_QUEUE_LENGTH)
        self.dropped = False

    def put(self, message: Message) -> None:
        """Adds without waiting: one slow browser must not hold up the others."""
        try:
            self._queue.put_nowait(message)
        except Full:
            self.dropped = True

    def take(self, *, timeout_sec: float) -> Message | None:
        """The next message; None when none came in time."""
        try:
            message: Message = self._queue.get(timeout=timeout_sec)
        except Empty:
            return None
        return message


class Hub:
    """The mailboxes of all browsers of this process."""

    def __init__(self) -> None:
        self._mailboxes: set[Mailbox] = set()

    def __len__(self) -> int:
        return len(self._mailboxes)

    @contextmanager
    def mailbox(self) -> Iterator[Mailbox]:
        """A mailbox that lives as long as its browser's stream.

        Raises:
            TooManyBrowsers: there are enough streams already.
        """
        if len(self._mailboxes) >= _MOST_BROWSERS:
            raise TooManyBrowsers(f"{_MOST_BROWSERS} boards are open")
        mailbox = Mailbox()
        self._mailboxes.add(mailbox)
        try:
            yield mailbox
        finally:
            self._mailboxes.discard(mailbox)

    def send(self, message: Message) -> None:
        """To everyone. Who has fallen behind gets no more: the stream ends and the browser catches up."""
        for mailbox in tuple(self._mailboxes):
            mailbox.put(message)
            if mailbox.dropped:
                self._mailboxes.discard(mailbox)
                log.info("a browser fell %d messages behind and was let go", _QUEUE_LENGTH)
