"""The owner behind a passage: in one answer, to an investigator who says why. Every try is in the audit."""

from __future__ import annotations

import logging
from uuid import UUID

from flask import Blueprint, abort, request
from flask_login import current_user
from werkzeug.wrappers import Response

from webapp.looks import note_look, note_owner_look
from webapp.owners import FEWEST_CHARACTERS, LABELS, MOST_CHARACTERS, NotShown, key_for, opened, reason_of
from webapp.pages.errors import error_page
from webapp.pages.passages import passage_page
from webapp.parts import parts
from webapp.queries.passages import passage
from webapp.security import limiter
from webapp.users import INVESTIGATOR

log = logging.getLogger(__name__)
blueprint = Blueprint("owners", __name__)

_REFUSED = "owner-refused"


@blueprint.post("/passages/<uuid:event_id>/owner")
@limiter.limit("10/minute", key_func=lambda: str(current_user.get_id()))
def show(event_id: UUID) -> str | tuple[str, int] | Response:
    """The role is asked for here and not with all others: who has none is written down as well, and that only
    after the form's token and the rates were looked at."""
    if not current_user.may_see_owners:
        return _refuse(event_id)
    found = passage(parts().database, event_id=event_id, user_name=current_user.name)
    if found is None:
        abort(404)
    reason = reason_of(request.form.get("reason"))
    if not FEWEST_CHARACTERS <= len(reason) <= MOST_CHARACTERS:
        note_look("passage", event_id=event_id)
        problem = (
            f"A reason has {FEWEST_CHARACTERS} to {MOST_CHARACTERS} characters; this one has {len(reason)}."
        )
        return passage_page(found, reason=reason, problem=problem), 400
    try:
        key = key_for(parts().owner_key, status=found.registry_status)
        sealed = note_owner_look(event_id=event_id, reason=reason, fields=tuple(LABELS))
        owner = opened(key, sealed, reason=reason)
    except NotShown as why:
        log.warning("the owner of passage %s is not shown: %s", event_id, why)
        note_look(_REFUSED, event_id=event_id, query=str(why), reason=reason)
        return passage_page(found, refused=str(why)), why.status
    return passage_page(found, owner=owner)


def _refuse(event_id: UUID) -> Response:
    log.warning("%s is no %s: %s is not shown", current_user.name, INVESTIGATOR, request.path)
    note_look(_REFUSED, event_id=event_id, query=f"No {INVESTIGATOR}.")
    return error_page(
        403,
        title="Owners are not open to you",
        line=f"They are shown to those who have the role {INVESTIGATOR}. That you tried is recorded.",
    )
