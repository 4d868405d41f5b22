"""`platestream verify` on a real database, real evidence, the shipped models: whole, then broken."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import psycopg
import pytest
import simplejpeg

from contracts.messages.common import LogPosition
from contracts.messages.plate import Evidence
from deploy.reading.reader import REPOSITORY
from processors.adapters.cards import models_used
from tests.contracts.builders import FRAME_POSITION, a_plate_event
from tests.integration.streets import readable_street
from tests.integration.verify.verified import (
    Place,
    Verified,
    recognised,
    stored,
    stored_with,
    stored_without_plate,
    the_reads,
)
from tests.processors.plates_stage import GREY


def test_a_text_that_only_several_frames_give_holds_by_their_reads(
    place: Place, verify: Callable[..., Verified]
) -> None:
    street = readable_street()
    text = street.reading.text
    voted = f"{text[:-1]}{'4' if text[-1] != '4' else '7'}"
    kept = the_reads(street, others=9, other_text=voted)

    done = verify(event_id=stored_with(place, kept, msgspec.structs.replace(street.reading, text=voted)))

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
    assert "together have" in verify(event_id=stored_with(place, kept, other)).links["read"][1]

    event_id = stored_with(place, kept, street.reading)
    assert verify(event_id=event_id).status == 0
    (file,) = place.evidence.glob("evidence/*/*.json")
    file.write_bytes(file.read_bytes() + b" ")
    assert "other bytes" in verify(event_id=event_id).links["reads"][1]


def test_times_and_place_are_those_of_the_reads(place: Place, verify: Callable[..., Verified]) -> None:
    street = readable_street()
    kept = the_reads(street, others=2)
    own, *others = kept.reads
    done = verify(event_id=stored_with(place, kept, street.reading))
    assert list(done.links).index("moments") == list(done.links).index("reads") + 1
    assert done.links["moments"][0]

    an_hour_before = msgspec.structs.replace(own, captured_at=own.captured_at - timedelta(hours=1))
    earlier = msgspec.structs.replace(kept, reads=(an_hour_before, *others))
    done = verify(event_id=stored_with(place, earlier, street.reading))
    assert done.broken == {"moments"}
    assert "its best frame is of " in done.links["moments"][1]
    assert "1 of 3 reads are of before " in done.links["moments"][1]


def test_what_was_seen_holds_in_every_link(verify: Callable[..., Verified]) -> None:
    done = verify()

    assert done.links == {name: (True, told) for name, (_, told) in done.links.items()}
    assert list(done.links) == ["row", "event", "chain", "frame", "vehicle", "plate", "models", "read"]
    assert done.links["chain"][1].startswith("2 events of ")
    assert done.status == 0


def test_a_vehicle_whose_plate_nobody_read_holds_by_its_own_pictures(
    place: Place, verify: Callable[..., Verified]
) -> None:
    street = readable_street()
    vehicle = asyncio.run(recognised(street.jpeg)).vehicles[0]

    done = verify(event_id=stored_without_plate(place, street.jpeg, vehicle=vehicle, origin="live"))

    assert list(done.links) == ["row", "event", "chain", "frame", "vehicle", "models", "read"]
    assert done.links["read"] == (True, f"the {vehicle.kind} is found in the frame again")
    assert done.status == 0

    elsewhere = msgspec.structs.replace(vehicle, xyxy=(0.0, 0.0, 40.0, 30.0))
    done = verify(event_id=stored_without_plate(place, street.jpeg, vehicle=elsewhere, origin="live"))
    assert done.links["read"] == (False, f"the frame shows no vehicle where a {vehicle.kind} was seen")


def test_an_upload_that_shows_nothing_holds_and_one_that_shows_a_plate_does_not(
    place: Place, verify: Callable[..., Verified]
) -> None:
    done = verify(event_id=stored_without_plate(place, GREY, vehicle=None, origin="upload"))
    assert list(done.links) == ["row", "event", "chain", "frame", "models", "read"]
    assert done.links["read"] == (True, "nothing is read in the frame again")
    assert done.status == 0

    street = readable_street()
    done = verify(event_id=stored_without_plate(place, street.jpeg, vehicle=None, origin="upload"))
    assert not done.links["read"][0]
    assert street.reading.text in done.links["read"][1]


def test_an_event_holds_also_when_its_camera_asks_for_less_by_now(
    place: Place, verify: Callable[..., Verified], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "cameras.yml"
    camera = f"verify-{place.event_id[:8]}"
    file.write_text(f"cameras: [{{id: {camera}, source: film.mp4, least_plate_px: 4000}}]")
    monkeypatch.setenv("PLATESTREAM_CAMERAS", str(file))

    assert verify().status == 0


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


@pytest.mark.parametrize(
    ("link", "instead", "broken"),
    [
        ("frame", None, {"frame": "not in the store", "read": "there is no frame to read again"}),
        ("frame", b"no picture", {"frame": "other bytes", "read": "no whole JPEG"}),
        ("vehicle", None, {"vehicle": "not in the store"}),
        ("vehicle", b"no picture", {"vehicle": "other bytes"}),
        ("plate", None, {"plate": "not in the store"}),
        ("plate", b"no picture", {"plate": "other bytes"}),
        ("reads", None, {"reads": "not in the store"}),
        ("reads", b"no reads", {"reads": "other bytes", "moments": "malformed", "read": "malformed"}),
    ],
)
def test_what_is_wrong_with_one_file_breaks_its_link_and_what_needs_it(
    place: Place,
    verify: Callable[..., Verified],
    link: str,
    instead: bytes | None,
    broken: dict[str, str],
) -> None:
    street = readable_street()
    event_id = stored_with(place, the_reads(street, others=2), street.reading)
    [[key]] = psycopg_rows(
        place.database,
        f"SELECT event -> 'evidence' -> '{link}' ->> 'key' FROM passages WHERE event_id = %s",
        event_id,
    )
    file = place.evidence / key
    file.unlink() if instead is None else file.write_bytes(instead)

    done = verify(event_id=event_id)

    assert (done.broken, done.unchecked, done.status) == (set(broken), set(), 1)
    assert key in done.links[link][1]
    for name, told in broken.items():
        assert told in done.links[name][1]


@pytest.mark.parametrize(
    ("changes", "links"),
    [
        ({}, {"frame", "vehicle", "plate", "read"}),
        ({"origin": "upload", "reading": None, "corners": None, "vehicle": None}, {"frame", "read"}),
    ],
)
@pytest.mark.parametrize("position", [None, FRAME_POSITION])
def test_pictures_that_never_were_are_unknown_and_no_broken_link(
    place: Place,
    verify: Callable[..., Verified],
    changes: dict[str, Any],
    links: set[str],
    position: LogPosition | None,
) -> None:
    evidence = position and Evidence(position=position, frame=None, vehicle=None, plate=None)
    event = a_plate_event(
        event_id=str(uuid.uuid4()), models=models_used(REPOSITORY), evidence=evidence, **changes
    )

    done = verify(event_id=stored(place, event))

    assert (done.broken, done.unchecked, done.status) == (set(), links, 3)


def psycopg_rows(uri: str, sql: str, *values: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(uri) as connection:
        return connection.execute(sql.encode(), values).fetchall()
