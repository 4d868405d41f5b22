"""What a camera's decoded pictures decide: does something move, how many are sent, can it see at all."""

from __future__ import annotations

from datetime import datetime

from contracts.cameras import Camera
from ingest.camera.capture import Picture
from ingest.seeing.gate import PAIR_RATE, STILL_AFTER_SEC, STILL_RATE, Gate
from ingest.seeing.health import SceneHealth
from ingest.seeing.motion import Motion
from ingest.seeing.sampling import Sampler
from ingest.seeing.zones import mask
from ingest.sources.jpeg import LOOK_HEIGHT, LOOK_WIDTH

LOOK_EVERY_SEC = 0.18
"""A little less than a fifth of a second: usual stream rates have a frame there."""
BURST_LASTS_SEC = 1.0


class Watching:
    """One opening of a camera."""

    def __init__(self, camera: Camera, gate: Gate, health: SceneHealth) -> None:
        self._camera = camera
        self._gate = gate
        self._health = health
        self._motion = Motion(mask(camera.zones, width=LOOK_WIDTH, height=LOOK_HEIGHT))
        self._sampler = Sampler(camera.frames_per_second)
        self._needs_motion = camera.motion_gate == "auto" or camera.burst_frames_per_second is not None
        self._looked_sec = float("-inf")
        self._moved_sec = float("inf")
        self._burst_until_sec = float("-inf")

    def wants(self, picture: Picture, captured_at: datetime) -> bool:
        """True for a picture that is to be sent. Pictures must come in order of capture time."""
        at_sec = captured_at.timestamp()
        self._look(picture, at_sec)
        self._sampler.at_rate(self._rate(at_sec))
        return self._sampler.wants(captured_at)

    def _look(self, picture: Picture, at_sec: float) -> None:
        if picture.look is None:
            return
        moves = self._needs_motion and at_sec - self._looked_sec >= LOOK_EVERY_SEC
        if not moves and not self._health.wants(at_sec):
            return
        look = picture.look()
        if self._health.wants(at_sec):
            self._health.look(look, at_sec)
        if moves:
            self._looked_sec = at_sec
            moved = self._motion.look(look.grey)
            self._gate.saw(at_sec, moved=moved.anywhere)
            if moved.anywhere:
                self._moved_sec = at_sec
            if moved.in_zone:
                self._burst_until_sec = at_sec + BURST_LASTS_SEC

    def _rate(self, at_sec: float) -> float:
        rate = self._camera.frames_per_second
        if not self._gate.moving:
            return PAIR_RATE if self._gate.pairs else min(STILL_RATE, rate)
        if self._camera.motion_gate == "auto" and self._is_still(at_sec):
            return min(STILL_RATE, rate)
        burst = self._camera.burst_frames_per_second
        return burst if burst is not None and at_sec < self._burst_until_sec else rate

    def _is_still(self, at_sec: float) -> bool:
        """By pictures, where packets are not believed and everything is decoded. Until one was looked at,
        anything may move."""
        return not self._gate.trust.holds(at_sec) and at_sec - self._moved_sec > STILL_AFTER_SEC
