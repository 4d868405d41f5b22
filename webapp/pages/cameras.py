"""Cameras: the last frame of each, how many frames a minute, and whether it lives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import Blueprint, Response, abort, render_template, request

from contracts.errors import TryAgain
from webapp.pages.pictures import picture_response
from webapp.parts import parts
from webapp.queries.cameras import Camera, all_cameras, one_camera

blueprint = Blueprint("cameras", __name__)

_STALLED_AFTER = timedelta(seconds=150)
"""Reports come a minute at a time: two missed ones and a little."""
_FRAME_AGE_SEC = 2


@dataclass(frozen=True)
class Shown:
    """A camera and the state that the page tells."""

    camera: Camera
    state: str


@blueprint.get("/cameras")
def show() -> str:
    now = datetime.now(UTC)
    cameras = [Shown(camera, state_of(camera, now=now)) for camera in all_cameras(parts().database, now=now)]
    template = "part/cameras.html" if request.headers.get("HX-Target") == "cameras" else "cameras.html"
    return render_template(template, cameras=cameras, now=now, stream_away=parts().last_frames.away)


@blueprint.get("/cameras/<camera_id>/frame.jpg")
def picture(camera_id: str) -> Response:
    """The newest frame on the topic, else the frame of the camera's latest passage."""
    made = parts()
    camera = one_camera(made.database, camera_id=camera_id, now=datetime.now(UTC))
    if camera is None:
        abort(404)
    try:
        frame = made.last_frames.of(camera=camera.id)
    except TryAgain:
        # The page says that Kafka is away; the last passage's frame is better than nothing.
        frame = None
    if frame is not None:
        response = picture_response(frame.picture, max_age_sec=_FRAME_AGE_SEC)
        response.headers["X-Captured-At"] = frame.header.captured_at.isoformat()
        return response
    kept = made.evidence.read(key=camera.last_frame_key) if camera.last_frame_key else None
    if kept is None:
        abort(404)
    return picture_response(kept, max_age_sec=_FRAME_AGE_SEC)


def state_of(camera: Camera, *, now: datetime) -> str:
    """What the camera last said of itself, unless it has fallen silent since."""
    said = camera.state or "live"
    if said in {"off", "refused"}:
        return said
    heard = max((time for time in (camera.last_frame_at, camera.minute) if time), default=None)
    if heard is None or now - heard > _STALLED_AFTER:
        return "stalled"
    return said
