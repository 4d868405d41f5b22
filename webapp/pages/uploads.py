"""A picture of the user's own: taken in, sent through the same stream as every camera, its result shown."""

from __future__ import annotations

import hashlib
import logging
from datetime import UTC, datetime
from uuid import UUID, uuid4

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from contracts.errors import PlatestreamError, Stop, TryAgain
from webapp.looks import note_look
from webapp.metrics import UPLOADS_REFUSED
from webapp.overlay import overlay_of
from webapp.pages.pictures import picture_response
from webapp.parts import Parts, parts
from webapp.queries.passages import Passage, passages_of_upload
from webapp.queries.uploads import Upload, add_upload, latest_uploads, mark_failed, upload
from webapp.security import limiter
from webapp.threads import Busy, Threads
from webapp.uploads.check import CheckedPicture, Refused, check_picture
from webapp.uploads.progress import more_may_come, progress_of
from webapp.uploads.sending import send_upload

log = logging.getLogger(__name__)
blueprint = Blueprint("uploads", __name__)

_LISTED = 12
_LONGEST_NAME = 120
_decoding = Threads("decoding of pictures", count=2, most=8)
"""The largest picture takes up to 450 MB until it is small, a WebP up to 700: two at a time, the others wait
as the files that they are."""


@blueprint.get("/uploads")
def form() -> str:
    return _form()


@blueprint.post("/uploads")
@limiter.limit("30/minute", key_func=lambda: str(current_user.get_id()))
def take() -> BaseResponse | tuple[str, int]:
    # The form has one field for files and one for the phone's camera; one of them is empty.
    file = next((given for given in request.files.getlist("picture") if given.filename), None)
    if file is None or not file.filename:
        return _form(problem="Choose a picture first."), 400
    name = shown_name(file.filename)
    settings = parts().settings
    sent = file.read(settings.max_upload_bytes + 1)
    try:
        picture = _decoding.run(
            lambda: check_picture(
                sent, name=name, max_bytes=settings.max_upload_bytes, max_pixels=settings.max_upload_pixels
            )
        )
    except Busy:
        UPLOADS_REFUSED.labels("busy").inc()
        return _form(problem="Too many pictures come in at once. Try again in a few seconds."), 503
    except Refused as reason:
        UPLOADS_REFUSED.labels(reason.kind).inc()
        log.info("an upload was refused: %s", reason)
        return _form(problem=str(reason)), 422
    return redirect(url_for("uploads.show", upload_id=_keep(parts(), picture, name=name)))


@blueprint.get("/uploads/<uuid:upload_id>")
def show(upload_id: UUID) -> str | tuple[str, int]:
    """The whole page, or for htmx the part of it that changes while the stream is at work.

    A part that already has as many results as it says (`shown`) is left as it is while more may come.
    """
    made = parts()
    found = _own(made, upload_id)
    finals = _finals(made, found)
    more = bool(finals) and more_may_come(made, found, now=datetime.now(UTC))
    if finals:
        # What was written while the stages were asked is not to be missed for good.
        finals = _finals(made, found)
    # The same address comes as a whole page from a sign-in page, when the session was over meanwhile.
    is_part = request.headers.get("HX-Target") == "result"
    if is_part and more and request.args.get("shown", type=int) == len(finals):
        return "", 204
    for passage in finals:
        # Each shows whose vehicle it may be, if only masked.
        note_look("upload", event_id=passage.event_id)
    waits_no_more = bool(finals) or found.status == "failed"
    template = "part/upload_result.html" if is_part else "upload.html"
    return render_template(
        template,
        upload=found,
        results=[(passage, overlay_of(passage)) for passage in finals],
        more=more,
        progress=None if waits_no_more else progress_of(made, found, now=datetime.now(UTC)),
    )


@blueprint.get("/uploads/<uuid:upload_id>/picture.jpg")
def picture(upload_id: UUID) -> Response:
    made = parts()
    found = _own(made, upload_id)
    stored = made.uploads.read(key=found.object_key)
    if stored is None:
        abort(404)
    return picture_response(stored, etag=found.sha256)


def shown_name(file_name: str) -> str:
    """The file's own name without folders and odd characters: it is shown, never used as a path."""
    last = file_name.replace("\\", "/").rpartition("/")[2]
    return "".join(character for character in last if character.isprintable())[:_LONGEST_NAME] or "picture"


def _form(problem: str | None = None) -> str:
    made = parts()
    return render_template(
        "uploads.html",
        problem=problem,
        uploads=latest_uploads(made.database, user_name=current_user.name, limit=_LISTED),
        max_megabytes=made.settings.max_upload_bytes // 1024 // 1024,
        max_megapixels=made.settings.max_upload_pixels // 1_000_000,
    )


def _keep(made: Parts, picture: CheckedPicture, *, name: str) -> UUID:
    """Written down, stored, sent, in this order: no picture is ever in the storage without its row."""
    upload_id = uuid4()
    key = f"uploads/{upload_id}.jpg"
    written = add_upload(
        made.database,
        upload_id=upload_id,
        user_name=current_user.name,
        object_key=key,
        sha256=hashlib.sha256(picture.jpeg).hexdigest(),
        size_bytes=len(picture.jpeg),
        width=picture.width,
        height=picture.height,
        file_name=name,
    )
    try:
        made.uploads.write(key=key, picture=picture.jpeg)
    except PlatestreamError:
        mark_failed(made.database, upload_id=upload_id, error="its picture could not be stored")
        raise
    try:
        send_upload(made, written, picture.jpeg)
    except (TryAgain, Stop) as reason:
        log.warning("upload %s waits for the stream: %s", upload_id, reason)
    return upload_id


def _finals(made: Parts, found: Upload) -> list[Passage]:
    passages = passages_of_upload(made.database, upload_id=found.id)
    return [passage for passage in passages if passage.state == "final"]


def _own(made: Parts, upload_id: UUID) -> Upload:
    """Somebody else's upload is as good as none."""
    found = upload(made.database, upload_id=upload_id)
    if found is None or found.user_name != current_user.name:
        abort(404)
    return found
