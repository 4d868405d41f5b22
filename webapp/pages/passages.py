"""One passage: its pictures with what was read in them, its candidates, times, and the registry's answer."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, abort, render_template
from flask_login import current_user

from webapp.looks import note_look
from webapp.overlay import overlay_of
from webapp.parts import parts
from webapp.queries.passages import passage

blueprint = Blueprint("passages", __name__)


@blueprint.get("/passages/<uuid:event_id>")
def show(event_id: UUID) -> str:
    found = passage(parts().database, event_id=event_id, user_name=current_user.name)
    if found is None:
        abort(404)
    # The page shows whose vehicle it may be, if only masked: the look itself is recorded first.
    note_look("passage", event_id=event_id)
    return render_template("passage.html", passage=found, overlay=overlay_of(found))
