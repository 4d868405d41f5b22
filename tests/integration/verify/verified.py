"""A database with finals and the folder of their evidence, and `platestream verify` over them."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import psycopg

from contracts.codec import encode
from contracts.messages.common import Origin, VehicleSeen
from contracts.messages.plate import Evidence, PlateEvent, Reading
from contracts.messages.sighting import PlateSeen
from deploy.reading.reader import REPOSITORY, PictureReader
from processors.adapters.cards import models_used
from processors.adapters.database import Database
from processors.adapters.evidence import ObjectStoreEvidence
from processors.cascade.pictures import decode_jpeg
from processors.cascade.recognise import Recognised, recognise
from processors.evidence_pictures import cut
from processors.passages.kept_reads import KeptRead, KeptReads
from processors.rows import Rows
from tests.contracts.builders import FRAME_POSITION, NOON, a_plate_event, an_enriched_event
from tests.integration.streets import ReadableStreet, readable_street
from tests.processors.passages.builders import a_plate


@dataclass(frozen=True)
class Verified:
    """`links`: name -> whether it holds, and what is told of it; `unchecked`: those that nobody can judge."""

    status: int
    links: dict[str, tuple[bool, str]]
    unchecked: set[str]

    @property
    def broken(self) -> set[str]:
        return {name for name, (holds, _) in self.links.items() if not holds} - self.unchecked


@dataclass(frozen=True)
class Place:
    """A database with two finals of one camera, and the folder of their evidence."""

    database: str
    evidence: Path
    event_id: str

    def change(self, statement: str) -> None:
        """As somebody would who owns the server: triggers do not hold him."""
        with psycopg.connect(self.database, autocommit=True) as connection:
            connection.execute("SET session_replication_role = replica")
            connection.execute(statement.encode())


async def store(street: ReadableStreet, database: str, folder: Path, event_id: str) -> None:
    event = await a_real_event(street, folder, event_id)
    later = a_plate_event(event_id=str(uuid.uuid4()), camera=event.camera)
    async with Database(f"{database}?options=-c%20role%3Dplatestream_writer") as tables:
        for each in (event, later, event):  # the last comes again: it stays one link
            await Rows(tables).write([an_enriched_event(plate=each)])


async def a_real_event(
    street: ReadableStreet, folder: Path, event_id: str, kept: KeptReads | None = None
) -> PlateEvent:
    """What the shipped models read in a picture, with its pictures stored."""
    pictures = cut(street.jpeg, vehicle_xyxy=None, corners=street.corners)
    assert pictures.vehicle is not None
    assert pictures.plate is not None
    shelf = ObjectStoreEvidence.open(folder.as_uri())
    return a_plate_event(
        event_id=event_id,
        camera=f"verify-{event_id[:8]}",
        reading=street.reading,
        corners=street.corners,
        vehicle=None,
        models=models_used(REPOSITORY),
        evidence=Evidence(
            position=FRAME_POSITION,
            frame=await shelf.add(street.jpeg),
            vehicle=await shelf.add(pictures.vehicle),
            plate=await shelf.add(pictures.plate),
            reads=await shelf.add_reads(encode(kept)) if kept else None,
        ),
    )


def the_reads(street: ReadableStreet, *, others: int, other_text: str | None = None) -> KeptReads:
    """The street's own read, and others of frames that are not kept."""
    found = asyncio.run(seen_again(street))
    own = KeptRead(captured_at=NOON, frame=FRAME_POSITION, size_wh=(1280, 720), vehicle=None, seen=found)
    text = other_text or street.reading.text
    read = a_plate((100.0, 100.0, 200.0, 124.0), text, confidence=1.0, sharpness=1e4, sure=0.999)
    position = msgspec.structs.replace(FRAME_POSITION, offset=FRAME_POSITION.offset + 1)
    rest = KeptRead(captured_at=NOON, frame=position, size_wh=(1280, 720), vehicle=None, seen=read)
    return KeptReads(
        lines=street.reading.lines,
        colour=street.reading.colour,
        together=False,
        reads=(own, *[rest] * others),
    )


async def seen_again(street: ReadableStreet) -> PlateSeen:
    found = await recognised(street.jpeg)
    (plate,) = [plate for plate in found.plates if plate.corners == street.corners]
    return msgspec.structs.replace(plate, vehicle=None)


async def recognised(jpeg: bytes) -> Recognised:
    reader = PictureReader()
    try:
        return await recognise(decode_jpeg(jpeg), reader.inference, reader.how.video, reader.pool)
    finally:
        await reader.close()


def stored_with(place: Place, kept: KeptReads, reading: Reading, **made_with: Any) -> str:
    """Id of one more event, voted from these reads; `made_with`: other `settings`, other `models`."""
    event_id = str(uuid.uuid4())
    event = asyncio.run(a_real_event(readable_street(), place.evidence, event_id, kept))
    event = msgspec.structs.replace(event, reading=reading, reads=len(kept.reads), **made_with)
    return stored(place, event)


def stored_without_plate(
    place: Place,
    jpeg: bytes,
    *,
    vehicle: VehicleSeen | None,
    origin: Origin,
    settings: str | None = None,
) -> str:
    """Id of the event of a picture in which no plate was read."""
    event = asyncio.run(an_event_without_plate(jpeg, place.evidence, vehicle, origin))
    return stored(place, msgspec.structs.replace(event, settings=settings))


async def an_event_without_plate(
    jpeg: bytes, folder: Path, vehicle: VehicleSeen | None, origin: Origin
) -> PlateEvent:
    event_id = str(uuid.uuid4())
    shown = cut(jpeg, vehicle_xyxy=vehicle.xyxy if vehicle else None, corners=None).vehicle
    shelf = ObjectStoreEvidence.open(folder.as_uri())
    return a_plate_event(
        event_id=event_id,
        camera=f"{'upload' if origin == 'upload' else 'verify'}-{event_id}",
        origin=origin,
        reading=None,
        corners=None,
        vehicle=vehicle,
        models=models_used(REPOSITORY),
        evidence=Evidence(
            position=FRAME_POSITION,
            frame=await shelf.add(jpeg),
            vehicle=await shelf.add(shown) if shown else None,
            plate=None,
        ),
    )


def stored(place: Place, event: PlateEvent) -> str:
    """The event's id, when its row stands in the database."""

    async def add() -> None:
        async with Database(f"{place.database}?options=-c%20role%3Dplatestream_writer") as tables:
            await Rows(tables).write([an_enriched_event(plate=event)])

    asyncio.run(add())
    return event.event_id
