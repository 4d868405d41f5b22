"""What one vehicle's passage has gathered over its frames."""

from __future__ import annotations

import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from contracts.messages.common import (
    Clock,
    LogPosition,
    ModelUsed,
    Origin,
    PlateColour,
    VehicleKind,
    VehicleSeen,
)
from contracts.messages.parked import Stand
from contracts.messages.plate import PlateEvent
from contracts.messages.sighting import Sighting
from processors.passages.motion import size
from processors.passages.movement import Movements
from processors.passages.observations import Observation, PlateRead, box_of, touches_edge
from processors.passages.path import Path
from processors.passages.ways import UNTOLD, Ways
from processors.readings.alignment import is_legible

_FEWEST_CHARACTERS = 3
_EDGE_PX = 4.0
_CUT_OFF_WORTH = 0.5
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


@dataclass(frozen=True, kw_only=True)
class VehicleView:
    """A vehicle as one frame shows it, `whole` or cut off by the picture's edge."""

    vehicle: VehicleSeen
    captured_at: datetime
    frame: LogPosition
    whole: bool

    @classmethod
    def of(cls, vehicle: VehicleSeen, sighting: Sighting) -> VehicleView:
        cut_off = touches_edge(vehicle.xyxy, (sighting.width, sighting.height), within_px=_EDGE_PX)
        return cls(vehicle=vehicle, captured_at=sighting.captured_at, frame=sighting.frame, whole=not cut_off)

    @property
    def worth(self) -> float:
        """The nearer the better, but one that leaves the picture is nearest when half of it is gone."""
        worth = self.vehicle.confidence * size(self.vehicle.xyxy)
        return worth if self.whole else worth * _CUT_OFF_WORTH


class Passage:
    """Grows by one observation a frame, and by later passages that turn out to be the same.

    `revision` counts the finals given, `given` is the last of them; a parked passage has had its final while
    the vehicle stays, and repeats it (`repeated`: has done so since it parked, or since a restart).
    `read_offsets` are the places in the log of the sightings that show its plate legibly (not of all while
    it is parked).
    """

    def __init__(self, origins: Origins, first_captured_at: datetime, *, kept_reads: int) -> None:
        self.origins = origins
        self.first_offset = self.last_offset = -1
        self.read_offsets: set[int] = set()
        self.first_captured_at = self.last_captured_at = first_captured_at
        self.models: tuple[ModelUsed, ...] = ()
        self.frames = self.frames_on_vehicle = 0
        self.previewed = False
        self.parked = self.repeated = False
        self.revision = 0
        self.given: PlateEvent | None = None
        self.reads: list[PlateRead] = []
        self.texts: Counter[str] = Counter()
        self.clearest: PlateRead | None = None
        self.vehicle_path: Path | None = None
        self.vehicle_view: VehicleView | None = None
        self.largest_px = self.second_largest_px = 0.0
        self.plate_path: Path | None = None
        self.movements = Movements()
        self._kept_reads = kept_reads
        self._kinds: Counter[VehicleKind] = Counter()
        self._colours: Counter[PlateColour] = Counter()
        self._lines: Counter[int] = Counter()

    @classmethod
    def begun(cls, sighting: Sighting, seen: Observation, *, kept_reads: int) -> Passage:
        """The passage that this observation begins; `add` gives it the observation itself."""
        origins = Origins.of(sighting, sequence=sighting.sequence, name=seen.name)
        return cls(origins, sighting.captured_at, kept_reads=kept_reads)

    @classmethod
    def still_parked(cls, event: PlateEvent, stand: Stand, *, kept_reads: int) -> Passage:
        """A parked vehicle as its last event knows it, and where it stands: enough to recognise it and to
        repeat the event."""
        origins = Origins(
            event_id=event.event_id,
            camera=event.camera,
            epoch=event.epoch,
            origin=event.origin,
            clock=event.clock,
        )
        passage = cls(origins, event.first_captured_at, kept_reads=kept_reads)
        passage.last_captured_at = event.last_captured_at
        passage.frames, passage.revision = event.frames, event.revision
        passage.previewed = event.reading is not None
        passage.parked = True
        passage.given = event
        passage.movements = Movements(event.movement)
        passage.plate_path = Path.at(stand.plate_xyxy) if stand.plate_xyxy else None
        passage.vehicle_path = Path.at(stand.vehicle_xyxy) if stand.vehicle_xyxy else None
        return passage

    @property
    def stand(self) -> Stand:
        """Where it was seen last."""
        return Stand(
            plate_xyxy=self.plate_path.last if self.plate_path else None,
            vehicle_xyxy=self.vehicle_path.last if self.vehicle_path else None,
        )

    @property
    def lasted_sec(self) -> float:
        return (self.last_captured_at - self.first_captured_at).total_seconds()

    @property
    def read_count(self) -> int:
        return sum(self.texts.values())

    @property
    def colour(self) -> PlateColour:
        return max(self._colours, key=lambda colour: self._colours[colour], default="other")

    @property
    def lines(self) -> int:
        return max(self._lines, key=lambda lines: self._lines[lines], default=1)

    @property
    def kind(self) -> VehicleKind | None:
        return max(self._kinds, key=lambda kind: self._kinds[kind], default=None)

    def add(self, sighting: Sighting, seen: Observation, offset: int, ways: Ways = UNTOLD) -> None:
        """One more frame of this vehicle; `ways` is what its camera's file says."""
        self.movements.seen(seen, sighting, ways)
        if self.first_offset < 0:
            self.first_offset = offset
        self.last_offset = offset
        self.last_captured_at = sighting.captured_at
        self.models = sighting.models or self.models
        self.frames += 1
        view = VehicleView.of(seen.vehicle, sighting) if seen.vehicle else None
        self._move_to(
            Path.at(view.vehicle.xyxy, whole=view.whole) if view else None,
            Path.at(box_of(seen.read.seen.corners)) if seen.read else None,
        )
        if self.parked and (self.given is None or self.given.reading is not None):
            return  # for hours perhaps: what is kept does not grow
        if not self.parked and seen.read is not None and is_legible(seen.read.slots):
            self.read_offsets.add(offset)
        if view is not None:
            self.frames_on_vehicle += 1
            self._kinds[view.vehicle.kind] += round(1000 * view.vehicle.confidence)
            self._add_size(size(view.vehicle.xyxy))
            if self.vehicle_view is None or view.worth > self.vehicle_view.worth:
                self.vehicle_view = view
        if seen.read is not None:
            self._add_read(seen.read)

    def absorb(self, later: Passage) -> None:
        """A later part of the same passage."""
        self.last_offset = max(self.last_offset, later.last_offset)
        self.last_captured_at = max(self.last_captured_at, later.last_captured_at)
        self.frames += later.frames
        self.movements.absorb(later.movements)
        self._move_to(later.vehicle_path, later.plate_path)
        if self.parked:
            self._keep(self.reads or later.reads)
            return
        self.first_offset = min(self.first_offset, later.first_offset)
        self.read_offsets |= later.read_offsets
        self.texts += later.texts
        self.frames_on_vehicle += later.frames_on_vehicle
        self._add_size(later.largest_px)
        self._add_size(later.second_largest_px)
        self._kinds += later._kinds
        self._colours += later._colours
        self._lines += later._lines
        self._keep([*self.reads, *later.reads])

    def park(self) -> None:
        """It stays where it is: whatever way it goes from here is not the one it came."""
        self.parked = True
        self.vehicle_path = self.vehicle_path.ended if self.vehicle_path else None
        self.plate_path = self.plate_path.ended if self.plate_path else None

    def _move_to(self, vehicle_path: Path | None, plate_path: Path | None) -> None:
        self.vehicle_path = _longer(self.vehicle_path, vehicle_path)
        self.plate_path = _longer(self.plate_path, plate_path)

    def _add_size(self, px: float) -> None:
        *_, self.second_largest_px, self.largest_px = sorted((px, self.second_largest_px, self.largest_px))

    def _add_read(self, read: PlateRead) -> None:
        if len(read.text) < _FEWEST_CHARACTERS:
            return
        self.texts[read.text] += 1
        self._colours[read.seen.colour] += round(1000 * read.weight * read.seen.colour_confidence)
        self._lines[read.seen.lines] += round(1000 * read.weight)
        self._keep([*self.reads, read])

    def _keep(self, reads: list[PlateRead]) -> None:
        """Only the clearest: a vehicle that stands for a minute costs no more than one that passes."""
        reads.sort(key=lambda read: read.clarity, reverse=True)
        self.reads = reads[: self._kept_reads]
        self.clearest = self.reads[0] if self.reads else None


def _longer(path: Path | None, later: Path | None) -> Path | None:
    return path.then(later) if path and later else path or later
