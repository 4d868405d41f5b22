"""Who looked at what: one audit line a look, written before anything is shown."""

from __future__ import annotations

from uuid import UUID

from webapp.database import Database


def record_look(
    database: Database,
    *,
    user_name: str,
    action: str,
    from_address: str,
    event_id: UUID | None = None,
    query: str | None = None,
    reason: str | None = None,
) -> None:
    """Adds a line. The portal shows nothing when this fails.

    `query` is what was searched for; of a picture, which one of its passage; of an owner who was not shown,
    why not. `reason` is what somebody gave as theirs.
    """
    database.run(
        """
        INSERT INTO looks (user_name, action, event_id, query, reason, from_address)
        VALUES (%(user_name)s, %(action)s, %(event_id)s, %(query)s, %(reason)s, %(from_address)s)""",
        {
            "user_name": user_name,
            "action": action,
            "event_id": event_id,
            "query": query,
            "reason": reason,
            "from_address": from_address,
        },
    )
