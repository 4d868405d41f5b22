"""The sealed owner data of a passage; the database writes the audit line before it gives them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from webapp.database import Database


@dataclass(frozen=True)
class SealedOwner:
    """`sealed` opens with the key of `key_id` for `registration`. `at`: when the look was written down."""

    registration: str
    key_id: str
    sealed: bytes
    at: datetime


def look_at_owner(
    database: Database,
    *,
    event_id: UUID,
    user_name: str,
    reason: str,
    fields: Sequence[str],
    from_address: str,
) -> SealedOwner | None:
    """None when there is no such passage or nothing sealed; the line is written in any case.

    The statement is a transaction of its own: its line stays, whatever becomes of the answer.
    """
    return database.one(
        SealedOwner,
        """
        SELECT registration, key_id, sealed, clock_timestamp() AS at FROM look_at_owner(
            %(event_id)s, %(user_name)s, %(reason)s, %(fields)s, %(from_address)s)""",
        {
            "event_id": event_id,
            "user_name": user_name,
            "reason": reason,
            "fields": list(fields),
            "from_address": from_address,
        },
    )
