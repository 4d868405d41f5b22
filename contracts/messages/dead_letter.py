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
    position: LogPosition
    stage: str
    error: str
    reason: str
    attempts: Count
    set_aside_at: UtcTime
    key: bytes | None
    headers: tuple[tuple[str, bytes], ...]
    value: bytes
    result_for: str | None = None
