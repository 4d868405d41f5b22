"""Topics `<topic>.dead`: the bytes of what could not be processed or sent, with position and reason."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from contracts.messages.common import Count, LogPosition, UtcTime

SCHEMA_VERSION = 1


class DeadLetter(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything needed to look at the message, mend its cause and send it again.

    `value`, `key` and `headers` are the message's own; what was too large to be kept is cut, and `reason`
    says so. Where `result_for` names a topic they are those of a result that was meant for it: it rests on
    many messages, of which `position` is the last.
    """

    schema: Annotated[int, Meta(ge=SCHEMA_VERSION, le=SCHEMA_VERSION)] = SCHEMA_VERSION
    """Version of this contract."""
    position: LogPosition
    """Where the message stands in the log."""
    stage: str
    """The stage that could not process it."""
    error: str
    """Kind of the error."""
    reason: str
    """What is wrong, for people; the end of it says what of the message was cut."""
    attempts: Count
    """How often it was tried."""
    set_aside_at: UtcTime
    """When it was given up, UTC."""
    key: bytes | None
    """Key of the message, base64."""
    headers: tuple[tuple[str, bytes], ...]
    """Headers of the message, values in base64."""
    value: bytes
    """Value of the message, base64."""
    result_for: str | None = None
    """Topic that `value` was meant for, where it is a result and no message; else null."""
