"""What one vehicle's passage has gathered over its frames."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta

from contracts.messages.common import ModelUsed, PlateColour, VehicleKind
from contracts.messages.parked import Stand
from contracts.messages.plate import PlateEvent
from contracts.messages.sighting import Sighting
from processors.passages.events.origins import Origins
from processors.passages.movement.crossings import Movements
from processors.passages.movement.path import Path
from processors.passages.movement.place import Place
from processors.passages.movement.ways import UNTOLD, Ways
from processors.passages.observations import Observation, PlateRead, box_of
from processors.passages.stream import not_before
from processors.passages.tracking.motion import size
from processors.passages.vehicle_view import VehicleView
from processors.readings.alignment import is_legible

_FEWEST_CHARACTERS = 3
# More than a vehicle shows while one that passes it is tracked.
_KEPT_OFFSETS = 2048
_KEPT_TEXTS = 128
_REVISION_STEP = timedelta(milliseconds=10)
"""Less than from one frame to the next."""
_LAST_REVISION = 2**31 - 1
"""What readers can hold; it is reached after 248 days in one place."""


class Passage:
    """Grows by one observation a frame, and by later passages that turn out to be the same.

    `given` is the last final given; a parked passage has had its final while the vehicle stays, and repeats
    it (`repeated`: has done so since it parked, or since a restart); `gone`: after `last_captured_at` it was
    not there any more.
    `part_of`: the passage that has absorbed this one.
    `texts_at` is what its plate reads as in the latest sightings that show it legibly, by place in the log;
    where it has absorbed a passage that was seen beside it, each of them may have shown something else there.
    """

    def __init__(self, origins: Origins, first_captured_at: datetime, *, kept_reads: int) -> None:
        self.origins = origins
        self.first_offset = self.last_offset = -1
        self.texts_at: dict[int, tuple[str, ...]] = {}
        self.first_captured_at = self.last_captured_at = first_captured_at
        self.models: tuple[ModelUsed, ...] = ()
        self.frames = self.frames_on_vehicle = self.read_count = 0
        self.previewed = False
        self.parked = self.repeated = self.gone = False
        self.given: PlateEvent | None = None
        self.part_of: Passage | None = None
        self.reads: list[PlateRead] = []
        self.texts: Counter[str] = Counter()
        self.clearest: PlateRead | None = None
        self.vehicle_path: Path | None = None
        self.vehicle_view: VehicleView | None = None
        self.largest_px = self.second_largest_px = 0.0
        self.plate_path: Path | None = None
        self.vehicle_place, self.plate_place = Place(), Place()
        self.movements = Movements()
        self._kept_reads = kept_reads
        self._kinds: Counter[VehicleKind] = Counter()
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
        passage.last_captured_at = stand.last_captured_at or event.last_captured_at
        passage.frames = event.frames if stand.frames is None else stand.frames
        passage.frames_on_vehicle = passage.frames if event.vehicle else 0
        passage.previewed = event.reading is not None
        passage.parked = True
        passage.gone = stand.gone
        passage.given = event
        passage.movements = Movements(event.movement)
        passage.plate_place = Place.known(stand.plate_xyxy, passage.last_captured_at)
        passage.vehicle_place = Place.known(
            stand.vehicle_xyxy,
            passage.last_captured_at,
            seen=stand.vehicle_seen,
            since=stand.vehicle_since,
            until=stand.vehicle_until,
        )
        return passage

    @property
    def stand(self) -> Stand:
        """Where it stands, and what was seen of it so far."""
        return Stand(
            plate_xyxy=self.plate_place.box,
            vehicle_xyxy=self.vehicle_place.box,
            frames=self.frames,
            last_captured_at=self.last_captured_at,
            vehicle_since=self.vehicle_place.since,
            vehicle_until=self.vehicle_place.until,
            vehicle_seen=self.vehicle_place.seen,
            gone=self.gone,
        )

    @property
    def next_revision(self) -> int:
        """That of a final given now: by how long the passage has been followed, so that whoever has followed
        it further is in force, also beside a worker that stood still, or was begun anew, and gave more
        finals or fewer."""
        further = 1 + (self.last_captured_at - self.first_captured_at) // _REVISION_STEP
        return min(max(further, self.given.revision + 1 if self.given else 1), _LAST_REVISION)

    @property
    def is_parked_unread(self) -> bool:
        return self.parked and self.given is not None and self.given.reading is None

    @property
    def lasted_sec(self) -> float:
        return (self.last_captured_at - self.first_captured_at).total_seconds()

    @property
    def colour(self) -> PlateColour:
        """By the frames that its text is read from: in others a grille may have been taken for its plate."""
        votes: Counter[PlateColour] = Counter()
        for read in self.reads:
            votes[read.seen.colour] += round(1000 * read.clarity * read.seen.colour_confidence)
        return max(votes, key=lambda colour: votes[colour], default="other")

    @property
    def lines(self) -> int:
        return max(self._lines, key=lambda lines: self._lines[lines], default=1)

    @property
    def kind(self) -> VehicleKind | None:
        return max(self._kinds, key=lambda kind: self._kinds[kind], default=None)

    def add(self, sighting: Sighting, seen: Observation, offset: int, ways: Ways = UNTOLD) -> None:
        """One more frame of this vehicle; `ways` is what its camera's file says."""
        self.last_offset = offset
        legible = seen.read is not None and is_legible(seen.read.slots)
        if seen.read is not None and legible:
            self._add_texts({offset: (seen.read.text,)})
        if self.parked and sighting.captured_at <= self.last_captured_at:
            return  # read again after a restart
        sighting, seen = not_before(self.last_captured_at, sighting, seen)
        self._see_at_its_place(seen, sighting, ways, legible=legible)
        if self.first_offset < 0:
            self.first_offset = offset
        self.models = sighting.models or self.models
        if self.parked and (self.given is None or self.given.reading is not None):
            return  # for hours perhaps: what is kept does not grow
        if seen.vehicle is not None:
            self.frames_on_vehicle += 1
            self._kinds[seen.vehicle.kind] += round(1000 * seen.vehicle.confidence)
            self._add_size(size(seen.vehicle.xyxy))
            view = VehicleView.of(seen.vehicle, sighting)
            path = Path.at(seen.vehicle.xyxy, sighting.captured_at, whole=view.whole)
            self.vehicle_path = _longer(self.vehicle_path, path)
            if self.vehicle_view is None or view.worth > self.vehicle_view.worth:
                self.vehicle_view = view
        if seen.read is not None:
            path = Path.at(box_of(seen.read.seen.corners), sighting.captured_at)
            self.plate_path = _longer(self.plate_path, path)
            self._add_read(seen.read)

    def absorb(self, later: Passage) -> None:
        """Another part of the same passage, mostly a later one."""
        later.part_of = self
        self.last_offset = max(self.last_offset, later.last_offset)
        self.frames += later.frames_after(self.last_captured_at) if self.parked else later.frames
        self.last_captured_at = max(self.last_captured_at, later.last_captured_at)
        self.movements.absorb(later.movements)
        self.plate_place.absorb(later.plate_place)
        self.vehicle_place.absorb(later.vehicle_place)
        self._add_texts(later.texts_at)
        if self.parked:
            self._keep(self.reads or later.reads)
            return
        self.first_offset = min(self.first_offset, later.first_offset)
        self.read_count += later.read_count
        self.texts += later.texts
        self.frames_on_vehicle += later.frames_on_vehicle
        self._add_size(later.largest_px)
        self._add_size(later.second_largest_px)
        self._kinds += later._kinds
        self._lines += later._lines
        self.vehicle_path = _longer(self.vehicle_path, later.vehicle_path)
        self.plate_path = _longer(self.plate_path, later.plate_path)
        self._keep([*self.reads, *later.reads])

    def frames_after(self, time: datetime) -> int:
        """About how many of its frames are later than this time."""
        if self.first_captured_at > time or self.lasted_sec == 0.0:
            return self.frames if self.last_captured_at > time else 0
        after_sec = max(0.0, (self.last_captured_at - time).total_seconds())
        return round(self.frames * after_sec / self.lasted_sec)

    def _see_at_its_place(self, seen: Observation, sighting: Sighting, ways: Ways, *, legible: bool) -> None:
        """What is known of a vehicle also while it stands for long."""
        self.gone = False
        self.movements.seen(seen, sighting, ways)
        self.frames += 1
        self.last_captured_at = sighting.captured_at
        if seen.vehicle is not None:
            self.vehicle_place.add(seen.vehicle.xyxy, sighting.captured_at)
        if seen.read is not None and legible:
            self.plate_place.add(box_of(seen.read.seen.corners), sighting.captured_at)

    def _add_texts(self, texts_at: Mapping[int, tuple[str, ...]]) -> None:
        for offset, texts in texts_at.items():
            self.texts_at[offset] = tuple(dict.fromkeys((*self.texts_at.get(offset, ()), *texts)))
        if len(self.texts_at) > 2 * _KEPT_OFFSETS:
            self.texts_at = dict(sorted(self.texts_at.items())[-_KEPT_OFFSETS:])

    def _add_size(self, px: float) -> None:
        *_, self.second_largest_px, self.largest_px = sorted((px, self.second_largest_px, self.largest_px))

    def _add_read(self, read: PlateRead) -> None:
        if len(read.text) < _FEWEST_CHARACTERS:
            return
        self.read_count += 1
        self.texts[read.text] += 1
        if len(self.texts) > 2 * _KEPT_TEXTS:  # one that stands for long and shows something else each time
            self.texts = Counter(dict(self.texts.most_common(_KEPT_TEXTS)))
        self._lines[read.seen.lines] += round(1000 * read.weight)
        self._keep([*self.reads, read])

    def _keep(self, reads: list[PlateRead]) -> None:
        """Only the clearest: a vehicle that stands for a minute costs no more than one that passes."""
        reads.sort(key=lambda read: read.clarity, reverse=True)
        self.reads = reads[: self._kept_reads]
        self.clearest = self.reads[0] if self.reads else None


def _longer(path: Path | None, other: Path | None) -> Path | None:
    return path.joined(other) if path and other else path or other
