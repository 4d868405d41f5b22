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


_SCENES = {
    "black": "The picture is black",
    "blocked": "Something blocks the view",
    "blurred": "The picture is blurred",
    "frozen": "The picture is frozen",
    "glare": "Glare blinds the camera",
    "moved": "The camera looks elsewhere than before",
}
_GAPS = {
    "connecting": "while connecting",
    "stalled": "while nothing came",
    "refused": "while it was refused",
    "off": "while it was off",
    "lost": "lost on the way",
}
_SHED = {
    "damaged": "damaged",
    "late": "too late for this machine",
    "unreadable": "no picture",
    "undelivered": "not taken by Kafka",
}


@dataclass(frozen=True)
class Shown:
    """A camera, the state that the page tells, and sentences for what is wrong."""

    camera: Camera
    state: str

    @property
    def scene(self) -> str | None:
        """What hinders the camera from seeing."""
        return _SCENES.get(self.camera.scene or "ok")

    @property
    def coverage(self) -> float | None:
        """The share of the last minute's expected frames that came."""
        camera = self.camera
        if not camera.expected or camera.captured is None:
            return None
        return min(1.0, camera.captured / camera.expected)

    @property
    def missing(self) -> list[str]:
        """How many frames are missing or were given up, each with its reason."""
        found = [(self.camera.gaps or {}, _GAPS), (self.camera.shed_by or {}, _SHED)]
        return [
            f"{frames:,} {reasons.get(reason, reason)}"
            for counts, reasons in found
            for reason, frames in sorted(counts.items())
            if frames
        ]


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
