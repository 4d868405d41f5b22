"""`platestream replay` on a real broker with the shipped models: frames that were retained, seen again."""

from __future__ import annotations

import asyncio
import json
import re
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import simplejpeg
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType

from contracts.codec import decode, encode
from contracts.messages.frame import FrameHeader, microseconds
from contracts.messages.plate import PlateEvent
from contracts.topics import MAX_MESSAGE_BYTES, PARTITIONER, Topic
from deploy.cli.main import app
from deploy.measure.log import LogReader
from deploy.reading.reader import REPOSITORY
from ingest.outbox import Outbox
from ingest.publisher import Publisher
from processors.adapters.cards import models_used
from tests.integration.streets import readable_street
from tests.integration.verified import a_real_event

FRAMES = 30
STANDS_FROM, STANDS_UNTIL = 12, 18
EVERY = timedelta(milliseconds=200)


@pytest.fixture
def began() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def camera(topics: str, fresh_name: Callable[[str], str], began: datetime) -> str:
    """A camera whose frames show nothing, then a street with vehicles for a second, then nothing."""
    name = fresh_name("replay")
    street = readable_street().jpeg
    empty = simplejpeg.encode_jpeg(np.full((540, 960, 3), 128, np.uint8))
    publisher = Publisher(topics, Outbox(64 * 1024 * 1024))
    for number in range(FRAMES):
        header = FrameHeader(
            camera=name,
            epoch="e1",
            sequence=number,
            captured_at_us=microseconds(began + number * EVERY),
            clock="host",
            width=960,
            height=540,
            origin="file",
        )
        data = street if STANDS_FROM <= number < STANDS_UNTIL else empty
        publisher.send_frame(header, data, delivered=lambda _arrived: None, wait=True)
    assert publisher.finish(20) == 0
    return name


@pytest.fixture
def replay(
    topics: str,
    camera: str,
    began: datetime,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Callable[..., dict[str, Any]]:
    def call(*more: str) -> dict[str, Any]:
        ends = (began + timedelta(minutes=1)).isoformat()
        words = ["replay", "--from", began.isoformat(), "--to", ends, "--camera", camera, "--json", *more]
        monkeypatch.setenv("PLATESTREAM_KAFKA", topics)
        monkeypatch.setattr(sys, "argv", ["platestream", *words])
        with pytest.raises(SystemExit) as ended:
            app()
        if ended.value.code:
            return {"error": ended.value.code}
        told: dict[str, Any] = json.loads(capsys.readouterr().out)
        return told

    return call


def events_of(kafka: str, topic: Topic, camera: str) -> list[PlateEvent]:
    log = LogReader(kafka)
    try:
        values = [message.value() for message in log.read(topic, since={}, until=log.ends(topic))]
    finally:
        log.close()
    return [event for value in values if (event := decode(PlateEvent, value)).camera == camera]


def test_what_is_seen_again_goes_to_its_own_topic_and_is_compared_with_what_was_live(
    replay: Callable[..., dict[str, Any]], topics: str, camera: str
) -> None:
    first = replay()
    finals = [each for each in events_of(topics, Topic.PLATES_REPLAY, camera) if each.state == "final"]

    assert first["frames"] == FRAMES
    assert finals
    assert first["outcomes"] == {"replay alone": len(finals)}
    assert events_of(topics, Topic.PLATES, camera) == []

    live, other = finals[0], [otherwise_read(each) for each in finals[1:]]
    send(topics, [live, *other])
    second = replay()

    assert second["outcomes"].pop("same") == 1
    assert sum(second["outcomes"].values()) == len(other)
    assert set(second["outcomes"]) <= {"read otherwise"}


def test_what_kafka_has_no_frames_of_any_more_is_told_and_a_time_without_any_is_an_error(
    replay: Callable[..., dict[str, Any]], topics: str, camera: str, began: datetime
) -> None:
    replay()
    live = next(each for each in events_of(topics, Topic.PLATES_REPLAY, camera) if each.state == "final")
    earlier = msgspec.structs.replace(
        live,
        event_id=str(uuid.uuid4()),
        first_captured_at=began - timedelta(seconds=30),
        last_captured_at=began - timedelta(seconds=28),
    )
    cut = msgspec.structs.replace(earlier, event_id=str(uuid.uuid4()), last_captured_at=began)
    send(topics, [live, earlier, cut])

    from_before = ("--from", (began - timedelta(seconds=60)).isoformat())
    told = replay(*from_before)
    assert told["frames"] == FRAMES
    assert told["outcomes"]["same"] == 1
    assert {each["event_id"] for each in told["gone"]} == {earlier.event_id, cut.event_id}

    assert replay(*from_before, "--to", (began - timedelta(seconds=1)).isoformat()) == {"error": 1}


def test_what_kafka_has_no_frames_of_any_more_is_looked_at_in_its_stored_frame(
    replay: Callable[..., dict[str, Any]],
    topics: str,
    camera: str,
    began: datetime,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PLATESTREAM_EVIDENCE", tmp_path.as_uri())
    before = {
        "camera": camera,
        "first_captured_at": began - timedelta(seconds=30),
        "last_captured_at": began - timedelta(seconds=28),
    }
    street = readable_street()
    kept = msgspec.structs.replace(
        asyncio.run(a_real_event(street, tmp_path, str(uuid.uuid4()))), **before, models=()
    )
    misread = otherwise_read(msgspec.structs.replace(kept, event_id=str(uuid.uuid4())))
    elsewhere = msgspec.structs.replace(
        kept, event_id=str(uuid.uuid4()), corners=((0.0, 0.0), (20.0, 0.0), (20.0, 6.0), (0.0, 6.0))
    )
    without = msgspec.structs.replace(kept, event_id=str(uuid.uuid4()), evidence=None)
    send(topics, [kept, misread, elsewhere, without])

    told = replay("--from", (began - timedelta(seconds=60)).isoformat(), "--stored")

    outcomes = {each["live"]["event_id"]: each["outcome"] for each in told["stored"]}
    assert outcomes == {
        kept.event_id: "same",
        misread.event_id: "read otherwise",
        elsewhere.event_id: "read otherwise",
    }
    assert [each["event_id"] for each in told["gone"]] == [without.event_id]
    [again] = [
        each for each in events_of(topics, Topic.PLATES_REPLAY, camera) if each.event_id == kept.event_id
    ]
    assert again.reading is not None
    assert again.reading.text == street.reading.text
    assert again.models == models_used(REPOSITORY)


def test_what_the_camera_file_asks_for_holds_again(
    replay: Callable[..., dict[str, Any]], camera: str, tmp_path: Path
) -> None:
    file = tmp_path / "cameras.yml"
    file.write_text(f"cameras: [{{id: {camera}, source: film.mp4, least_plate_px: 4000}}]")

    assert replay("--cameras", str(file))["events"] == 0


def test_an_event_that_kafka_refuses_is_no_replay(
    replay: Callable[..., dict[str, Any]], topics: str, camera: str
) -> None:
    with largest_message(topics, 256):
        told = replay()

    assert re.match(f"platestream: topic plates.replay, key {camera}, event .*too large", told["error"])
    assert events_of(topics, Topic.PLATES_REPLAY, camera) == []


@contextmanager
def largest_message(kafka: str, size_bytes: int) -> Iterator[None]:
    """The topic of replays takes no larger one for so long."""
    admin = AdminClient({"bootstrap.servers": kafka})

    def set_to(size_bytes: int) -> None:
        entry = ConfigEntry("max.message.bytes", str(size_bytes), incremental_operation=AlterConfigOpType.SET)
        topic = ConfigResource(ResourceType.TOPIC, Topic.PLATES_REPLAY.value, incremental_configs=[entry])
        for done in admin.incremental_alter_configs([topic]).values():
            done.result(20)

    set_to(size_bytes)
    try:
        yield
    finally:
        set_to(MAX_MESSAGE_BYTES)


def otherwise_read(event: PlateEvent) -> PlateEvent:
    assert event.reading is not None
    return msgspec.structs.replace(event, reading=msgspec.structs.replace(event.reading, text="KA01ZZ0001"))


def send(kafka: str, events: list[PlateEvent]) -> None:
    producer = Producer({"bootstrap.servers": kafka, "partitioner": PARTITIONER})
    for event in events:
        producer.produce(Topic.PLATES, key=event.camera.encode(), value=encode(event))
    assert producer.flush(20) == 0
