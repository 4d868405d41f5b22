"""Sightings of one camera in the order of the log -> which of them are new, and where its time breaks."""

from __future__ import annotations

import logging
from collections import deque

from contracts.messages.sighting import Sighting

log = logging.getLogger(__name__)

_KNOWN_EPOCHS = 16
# Two frames never stand at the same time, whatever the camera's clock says.
_STEP_SEC = 1e-3


class Stream:
    """How far a camera's stream has come. `time_sec` never goes back within an epoch but by a jump."""

    def __init__(self, *, clock_jump_sec: float) -> None:
        self.time_sec = 0.0
        self._clock_jump_sec = clock_jump_sec
        self._epoch: str | None = None
        self._past_epochs: deque[str] = deque(maxlen=_KNOWN_EPOCHS)
        self._sequence = -1

    def has_had(self, sighting: Sighting) -> bool:
        """Whether this one, or a later one, was there already."""
        if sighting.epoch in self._past_epochs:
            return True
        return sighting.epoch == self._epoch and sighting.sequence <= self._sequence

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
            self._past_epochs.append(self._epoch)
        self._epoch, self._sequence, self.time_sec = sighting.epoch, sighting.sequence, time_sec
        return same_epoch and not jumped
