"""For the tests of `platestream replay`: frames and events onto a real broker, and events from there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from confluent_kafka import Producer

from contracts.codec import decode, encode
from contracts.messages.common import Origin
from contracts.messages.frame import FrameHeader, microseconds
from contracts.messages.plate import PlateEvent
from contracts.topics import PARTITIONER, Topic
from deploy.measure.log import LogReader
from ingest.sending.outbox import Outbox
from ingest.sending.publisher import Publisher

FRAMES, STREET = 30, range(12, 18)
"""Frames of the camera, and which of them show a street."""
EVERY = timedelta(milliseconds=200)


@dataclass(frozen=True)
class Said:
    """What the command ended with, a status or the sentence for one, and what it wrote."""

    status: int | str
    out: str
    err: str


def a_header(camera: str, began: datetime, number: int, origin: Origin = "file") -> FrameHeader:
    return FrameHeader(
        camera=camera,
        epoch="e1",
        sequence=number,
        captured_at_us=microseconds(began + number * EVERY),
        clock="host",
        width=960,
        height=540,
        origin=origin,
    )


def publish(kafka: str, frames: Sequence[tuple[FrameHeader, bytes]]) -> None:
    publisher = Publisher(kafka, Outbox(64 * 1024 * 1024))
    for header, data in frames:
        publisher.send_frame(header, data, delivered=lambda _arrived: None, wait=True)
    assert publisher.finish(20) == 0


def events_of(kafka: str, topic: Topic, camera: str) -> list[PlateEvent]:
    log = LogReader(kafka)
    try:
        values = [message.value() for message in log.read(topic, since={}, until=log.ends(topic))]
    finally:
        log.close()
    return [event for value in values if (event := decode(PlateEvent, value)).camera == camera]


def finals_of(kafka: str, topic: Topic, camera: str) -> list[PlateEvent]:
    return [event for event in events_of(kafka, topic, camera) if event.state == "final"]


def otherwise_read(event: PlateEvent) -> PlateEvent:
    assert event.reading is not None
    return msgspec.structs.replace(event, reading=msgspec.structs.replace(event.reading, text="KA01ZZ0001"))


def send(kafka: str, events: list[PlateEvent]) -> None:
    producer = Producer({"bootstrap.servers": kafka, "partitioner": PARTITIONER})
    for event in events:
        producer.produce(Topic.PLATES, key=event.camera.encode(), value=encode(event))
    assert producer.flush(20) == 0
