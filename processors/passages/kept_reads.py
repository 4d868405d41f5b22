"""What a final was voted from, as it is kept beside its pictures: with it the vote can be repeated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from contracts.messages.common import Count, LogPosition, PlateColour, UtcTime, VehicleSeen
from contracts.messages.sighting import PlateSeen
from processors.passages.observations import PlateRead, reading_weight
from processors.readings.slots import slots_of

SCHEMA_VERSION = 1


class KeptRead(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One frame's read of the plate, with the vehicle around it."""

    captured_at: UtcTime
    frame: LogPosition
    size_wh: tuple[Count, Count]
    vehicle: VehicleSeen | None
    seen: PlateSeen


class KeptReads(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`lines` and `colour` are the passage's, by which its text was chosen. `together`: the frames were read
    laid over one another as well; only then the reads have their small pictures. `settings`: SHA-256 of what
    they were voted with, in files of releases whose events did not name it."""

    schema: Annotated[int, Meta(ge=SCHEMA_VERSION, le=SCHEMA_VERSION)] = SCHEMA_VERSION
    lines: Annotated[int, Meta(ge=1, le=2)]
    colour: PlateColour
    together: bool
    settings: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")] | None = None
    reads: Annotated[tuple[KeptRead, ...], Meta(min_length=1)]


def kept_reads(reads: Sequence[PlateRead], *, lines: int, colour: PlateColour, together: bool) -> KeptReads:
    """At least one read, ready to be kept."""
    kept = tuple(
        KeptRead(
            captured_at=read.captured_at,
            frame=read.frame,
            size_wh=read.size_wh,
            vehicle=read.vehicle,
            seen=read.seen if together else msgspec.structs.replace(read.seen, crop=b""),
        )
        for read in reads
    )
    return KeptReads(lines=lines, colour=colour, together=together, reads=kept)


def reads_of(kept: KeptReads) -> list[PlateRead]:
    """The same reads, in the same order."""
    return [
        PlateRead(
            seen=each.seen,
            slots=slots_of(each.seen.characters),
            weight=reading_weight(each.seen, each.size_wh),
            vehicle=each.vehicle,
            captured_at=each.captured_at,
            frame=each.frame,
            size_wh=each.size_wh,
        )
        for each in kept.reads
    ]
