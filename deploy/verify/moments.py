"""Times and place of an event -> whether they are those of the reads that it was voted from. No IO.

The reads stand in the evidence store, where no role of the database can write.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from contracts.messages.common import VehicleSeen, Xyxy
from contracts.messages.plate import PlateEvent
from deploy.verify.links import Verdict, unless_made_otherwise
from processors.passages.kept_reads import KeptRead, KeptReads
from processors.passages.settings import PassageSettings

_BEFORE = timedelta(seconds=PassageSettings().longest_sec)
"""A track that began earlier may have turned out to be the same vehicle: a row keeps its first time."""
_AFTER = timedelta(seconds=PassageSettings().clock_jump_sec)
"""A camera's clock may go back by so much within a passage."""


def of_moments(event: PlateEvent, kept: KeptReads, *made_with: Verdict) -> Verdict:
    """Time, plate and vehicle of the best frame are those of its read, and all reads are of its time: how
    long that is depends on the settings, so it is unknown where it was `made_with` other ones."""
    best_read = read_of_frame(event, kept)
    if best_read is None:
        return Verdict("moments", holds=False, told="its frame is not among the reads")
    differing, outside = _differing(event, best_read), _outside(event, kept.reads)
    if differing or outside:
        wrong = Verdict("moments", holds=False, told="; ".join(differing + outside))
        return wrong if differing else unless_made_otherwise(wrong, *made_with)
    best = f"the best, of {_at(event.best_captured_at)}, shows it at its place"
    return Verdict("moments", holds=True, told=f"{len(kept.reads)} reads are of its time; {best}")


def read_of_frame(event: PlateEvent, kept: KeptReads) -> KeptRead | None:
    """What the event's frame showed; None when it is not among the reads. Two parts of a passage may have
    been read in one frame: then it is the read of the event's plate."""
    position = event.evidence.position if event.evidence else None
    in_frame = [read for read in kept.reads if read.frame == position]
    return min(in_frame, key=lambda read: read.seen.corners != event.corners, default=None)


def _differing(event: PlateEvent, read: KeptRead) -> list[str]:
    wrong = []
    if event.best_captured_at != read.captured_at:
        wrong.append(f"its best frame is of {_at(read.captured_at)}, not {_at(event.best_captured_at)}")
    if event.corners != read.seen.corners:
        wrong.append("its plate stood elsewhere in that frame")
    if _box(event.vehicle) != _box(read.vehicle):
        wrong.append("its vehicle is not the one of that frame")
    return wrong


def _outside(event: PlateEvent, reads: Sequence[KeptRead]) -> list[str]:
    """Reads of another time than the event's."""
    early = sum(read.captured_at < event.first_captured_at - _BEFORE for read in reads)
    late = sum(read.captured_at > event.last_captured_at + _AFTER for read in reads)
    first, last = _at(event.first_captured_at), _at(event.last_captured_at)
    wrong = [f"{early} of {len(reads)} reads are of before {first}, when it began"] if early else []
    return wrong + ([f"{late} of {len(reads)} reads are of after {last}, when it ended"] if late else [])


def _box(vehicle: VehicleSeen | None) -> tuple[Xyxy, float] | None:
    """Its place and the detector's score; the kind of an event is that of most frames."""
    return (vehicle.xyxy, vehicle.confidence) if vehicle else None


def _at(time: datetime) -> str:
    return time.isoformat(sep=" ", timespec="milliseconds")
