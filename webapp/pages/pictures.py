"""Pictures of a passage, to signed-in users only: id and kind -> key in the database -> bytes."""

from __future__ import annotations

import hashlib
import logging
from uuid import UUID

from flask import Blueprint, Response, abort, request
from flask_login import current_user

from webapp.looks import note_look
from webapp.parts import parts
from webapp.queries.passages import PictureKind, picture_key

log = logging.getLogger(__name__)
blueprint = Blueprint("pictures", __name__)

_THUMBNAIL = "thumbnail"
"""The plate's picture once more, as rows of lists name it: that is no look (see `webapp.looks`)."""
_KINDS: dict[str, PictureKind] = {
    "frame": "frame",
    "vehicle": "vehicle",
    "plate": "plate",
    _THUMBNAIL: "plate",
}
_HOUR_SEC = 3600


@blueprint.get("/passages/<uuid:event_id>/<kind>.jpg")
def show(event_id: UUID, kind: str) -> Response:
    """The picture of the passage as it is now.

    Our pages put the beginning of its SHA-256 behind the address (`of`): a final has other pictures than its
    preview, and a browser that kept those would draw what was read now over what was seen before.
    """
    wanted = _KINDS.get(kind)
    found = (
        picture_key(parts().database, event_id=event_id, kind=wanted, user_name=current_user.name)
        if wanted
        else None
    )
    if found is None or found.key is None or found.sha256 is None:
        abort(404)
    if request.if_none_match.contains(found.sha256):
        _note(event_id, kind)
        return picture_response(b"", etag=found.sha256, status=304)
    picture = parts().evidence.read(key=found.key)
    if picture is None:
        abort(404)
    if hashlib.sha256(picture).hexdigest() != found.sha256:
        # Evidence that is not what was stored is not shown as if it were.
        log.error("passage %s: its %s picture is not the one that was stored", event_id, kind)
        abort(410)
    _note(event_id, kind)
    return picture_response(picture, etag=found.sha256)


def _note(event_id: UUID, kind: str) -> None:
    if kind != _THUMBNAIL:
        note_look("picture", event_id=event_id, query=kind)


def picture_response(
    picture: bytes, *, etag: str | None = None, status: int = 200, max_age_sec: int = _HOUR_SEC
) -> Response:
    """A JPEG for this user's browser alone."""
    response = Response(picture, status=status, mimetype="image/jpeg")
    response.headers["Cache-Control"] = f"private, max-age={max_age_sec}"
    response.headers["Content-Disposition"] = "inline"
    if etag is not None:
        response.set_etag(etag)
    return response
