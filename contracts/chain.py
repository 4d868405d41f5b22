"""The chain of final events: each camera's finals hang on one another by hash. PostgreSQL keeps the links
(table `chain`); this says what they hold.

    content = SHA-256 of the event without `processed_at`, as JSON with sorted keys
    link    = SHA-256 of (the link before || content || the event's id as 16 bytes);
              before the first stands SHA-256 of the camera's id

So it is in lines of form 2. In those of form 1, of earlier releases, the link is that of (the link before ||
content). The table has each line's form; of another form a line would have another link.

The event holds the SHA-256 of its pictures, of its frames' reads, and of the models and the settings that
made it, so a link vouches for them too.
`processed_at` is left out because the same passage, made again after a crash, is the same passage.

An event that was changed shows in the chain, and so does a line that was changed, taken out of the middle or
put in between. Of a line of form 1 one change does not show: that of the event's id beside it. So a row that
was put back to what an earlier line of its event says is not told, if its last line is of form 1 and names
another event by now.
What was cut off the end together with its rows, and a chain that was computed anew from some line on, show
only against a link that was noted elsewhere: it vouches for every line up to its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

WITHOUT_ID, WITH_ID = 1, 2
"""Forms of a line."""

_NOT_HASHED = "processed_at"


def content_sha256(event: Mapping[str, Any]) -> bytes:
    """32 bytes for the fields of a plate event, as plain JSON values (`msgspec.to_builtins`, or `jsonb`)."""
    fields = {name: _plain(value) for name, value in event.items() if name != _NOT_HASHED}
    return hashlib.sha256(msgspec.json.encode(fields, order="deterministic")).digest()


def link_sha256(previous: bytes, content: bytes, *, event_id: str, form: int = WITH_ID) -> bytes:
    """32 bytes for a line, in its form.

    Raises:
        ValueError: there is no such form, or the id is none.
    """
    if form not in (WITHOUT_ID, WITH_ID):
        raise ValueError(f"a line of a chain has the form {WITHOUT_ID} or {WITH_ID}, not {form}")
    named = UUID(event_id).bytes if form == WITH_ID else b""
    return hashlib.sha256(previous + content + named).digest()


def first_link_sha256(camera: str) -> bytes:
    """What the first event of a camera hangs on."""
    return hashlib.sha256(camera.encode()).digest()


def _plain(value: Any) -> Any:  # noqa: ANN401 (any JSON value)
    """The value as it also comes back from `jsonb`, whose numbers know no negative zero."""
    if isinstance(value, float):
        return value + 0.0
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value
