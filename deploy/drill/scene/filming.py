"""Whether every camera gives frames again after all that was killed is back."""

from __future__ import annotations

import time
from collections.abc import Sequence

from contracts.cameras import Camera
from contracts.topics import Topic
from deploy.measure.log import LogReader

_LOOK_EVERY_SEC = 0.5


def silent_cameras(topics: LogReader, cameras: Sequence[Camera], *, within_sec: float) -> list[str]:
    """Those that give no frame from now on in this time; a film that does not begin again may be over.

    An ingest that is asked to end before its frames get through leaves vehicles in view, for which the stage
    `plates` would wait ten minutes.

    Raises:
        TryAgain: the broker does not answer.
    """
    silent = {camera.id for camera in cameras if camera.repeat or camera.source.startswith("rtsp")}
    since = topics.ends(Topic.FRAMES)
    deadline = time.monotonic() + within_sec
    while silent and time.monotonic() < deadline:
        time.sleep(_LOOK_EVERY_SEC)
        until = topics.ends(Topic.FRAMES)
        frames = topics.read(Topic.FRAMES, since=since, until=until)
        silent -= {(frame.key() or b"").decode() for frame in frames}
        since = until
    return sorted(silent)
