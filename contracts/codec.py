"""Messages to bytes and back: strict JSON by msgspec. What does not fit is `Rejected`, never coerced."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, TypeVar

import msgspec

from contracts.errors import Rejected

Message = TypeVar("Message", bound=msgspec.Struct)

_ENCODER = msgspec.json.Encoder()


@lru_cache(maxsize=64)
def _decoder(kind: type[Any]) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind, strict=True)


def encode(message: msgspec.Struct) -> bytes:
    """JSON bytes of a message. Bytes fields become base64, times RFC 3339 in UTC."""
    return _ENCODER.encode(message)


def decode(kind: type[Message], value: bytes | None) -> Message:
    """The message in `value`.

    Raises:
        Rejected: it is empty, no JSON, of another schema version, or breaks a field's type or bound.
    """
    if not value:
        raise Rejected(kind.__name__, "the value is empty")
    try:
        message = _decoder(kind).decode(value)
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError, RecursionError) as error:
        raise Rejected(kind.__name__, str(error)) from error
    return message  # type: ignore[no-any-return]


def json_schema(kind: type[msgspec.Struct]) -> dict[str, Any]:
    """JSON Schema (2020-12) of a message, from its types."""
    return msgspec.json.schema(kind)
