"""sightings -> plates: every passage of a vehicle becomes one event, first a preview, then a final.

State is kept a partition and camera, and rebuilt from the sightings after a restart: the same sightings
give the same passages and event ids. Pictures are in the object store before their event is sent.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import zip_longest

import msgspec

from contracts.codec import decode, encode
from contracts.errors import Rejected
from contracts.messages.common import CameraId
from contracts.messages.parked import ParkedVehicles, Stand
from contracts.messages.plate import PlateEvent
from contracts.messages.sighting import Sighting
from contracts.topics import Topic
from processors.engine.stage import Incoming, Outgoing, Progress
from processors.kept_evidence import KeptEvidence
from processors.made_with import settings_sha256
from processors.passages.camera import CameraPassages
from processors.passages.events.drafts import Draft
from processors.passages.movement.ways import Ways
from processors.passages.observations import box_of
from processors.passages.passage import Passage
from processors.passages.settings import PassageSettings
from processors.passages.tracking.standing import Standing
from processors.ports import EvidenceStore, FrameStore

log = logging.getLogger(__name__)


@dataclass
class _Camera:
    """`heard_at`: when its last sighting was written to the log; `taken_at`: when it was taken from there;
    `has_spoken`: since the partition was assigned."""

    passages: CameraPassages
    standing: Standing
    heard_at: datetime
    taken_at: datetime
    has_spoken: bool = False


@dataclass
class _Partition:
    settled_below: int
    reached: int = 0
    cameras: dict[str, _Camera] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)


class Plates:
    """`OrderedStage`. `places` says where a camera stands, for those that have a name, `ways` which zones and
    lines its picture has; at cameras that are `unread` a vehicle without a plate is an event too. `look`
    reads a doubtful final once more. Without `frames` and `evidence` no pictures are stored."""

    def __init__(
        self,
        *,
        settings: PassageSettings,
        frames: FrameStore | None = None,
        evidence: EvidenceStore | None = None,
        places: Mapping[CameraId, str] | None = None,
        unread: Collection[CameraId] = (),
        ways: Mapping[CameraId, Ways] | None = None,
        look: Callable[[Draft], Awaitable[Draft]] | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._settings = settings
        self._look = look
        self._made_with = settings_sha256(settings)
        self._evidence = KeptEvidence(frames, evidence) if frames and evidence else None
        self._places: Mapping[CameraId, str] = {} if places is None else places
        self._unread = unread
        self._ways = ways
        self._now = now
        self._partitions: dict[int, _Partition] = {}

    def assigned(self, partition: int, settled_below: int, kept: Sequence[bytes]) -> None:
        """See `OrderedStage`; kept are the vehicles that stand at each camera."""
        state = self._partitions[partition] = _Partition(settled_below)
        for value in kept:
            try:
                found = decode(ParkedVehicles, value)
            except Rejected as error:
                log.warning("partition %d: vehicles that stood there are forgotten: %s", partition, error)
                continue
            # The camera may be silent for good: what was not told of them yet is told in time all the same.
            parked = _still_parked(found, kept_reads=self._settings.kept_reads)
            state.cameras[found.camera] = self._camera(state, found.camera, self._now(), parked)

    def revoked(self, partition: int) -> None:
        """See `OrderedStage`."""
        self._partitions.pop(partition, None)

    def take(self, message: Incoming) -> Sequence[Draft]:
        """One sighting.

        Raises:
            Rejected: it is none.
        """
        sighting = decode(Sighting, message.value)
        partition = self._partition(message.position.partition)
        partition.reached = message.position.offset + 1
        partition.touched.add(sighting.camera)
        camera = partition.cameras.get(sighting.camera)
        if camera is None:
            camera = self._camera(partition, sighting.camera, message.timestamp, ())
            partition.cameras[sighting.camera] = camera
        # Silence that a worker was there for and one that it reads of later must lead to the same events.
        drafts = self._silent(camera, (message.timestamp - camera.heard_at).total_seconds())
        camera.heard_at, camera.taken_at, camera.has_spoken = message.timestamp, self._now(), True
        return [*drafts, *camera.passages.take(sighting, message.position.offset)]

    def tick(self, partition: int, now: datetime) -> Sequence[Draft]:
        """Gives what is open at cameras that have fallen silent, and forgets them in time."""
        state = self._partition(partition)
        drafts: list[Draft] = []
        for name, camera in list(state.cameras.items()):
            # While old sightings are caught up with, the next one may be on its way.
            silent_sec = (now - max(camera.heard_at, camera.taken_at)).total_seconds()
            given = self._silent(camera, silent_sec)
            if given:
                state.touched.add(name)
            drafts += given
            if silent_sec >= self._settings.forgotten_after_sec:
                told = camera.passages.forgotten()
                drafts += told
                if told:  # what is kept of them goes out with that; the next tick forgets the camera
                    state.touched.add(name)
                elif camera.has_spoken:  # else its sightings of all the time may be still to come
                    del state.cameras[name]
        return drafts

    def _silent(self, camera: _Camera, silent_sec: float) -> Sequence[Draft]:
        """What a camera's silence of so long brings about."""
        drafts: list[Draft] = []
        if silent_sec >= self._settings.silent_after_sec:
            drafts = camera.passages.give_all()
        if silent_sec >= self._settings.silent_after_sec + self._settings.repeat_sec:
            camera.passages.forget_given_unless_open()
        return drafts

    async def finish(self, draft: Draft) -> Sequence[Outgoing]:
        """The event, read once more where it is doubtful, with its pictures stored."""
        seen = await self._look(draft) if self._look and draft.unsure else draft
        # The event of a parked vehicle has had its pictures since it was first given.
        proof = draft.event.evidence
        if proof is None and self._evidence is not None:
            proof = await self._evidence.of(draft, together=seen is not draft)
        event = msgspec.structs.replace(
            seen.event,
            place=self._places.get(draft.event.camera),
            # That of a parked vehicle is repeated as it was made.
            settings=self._made_with if draft.event.evidence is None else draft.event.settings,
            evidence=proof,
        )
        if draft.passage is not None and draft.passage.given is draft.event:
            draft.passage.given = event
        return (_message(event),)

    def to_keep(self, partition: int) -> Sequence[Outgoing]:
        """See `OrderedStage`: the vehicles that stand at a camera, where that is new."""
        state = self._partition(partition)
        cameras = [state.cameras[name] for name in sorted(state.touched) if name in state.cameras]
        state.touched.clear()
        news = [camera.standing.news(camera.passages.kept) for camera in cameras]
        return [
            Outgoing(topic=Topic.PLATES_PARKED, key=each.camera.encode(), value=encode(each))
            for each in news
            if each is not None
        ]

    def unfinished(self, draft: Draft) -> Outgoing:
        """See `OrderedStage`."""
        return _message(draft.event)

    def progress(self, partition: int) -> Progress | None:
        """See `OrderedStage`."""
        state = self._partition(partition)
        cameras = [camera.passages for camera in state.cameras.values()]
        opened = [passage.first_offset for each in cameras for passage in each.open_passages()]
        settled_below = min(opened, default=state.reached)
        needed = [offset for each in cameras for offset in each.needed_offsets(settled_below=settled_below)]
        if not opened and not needed:
            return None
        return Progress(replay_from=min([settled_below, *needed]), settled_below=settled_below)

    def _camera(
        self, partition: _Partition, name: CameraId, heard_at: datetime, parked: Sequence[Passage]
    ) -> _Camera:
        passages = CameraPassages(
            self._settings,
            settled_below=partition.settled_below,
            now=self._now,
            parked=parked,
            unread=self._unread,
            ways=self._ways,
        )
        return _Camera(passages, Standing(name, parked), heard_at, self._now())

    def _partition(self, number: int) -> _Partition:
        return self._partitions.setdefault(number, _Partition(settled_below=0))


def _still_parked(found: ParkedVehicles, *, kept_reads: int) -> list[Passage]:
    """The vehicles that stand at a camera. One without a stand is thought to be where it was seen best."""
    return [
        Passage.still_parked(event, stand or _best_seen(event), kept_reads=kept_reads)
        for event, stand in zip_longest(found.events, found.stands[: len(found.events)])
    ]


def _best_seen(event: PlateEvent) -> Stand:
    return Stand(
        plate_xyxy=box_of(event.corners) if event.corners else None,
        vehicle_xyxy=event.vehicle.xyxy if event.vehicle else None,
    )


def _message(event: PlateEvent) -> Outgoing:
    return Outgoing(topic=Topic.PLATES, key=event.camera.encode(), value=encode(event))
