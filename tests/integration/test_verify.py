"""`platestream verify` on a real database, real evidence, the shipped models: whole, then broken."""

from __future__ import annotations

import asyncio
import json
import sys
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import psycopg
import pytest
import simplejpeg

from contracts.codec import encode
from contracts.messages.plate import Evidence, PlateEvent, Reading
from contracts.messages.sighting import PlateSeen
from deploy.cli.main import app
from deploy.migrate import migrate
from deploy.reading.reader import REPOSITORY, PictureReader
from processors.adapters.cards import models_used
from processors.adapters.database import Database
from processors.adapters.evidence import ObjectStoreEvidence
from processors.cascade.pictures import decode_jpeg
from processors.cascade.recognise import recognise
from processors.evidence_pictures import cut
from processors.passages.kept_reads import KeptRead, KeptReads
from processors.rows import Rows
from tests.contracts.builders import FRAME_POSITION, NOON, a_plate_event, an_enriched_event
from tests.integration.streets import ReadableStreet, readable_street
from tests.processors.passages.builders import a_plate


@dataclass(frozen=True)
class Verified:
    status: int
    links: dict[str, tuple[bool, str]]


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


@pytest.fixture
def place(database: str, tmp_path: Path) -> Place:
    migrate(database)
    event_id = str(uuid.uuid4())
    asyncio.run(store(readable_street(), database, tmp_path / "evidence", event_id))
    return Place(database, tmp_path / "evidence", event_id)


@pytest.fixture
def verify(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Verified]:
    def call(event_id: str = place.event_id) -> Verified:
        monkeypatch.setenv("PLATESTREAM_DATABASE", place.database)
        monkeypatch.setenv("PLATESTREAM_EVIDENCE", place.evidence.as_uri())
        monkeypatch.setattr(sys, "argv", ["platestream", "verify", event_id, "--json"])
        with pytest.raises(SystemExit) as ended:
            app()
        told = json.loads(capsys.readouterr().out)
        links = {each["link"]: (each["holds"], each["told"]) for each in told["links"]}
        return Verified(int(ended.value.code or 0), links)

    return call


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
    reader = PictureReader()
    try:
        found = await recognise(decode_jpeg(street.jpeg), reader.inference, reader.how.video, reader.pool)
    finally:
        await reader.close()
    (plate,) = [plate for plate in found.plates if plate.corners == street.corners]
    return msgspec.structs.replace(plate, vehicle=None)


def stored_with(place: Place, kept: KeptReads, reading: Reading) -> str:
    """Id of one more event, voted from these reads."""
    event_id = str(uuid.uuid4())

    async def add() -> None:
        event = await a_real_event(readable_street(), place.evidence, event_id, kept)
        event = msgspec.structs.replace(event, reading=reading, reads=len(kept.reads))
        async with Database(f"{place.database}?options=-c%20role%3Dplatestream_writer") as tables:
            await Rows(tables).write([an_enriched_event(plate=event)])

    asyncio.run(add())
    return event_id


def test_a_text_that_only_several_frames_give_holds_by_their_reads(
    place: Place, verify: Callable[..., Verified]
) -> None:
    street = readable_street()
    text = street.reading.text
    voted = f"{text[:-1]}{'4' if text[-1] != '4' else '7'}"
    kept = the_reads(street, others=9, other_text=voted)

    done = verify(stored_with(place, kept, msgspec.structs.replace(street.reading, text=voted)))

    assert done.links["reads"][0]
    assert done.links["read"] == (
        True,
        f"the frame is read as {text} again, and all frames together as {voted}",
    )
    assert done.status == 0


def test_reads_that_do_not_give_the_text_or_were_changed_are_told(
    place: Place, verify: Callable[..., Verified]
) -> None:
    street = readable_street()
    kept = the_reads(street, others=2)
    other = msgspec.structs.replace(street.reading, text="MH12AB9999")
    assert "together have" in verify(stored_with(place, kept, other)).links["read"][1]

    event_id = stored_with(place, kept, street.reading)
    assert verify(event_id).status == 0
    (file,) = place.evidence.glob("evidence/*/*.json")
    file.write_bytes(file.read_bytes() + b" ")
    assert "other bytes" in verify(event_id).links["reads"][1]


def test_what_was_seen_holds_in_every_link(verify: Callable[..., Verified]) -> None:
    done = verify()

    assert done.links == {name: (True, told) for name, (_, told) in done.links.items()}
    assert list(done.links) == ["row", "event", "chain", "frame", "vehicle", "plate", "models", "read"]
    assert done.links["chain"][1].startswith("2 events of ")
    assert done.status == 0


@pytest.mark.parametrize(
    ("change", "broken", "told"),
    [
        ("UPDATE passages SET text = 'MH12AB9999' WHERE event_id = '{id}'", {"row"}, "text"),
        (
            """UPDATE passages SET event = jsonb_set(event, '{{reading,text}}', '"MH12AB9999"'),
                   text = 'MH12AB9999' WHERE event_id = '{id}'""",
            {"event", "read"},
            "changed after it became number 1",
        ),
        ("DELETE FROM chain WHERE event_id = '{id}'", {"event", "chain"}, "does not know it"),
        (
            "UPDATE chain SET content = sha256('x') WHERE camera = '{camera}' AND number = 2",
            {"chain"},
            "number 2 was changed",
        ),
        (
            "UPDATE chain SET number = 3 WHERE camera = '{camera}' AND number = 2",
            {"chain"},
            "number 2 is missing",
        ),
    ],
)
def test_a_change_in_the_database_breaks_its_link(
    place: Place, verify: Callable[..., Verified], change: str, broken: set[str], told: str
) -> None:
    place.change(change.format(id=place.event_id, camera=f"verify-{place.event_id[:8]}"))

    done = verify()

    assert {name for name, (holds, _) in done.links.items() if not holds} == broken
    assert any(told in each for _, each in done.links.values())
    assert done.status == 1


def test_a_picture_that_was_replaced_or_is_gone_breaks_its_link(
    place: Place, verify: Callable[..., Verified]
) -> None:
    [[frame, plate]] = psycopg_rows(
        place.database, "SELECT frame_key, plate_key FROM passages WHERE event_id = %s", place.event_id
    )
    other = simplejpeg.encode_jpeg(np.full((64, 64, 3), 90, np.uint8))
    (place.evidence / frame).write_bytes(other)
    (place.evidence / plate).unlink()

    done = verify()

    broken = {name: told for name, (holds, told) in done.links.items() if not holds}
    assert set(broken) == {"frame", "plate", "read"}
    assert "other bytes" in broken["frame"]
    assert "not in the store" in broken["plate"]


def test_an_event_that_is_not_there_is_told_in_one_line(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLATESTREAM_DATABASE", place.database)
    monkeypatch.setenv("PLATESTREAM_EVIDENCE", place.evidence.as_uri())
    nobody = str(uuid.uuid4())
    monkeypatch.setattr(sys, "argv", ["platestream", "verify", nobody])

    with pytest.raises(SystemExit) as ended:
        app()

    assert ended.value.code == f"platestream: event {nobody}: no row has it"


def test_no_role_of_ours_can_write_the_chain(place: Place) -> None:
    for role in ("platestream_writer", "platestream_portal"):
        for statement in (
            "DELETE FROM chain",
            "UPDATE chain SET number = 9",
            "INSERT INTO chain DEFAULT VALUES",
        ):
            uri = f"{place.database}?options=-c%20role%3D{role}"
            with psycopg.connect(uri) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement.encode())


def psycopg_rows(uri: str, sql: str, *values: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(uri) as connection:
        return connection.execute(sql.encode(), values).fetchall()
