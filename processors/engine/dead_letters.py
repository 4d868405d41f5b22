"""What could not be processed -> `<topic>.dead`: the original message with its position and reason.

A long run of them with nothing good between means that something else is wrong (a changed contract, a bad
release): the stage stops instead of draining its topic into the dead letters. Until something was good since
the start, a short run is enough: who is started again and again must not drain it a long run at a time.
"""

from __future__ import annotations

import logging
import traceback
from datetime import UTC, datetime

import msgspec

from contracts.codec import decode, encode
from contracts.errors import SetAside, Stop
from contracts.messages.dead_letter import DeadLetter
from contracts.topics import MAX_MESSAGE_BYTES
from processors.engine.measures import Measures
from processors.engine.patience import Bug
from processors.engine.stage import Incoming, Outgoing

log = logging.getLogger(__name__)

# A dead letter must itself fit into a message, with its key and Kafka's own bytes around it.
_LARGEST_LETTER_BYTES = MAX_MESSAGE_BYTES - 64 * 1024
_MOST_KEY_BYTES = 1024
_MOST_HEADER_BYTES = 16 * 1024
_MOST_REASON_CHARACTERS = 8_000


class DeadLetters:
    """Makes the dead letters of one stage and watches how many come in a row."""

    def __init__(
        self, stage: str, measures: Measures, *, longest_run: int = 200, first_run: int = 20
    ) -> None:
        self._stage = stage
        self._measures = measures
        self._longest_run = longest_run
        self._runs = {"messages": 0, "results": 0}
        self._most = dict.fromkeys(self._runs, min(first_run, longest_run))

    def good(self, *, result: bool = False) -> None:
        """A message was processed, or what messages gave was taken: that run of bad ones is over."""
        of = "results" if result else "messages"
        self._runs[of], self._most[of] = 0, self._longest_run

    def letter(
        self,
        message: Incoming,
        error: SetAside,
        *,
        attempts: int,
        result: Outgoing | None = None,
        refused: bool = False,
    ) -> Outgoing:
        """The dead letter of a message, or of a result that rests on messages up to this one. `refused`: the
        message was processed, and what it gave was not taken.

        Raises:
            Stop: too many in a row.
        """
        self._count_run("results" if result or refused else "messages", message, error)
        cause = type(error).__name__
        self._measures.set_aside(cause)
        log.error("%s: set aside %s: %s", self._stage, _where(message), error)
        record = self._record(message, error, cause, attempts)
        if result is not None:
            record = msgspec.structs.replace(
                record, value=result.value, key=result.key, headers=result.headers, result_for=result.topic
            )
        return Outgoing(
            topic=topic_of(message),
            key=(record.key or b"")[:_MOST_KEY_BYTES] or None,
            value=encode(fitting(record)),
        )

    def refused(self, letter: Outgoing) -> None:
        """Not even the shortest form of a dead letter was taken: what is left of it is this line."""
        self._measures.set_aside("DeadLetterRefused")
        log.error("%s: %s refuses a dead letter: %r", self._stage, letter.topic, letter.value)

    def _count_run(self, of: str, message: Incoming, error: SetAside) -> None:
        self._runs[of] += 1
        if self._runs[of] > self._most[of]:
            raise Stop(
                f"{self._stage}: {self._most[of]} {of} in a row could not be processed; "
                f"the last of them at {_where(message)}: {error}"
            )

    def _record(self, message: Incoming, error: SetAside, cause: str, attempts: int) -> DeadLetter:
        reason = str(error)
        if isinstance(error, Bug) and error.__cause__ is not None:
            reason = "".join(traceback.format_exception(error.__cause__))
        return DeadLetter(
            position=message.position,
            stage=self._stage,
            error=cause,
            reason=reason,
            attempts=attempts,
            set_aside_at=datetime.now(UTC),
            key=message.key,
            headers=message.headers,
            value=message.value or b"",
        )


def topic_of(message: Incoming) -> str:
    """Where the dead letters of a message go."""
    return f"{message.position.topic}.dead"


def fitting(letter: DeadLetter, *, largest_bytes: int = _LARGEST_LETTER_BYTES) -> DeadLetter:
    """The letter with as much of its message as fits; what is cut is told at the end of its reason."""
    cut: list[str] = []
    reason, key, headers = letter.reason, letter.key, letter.headers
    if len(reason) > _MOST_REASON_CHARACTERS:
        # The end of a trace says what happened.
        reason = reason[-_MOST_REASON_CHARACTERS:]
        cut.append(f"the last {len(reason)} of {len(letter.reason)} characters of the reason")
    if key is not None and len(key) > _MOST_KEY_BYTES:
        cut.append(f"the first {_MOST_KEY_BYTES} of {len(key)} bytes of the key")
        key = key[:_MOST_KEY_BYTES]
    header_bytes = sum(len(name.encode()) + len(value) for name, value in headers)
    if header_bytes > _MOST_HEADER_BYTES:
        cut.append(f"none of the {len(headers)} headers with {header_bytes} bytes")
        headers = ()
    short = msgspec.structs.replace(letter, reason=reason, key=key, headers=headers, value=b"")
    # Bytes become base64, four characters for three; the sentence about the cut needs some room as well.
    room = max(0, (largest_bytes - len(encode(short)) - 1024) // 4 * 3)
    if len(letter.value) > room:
        cut.append(f"the first {room} of {len(letter.value)} bytes of the value")
    if cut:
        reason = f"{reason} (kept are only {'; '.join(cut)})"
    return msgspec.structs.replace(short, reason=reason, value=letter.value[:room])


def shortest(letter: Outgoing) -> Outgoing:
    """A dead letter without the message itself: its position and reason."""
    said = decode(DeadLetter, letter.value)
    reason = f"{said.reason} (its {len(said.value)} bytes are left out: the topic refused them)"
    bare = msgspec.structs.replace(said, value=b"", headers=(), key=None, reason=reason)
    return Outgoing(topic=letter.topic, key=None, value=encode(bare))


def _where(message: Incoming) -> str:
    place = message.position
    key = (message.key or b"")[:64].decode(errors="replace")
    return f"{place.topic}[{place.partition}]@{place.offset} of {key!r}"
