"""Where a passage comes from, and the id of its event that follows from it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from contracts.messages.common import Clock, Origin
from contracts.messages.sighting import Sighting

_NAMESPACE = uuid.UUID("5d0c5f55-4c5f-5d5b-9d0e-2a5a1c3f7e11")


@dataclass(frozen=True, kw_only=True)
class Origins:
    """Where a passage comes from, and the id of its event."""

    event_id: str
    camera: str
    epoch: str
    origin: Origin
    clock: Clock

    @classmethod
    def of(cls, sighting: Sighting, *, sequence: int, name: str) -> Origins:
        """The same frames give the same id, after a crash too."""
        place = f"{sighting.camera}|{sighting.epoch}|{sequence}|{name}"
        return cls(
            event_id=str(uuid.uuid5(_NAMESPACE, place)),
            camera=sighting.camera,
            epoch=sighting.epoch,
            origin=sighting.origin,
            clock=sighting.clock,
        )
