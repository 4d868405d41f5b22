"""The present request -> an audit line: who looked at what, from where."""

from __future__ import annotations

from uuid import UUID

from flask import request
from flask_login import current_user

from webapp.parts import parts
from webapp.queries.looks import record_look


def note_look(action: str, *, event_id: UUID | None = None, query: str | None = None) -> None:
    """Writes the line before anything is shown.

    Raises:
        TryAgain: it could not be written, so nothing may be shown.
    """
    record_look(
        parts().database,
        user_name=current_user.name,
        action=action,
        from_address=request.remote_addr or "unknown",
        event_id=event_id,
        query=query,
    )
