"""Sightings of one camera in the order of the log -> which of them are new, and where its time breaks."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime

import msgspec

from contracts.messages.sighting import Sighting
from processors.passages.observations import Observation

log = logging.getLogger(__name__)

_KNOWN_EPOCHS = 16
# Two frames never stand at the same time, whatever the camera's clock says.
_STEP_SEC = 1e-3


class Stream:
    """How far a camera's stream has come. `time_sec` never goes back within an epoch but by a jump."""

    def __init__(self, *, clock_jump_sec: float, quiet_sec: float) -> None:
        self.time_sec = 0.0
        self._clock_jump_sec = clock_jump_sec
        self._quiet_sec = quiet_sec
        self._epoch: str | None = None
        self._sequence = -1
        self._ended = False
        self._past: dict[str, int] = {}

    @property
    def has_begun(self) -> bool:
        return self._epoch is not None

    def has_had(self, sighting: Sighting) -> bool:
        """Whether this one, or a later one, was there already, or is left out: of two epochs at once, as when
        two ingests have opened a camera, the one that began last counts as long as it goes on."""
        if sighting.epoch == self._epoch:
            return sighting.sequence <= self._sequence
        last = self._past.get(sighting.epoch)
        if last is None:
            return False
        if sighting.sequence <= last:
            return True
        quiet_sec = sighting.captured_at.timestamp() - self.time_sec
        goes_on = not self._ended and quiet_sec < self._quiet_sec
        if not goes_on:
            log.warning("camera %s: epoch %s goes on after %s", sighting.camera, sighting.epoch, self._epoch)
        return goes_on

    def goes_on_with(self, sighting: Sighting) -> bool:
        """Moves on to a new sighting. False when it ends what was open: a new epoch, or a clock that jumped
        back, across which nothing can be said about how long anything lasted."""
        time_sec, before_sec = sighting.captured_at.timestamp(), self.time_sec
        same_epoch = sighting.epoch == self._epoch
        jumped = same_epoch and time_sec < before_sec - self._clock_jump_sec
        if jumped:
            log.warning("camera %s: its clock went back by %.0f s", sighting.camera, before_sec - time_sec)
        elif same_epoch:
            time_sec = max(time_sec, before_sec + _STEP_SEC)
        elif self._epoch is not None:
            self._past[self._epoch] = self._sequence
            self._past.pop(sighting.epoch, None)
            if len(self._past) > _KNOWN_EPOCHS:
                self._past.pop(next(iter(self._past)))
        self._epoch, self._sequence, self.time_sec = sighting.epoch, sighting.sequence, time_sec
        self._ended = sighting.end
        return same_epoch and not jumped


def not_before(time: datetime, sighting: Sighting, seen: Observation) -> tuple[Sighting, Observation]:
    """What a frame shows of something that an earlier frame showed at this time: where the camera's clock was
    put back by less than a jump, time stands still until the clock has come so far again. What is seen first
    after that begins, and stays, at the times that the clock tells."""
    if sighting.captured_at >= time:
        return sighting, seen
    read = replace(seen.read, captured_at=time) if seen.read else None
    return msgspec.structs.replace(sighting, captured_at=time), replace(seen, read=read)
