"""What could not be processed -> `<topic>.dead`: the original message with its position and reason.

A long run of them with nothing good between means that something else is wrong (a changed contract, a bad
release): the stage stops instead of draining its topic into the dead letters.
"""

from __future__ import annotations

import logging
import traceback
from datetime import UTC, datetime

from contracts.codec import encode
from contracts.errors import SetAside, Stop
from contracts.messages.dead_letter import DeadLetter
from contracts.topics import MAX_MESSAGE_BYTES
from processors.engine.measures import Measures
from processors.engine.patience import Bug
from processors.engine.stage import Incoming, Outgoing

log = logging.getLogger(__name__)

# A dead letter carries its original in base64 (4/3) and must itself fit into a message.
_LARGEST_ORIGINAL_BYTES = MAX_MESSAGE_BYTES * 7 // 10


class DeadLetters:
    """Makes the dead letters of one stage and watches how many come in a row."""

    def __init__(self, stage: str, measures: Measures, *, longest_run: int = 200) -> None:
        self._stage = stage
        self._measures = measures
        self._longest_run = longest_run
        self._run = 0

    def good(self) -> None:
        """A message was processed: the run of bad ones is over."""
        self._run = 0

    def letter(self, message: Incoming, error: SetAside, *, attempts: int) -> Outgoing:
        """The dead letter of a message.

        Raises:
            Stop: too many in a row.
        """
        self._run += 1
        if self._run > self._longest_run:
            raise Stop(
                f"{self._stage}: {self._longest_run} messages in a row could not be processed; "
                f"the last of them at {_where(message)}: {error}"
            )
        cause = type(error).__name__
        self._measures.set_aside(cause)
        log.error("%s: set aside %s: %s", self._stage, _where(message), error)
        return Outgoing(
            topic=f"{message.position.topic}.dead",
            key=message.key,
            value=encode(self._record(message, error, cause, attempts)),
        )

    def _record(self, message: Incoming, error: SetAside, cause: str, attempts: int) -> DeadLetter:
        value = message.value or b""
        reason = str(error)
        if isinstance(error, Bug) and error.__cause__ is not None:
            reason = "".join(traceback.format_exception(error.__cause__))
        if len(value) > _LARGEST_ORIGINAL_BYTES:
            reason = f"{reason} (only the first {_LARGEST_ORIGINAL_BYTES} of {len(value)} bytes are kept)"
        return DeadLetter(
            position=message.position,
            stage=self._stage,
            error=cause,
            reason=reason,
            attempts=attempts,
            set_aside_at=datetime.now(UTC),
            key=message.key,
            headers=message.headers,
            value=value[:_LARGEST_ORIGINAL_BYTES],
        )


def _where(message: Incoming) -> str:
    place = message.position
    key = (message.key or b"").decode(errors="replace")
    return f"{place.topic}[{place.partition}]@{place.offset} of {key!r}"
