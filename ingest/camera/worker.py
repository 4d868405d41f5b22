"""One opening of one camera, from its first frame to its last: stamp, gate, decode, sample, encode, send."""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from contracts.cameras import Camera
from contracts.errors import Rejected
from ingest.camera.backlog import CHECK_EVERY_FRAMES
from ingest.camera.capture import Arrival, CaptureError, Facts, Picture, Source
from ingest.camera.catching_up import CatchingUp
from ingest.camera.counters import CameraCounters
from ingest.camera.epoch import Epoch
from ingest.camera.timestamps import LeastDelay, Moment, Timeline
from ingest.ports import Brake, FrameSink
from ingest.seeing.gate import Gate, Trust, Waiting
from ingest.seeing.health import SceneHealth
from ingest.seeing.watching import Watching

FLOOD_ARRIVALS = 1000
"""Frames within a second that no camera has reason to send."""
UNDECODED_ARRIVALS = 100
"""So many frames of a live camera in a row that cannot be decoded: the stream is another one than was opened.
A file stays what it was, and is read on behind its damage."""
REORDERED_FRAMES = 17
"""H.264 and H.265 hold back at most 16 frames to put them in order; the others cannot be decoded."""
_KEPT_MOMENTS = 64

log = logging.getLogger(__name__)


@dataclass
class Signs:
    """What a camera's thread shows of itself: when it last did, on the monotonic clock, and how many frames
    the present or latest run has sent."""

    at_sec: float
    frames: int = 0


@dataclass(frozen=True)
class Worker:
    """Reads `camera` once. `stopping` ends it at the next frame. What the camera sees, and how far its
    packets are believed, is judged across openings."""

    camera: Camera
    sink: FrameSink
    brake: Brake
    counters: CameraCounters
    stopping: threading.Event
    health: SceneHealth = field(default_factory=SceneHealth)
    trust: Trust = field(default_factory=Trust)
    signs: Signs = field(default_factory=lambda: Signs(time.monotonic()))

    def sign(self) -> None:
        """A sign of life."""
        self.signs.at_sec = time.monotonic()

    def run(self, source: Source) -> int:
        """Read the source to its end; returns the number of frames sent.

        However the source ends, an end marker follows, so that open passages may close.

        Raises:
            CaptureError: see `Source`.
        """
        self.signs.frames = 0
        try:
            facts = source.open()
            self.counters.opened(facts.rate)
            return _Opening(self, source, facts).read()
        finally:
            source.close()


class _Opening:
    """The state of one opening: its epoch, its clock, its gate."""

    def __init__(self, worker: Worker, source: Source, facts: Facts) -> None:
        self._worker = worker
        self._camera = camera = worker.camera
        self._counters = worker.counters
        self._source = source
        opened_at = datetime.now(UTC)
        began_at = camera.started_at or (facts.began_at if camera.own_times else None)
        self._timeline = Timeline(began_at or opened_at, live=camera.is_live, recorded=began_at is not None)
        worker.trust.opened(facts)
        self._is_gated = camera.motion_gate == "auto" and facts.between_keys
        self._begin(began_at or opened_at, media_sec=0.0)
        self._moments: OrderedDict[float | None, Moment] = OrderedDict()
        self._last = Moment(began_at or opened_at, "host", None)
        self._owed = self._damaged = self._pictures = 0
        self._flood: tuple[int, int] = (0, 0)

    def _begin(self, at: datetime, *, media_sec: float) -> None:
        """An epoch, with all that goes by its clock."""
        worker, camera = self._worker, self._camera
        self._epoch = Epoch(camera, worker.sink, worker.counters, began_at=at)
        self._began_sec = time.monotonic() - media_sec
        self._gate = Gate(self._is_gated, worker.trust)
        self._watching = Watching(camera, self._gate, worker.health)
        self._delay = LeastDelay()
        self._catching_up = CatchingUp()

    def read(self) -> int:
        """All frames; returns how many were sent."""
        try:
            for arrival in self._source.arrivals():
                if self._worker.stopping.is_set():
                    break
                self._arrive(arrival)
            self._leave_out(self._gate.rest())
            self._restart()
        finally:
            self._leave_out(self._gate.rest())
            self._write_off(self._owed)
            self._epoch.end(self._last)
        if not self._pictures and not self._worker.stopping.is_set():
            raise CaptureError(self._camera.id, "gave no frame that can be decoded", refused=True)
        return self._worker.signs.frames

    def _arrive(self, arrival: Arrival) -> None:
        self._worker.sign()
        self._keep_pace(arrival)
        now = datetime.now(UTC)
        moment = self._timeline.observe(arrival.media_sec, arrival.stamped_at, now=now)
        self._counters.enter("live")
        self._counters.captured(moment)
        if self._is_left_out(arrival, moment, now):
            self._counters.shed(moment.at, "late")
            return
        self._refuse_flood()
        self._moments[arrival.media_sec] = moment
        if len(self._moments) > _KEPT_MOMENTS:
            self._moments.popitem(last=False)
        step = self._gate.take(Waiting(arrival, moment))
        self._leave_out(step.left_out)
        if step.restart:
            self._restart()
        for waiting in step.decode:
            self._decode(waiting)

    def _is_left_out(self, arrival: Arrival, moment: Moment, now: datetime) -> bool:
        """Read so late that newer ones must come first."""
        delay_sec, now_sec = (now - moment.at).total_seconds(), time.monotonic()
        self._delay.update(delay_sec, now_sec)
        if not self._camera.is_live:
            return False
        late_sec = delay_sec - self._delay.least_sec
        verdict = self._catching_up.judge(late_sec, key=arrival.key, now_sec=now_sec)
        if verdict == "begin again":
            self._leave_out(self._gate.rest())
            self._restart()
        return verdict == "leave out"

    def _decode(self, waiting: Waiting) -> None:
        self._owed += 1
        for picture in self._source.decode(waiting.arrival):
            self._take(picture, waiting.moment)
        if self._owed > REORDERED_FRAMES:
            self._write_off(self._owed - REORDERED_FRAMES)
        if self._camera.is_live and self._damaged > UNDECODED_ARRIVALS:
            raise CaptureError(self._camera.id, "nothing of it can be decoded")

    def _restart(self) -> None:
        for picture in self._source.restart():
            self._take(picture, self._last)
        self._write_off(self._owed)

    def _leave_out(self, frames: Iterable[Waiting]) -> None:
        for waiting in frames:
            self._counters.gated(waiting.moment.at)

    def _write_off(self, frames: int) -> None:
        """Frames that were given to the decoder and never came out of it."""
        self._counters.shed(self._last.at, "damaged", frames)
        self._owed -= frames
        self._damaged += frames

    def _take(self, picture: Picture, arrived: Moment) -> None:
        if not self._owed:  # a decoder that conceals a gap makes up a picture that never came
            return
        self._owed -= 1
        self._pictures += 1
        self._damaged = 0
        moment = self._moments.pop(picture.media_sec, arrived)
        back_sec = self._timeline.stepped_back_sec(moment)
        if back_sec:
            self._begin_anew(picture, moment, back_sec)
        moment = self._last = self._timeline.forward(moment)
        if not self._watching.wants(picture, moment.at):
            self._counters.gated(moment.at)
        else:
            self._encode(picture, moment)
        self._counters.sees(self._worker.health.scene)

    def _begin_anew(self, picture: Picture, moment: Moment, back_sec: float) -> None:
        """Within an epoch time only goes forward."""
        log.warning("camera %s: its clock was set back by %.1f s", self._camera.id, back_sec)
        self._leave_out(self._gate.rest())
        self._epoch.end(self._last)
        self._counters.stepped_back()
        self._begin(moment.at, media_sec=picture.media_sec or 0.0)

    def _encode(self, picture: Picture, moment: Moment) -> None:
        try:
            jpeg = picture.encode()
        except Rejected as error:
            log.warning("camera %s: %s", self._camera.id, error)
            self._counters.shed(moment.at, "unreadable")
            return
        self._epoch.send(jpeg, moment)
        self._worker.signs.frames += 1
        if self._camera.pace == "max" and self._epoch.sequence % CHECK_EVERY_FRAMES == 0:
            self._worker.brake.wait(self._camera.id, self._worker.stopping)

    def _keep_pace(self, arrival: Arrival) -> None:
        """A file's frames wait for their moment, unless it is read at full speed."""
        if not self._camera.is_live and self._camera.pace == "real":
            due_sec = self._began_sec + (arrival.media_sec or 0.0)
            self._worker.stopping.wait(max(0.0, due_sec - time.monotonic()))

    def _refuse_flood(self) -> None:
        second, frames = self._flood
        now_sec = int(time.monotonic())
        self._flood = (now_sec, frames + 1 if second == now_sec else 1)
        if self._camera.is_live and frames > FLOOD_ARRIVALS:
            raise CaptureError(
                self._camera.id, f"sends more than {FLOOD_ARRIVALS} frames a second", refused=True
            )
