"""The present request -> an audit line: who looked at what, from where.

What is a look, one line each:

- a search with limits, and each further page of any search: `search`
- a file of all that a search found: `export`
- the page of a passage, and a result on the page of an upload: `passage`, `upload`
- a picture of a passage at the address that its own page names: `picture`. A browser keeps it for an hour
  and does not ask again meanwhile; the page itself is asked for every time.

- the page of the audit, and a file of its lines: `audit`, `audit-export`
- the owner behind a passage: `owner`, with the reason and the fields that are shown; the database writes it

Beside them stand those who came in, `sign-in`, those who did not, `sign-in-refused`, and owners who were
asked for and not shown, `owner-refused`. One whose data do not open has both lines: they had left the
database by then.

The newest passages of all, on the board and where a search begins, are none. Neither are the thumbnails of
plates in lists, which show what their rows say, nor what cameras see at present: that is many pictures a
minute for every open page, and nobody would find the looks among them.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask import request
from flask_login import current_user

from webapp.parts import parts
from webapp.queries.looks import record_look
from webapp.queries.owners import SealedOwner, look_at_owner

NO_USER = "(no user)"
"""In the place of a name that nobody has; nobody can be called so."""


def note_look(
    action: str, *, event_id: UUID | None = None, query: str | None = None, reason: str | None = None
) -> None:
    """Writes the line before anything is shown.

    Raises:
        TryAgain: it could not be written, so nothing may be shown.
    """
    record_look(
        parts().database,
        user_name=current_user.name,
        action=action,
        from_address=_address(),
        event_id=event_id,
        query=query,
        reason=reason,
    )


def note_owner_look(*, event_id: UUID, reason: str, fields: Sequence[str]) -> SealedOwner | None:
    """Writes the line, and has what is sealed of the passage's owner: there is no having it without the line.

    Raises:
        TryAgain: it could not be written, so nothing came.
    """
    return look_at_owner(
        parts().database,
        event_id=event_id,
        user_name=current_user.name,
        reason=reason,
        fields=fields,
        from_address=_address(),
    )


def note_sign_in(name: str, *, taken: bool) -> None:
    """Writes the line before anybody is let in.

    A name that no user has is not written down: people type their password in its place, and no line of the
    audit can ever be taken out.

    Raises:
        TryAgain: it could not be written, so nobody may be let in.
    """
    record_look(
        parts().database,
        user_name=name if parts().users.find(name) else NO_USER,
        action="sign-in" if taken else "sign-in-refused",
        from_address=_address(),
    )


def _address() -> str:
    return request.remote_addr or "unknown"
