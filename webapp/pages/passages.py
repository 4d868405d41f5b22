"""One passage: its pictures with what was read in them, its candidates, times, and the registry's answer."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, abort, render_template
from flask_login import current_user

from webapp.looks import note_look
from webapp.overlay import overlay_of
from webapp.owners import FEWEST_CHARACTERS, MOST_CHARACTERS, NotShown, Owner, key_for
from webapp.parts import parts
from webapp.queries.passages import Passage, passage

blueprint = Blueprint("passages", __name__)


@blueprint.get("/passages/<uuid:event_id>")
def show(event_id: UUID) -> str:
    found = passage(parts().database, event_id=event_id, user_name=current_user.name)
    if found is None:
        abort(404)
    # The page shows whose vehicle it may be, if only masked: the look itself is recorded first.
    note_look("passage", event_id=event_id)
    return passage_page(found)


def passage_page(
    found: Passage,
    *,
    owner: Owner | None = None,
    refused: str | None = None,
    reason: str = "",
    problem: str | None = None,
) -> str:
    """The page, after its look was recorded. Who asked for the owner finds it there, or why it was `refused`,
    or what is wrong with the `reason`."""
    return render_template(
        "passage.html",
        passage=found,
        overlay=overlay_of(found),
        owner=owner,
        refused=refused,
        not_shown=_why_not(found),
        reason=reason,
        problem=problem,
        reason_lengths=(FEWEST_CHARACTERS, MOST_CHARACTERS),
    )


def _why_not(found: Passage) -> str | None:
    try:
        key_for(parts().owner_key, status=found.registry_status)
    except NotShown as why:
        return str(why)
    return None
