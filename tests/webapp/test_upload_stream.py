"""Uploads and last frames through a real Kafka."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import cast
from uuid import UUID

import psycopg
import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

from contracts.messages.frame import FrameHeader, decode_headers, encode_headers, microseconds
from contracts.topics import PARTITIONER, Topic
from deploy.migrate import migrate
from tests.webapp.builders import NOON, a_frame_picture, insert_camera, insert_passage, jpeg
from tests.webapp.conftest import Portal, portal_with, settings_in
from webapp.queries.uploads import Upload, upload
from webapp.stream.last_frames import LastFrames
from webapp.uploads.sending import send_unsent
from webapp.uploads.stages import STAGES, Stage


@pytest.fixture(scope="module")
def portal(database: str, topics: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    migrate(database)
    settings = settings_in(tmp_path_factory.mktemp("portal"), database_uri=database, kafka_address=topics)
    with psycopg.connect(database, autocommit=True) as connection:
        made = portal_with(settings, connection)
        yield made
        made.made.database.close()


def uploaded(portal: Portal) -> Upload:
    picture = jpeg(a_frame_picture("MH12AB1234"))
    answer = portal.user().post("/uploads", data={"picture": (io.BytesIO(picture), "car.jpg")})
    found = upload(portal.made.database, upload_id=UUID(answer.headers["Location"].rpartition("/")[2]))
    assert found is not None
    return found


def frames_of(portal: Portal, camera: str) -> list[tuple[FrameHeader, bytes]]:
    consumer = Consumer(
        {"bootstrap.servers": portal.settings.kafka, "group.id": camera, "auto.offset.reset": "earliest"}
    )
    consumer.subscribe([Topic.FRAMES.value])
    found: list[tuple[FrameHeader, bytes]] = []
    until = datetime.now(UTC) + timedelta(seconds=15)
    while len(found) < 2 and datetime.now(UTC) < until:
        for message in consumer.consume(100, timeout=0.2):
            if message.error() is None and message.key() == camera.encode():
                headers = cast("list[tuple[str, bytes | None]]", message.headers())
                found.append((decode_headers(headers), message.value() or b""))
    consumer.close()
    return found


def commit(portal: Portal, group: str, place: TopicPartition) -> None:
    """As if the stage of this group had come so far."""
    consumer = Consumer({"bootstrap.servers": portal.settings.kafka, "group.id": group})
    consumer.commit(offsets=[place], asynchronous=False)
    consumer.close()


def commit_all(portal: Portal, stage: Stage, *, partition: int) -> None:
    """As if the stage had finished whatever this test and others have put there."""
    consumer = Consumer({"bootstrap.servers": portal.settings.kafka, "group.id": stage.group})
    _, end = consumer.get_watermark_offsets(TopicPartition(stage.reads, partition), timeout=10)
    consumer.close()
    commit(portal, stage.group, TopicPartition(stage.reads, partition, max(end, 1)))


def send_frame(kafka: str, camera: str, sequence: int, picture: bytes) -> None:
    producer = Producer({"bootstrap.servers": kafka, "partitioner": PARTITIONER})
    header = FrameHeader(
        camera=camera,
        epoch="e1",
        sequence=sequence,
        captured_at_us=microseconds(NOON) + sequence,
        clock="host",
        width=1280,
        height=720,
    )
    producer.produce(
        Topic.FRAMES.value, key=camera.encode(), value=picture, headers=list(encode_headers(header))
    )
    producer.flush(10)


def test_a_picture_becomes_one_frame_and_the_end_of_its_stream(portal: Portal) -> None:
    sent = uploaded(portal)

    (frame, picture), (end, nothing) = frames_of(portal, sent.camera)

    assert (frame.origin, frame.width, frame.height, frame.end) == ("upload", 1280, 720, False)
    assert frame.captured_at == sent.created_at.astimezone(UTC)
    assert picture == portal.made.uploads.read(key=sent.object_key)
    assert (end.end, end.epoch, nothing) == (True, frame.epoch, b"")


def test_what_was_sent_is_marked_with_its_place(portal: Portal) -> None:
    sent = uploaded(portal)

    assert sent.status == "sent"
    assert sent.frame_position is not None
    assert sent.frame_position["topic"] == "frames"


def test_a_picture_that_waited_is_sent_when_the_stream_is_back(portal: Portal) -> None:
    waiting = uploaded(portal)
    portal.connection.execute(
        "UPDATE uploads SET status = 'received', frame_position = NULL WHERE id = %s", [waiting.id]
    )

    later = datetime.now(UTC) + timedelta(minutes=1)
    assert send_unsent(portal.made, now=later) == 1
    assert send_unsent(portal.made, now=later) == 0


def test_a_stage_that_does_not_run_is_named(portal: Portal) -> None:
    sent = uploaded(portal)
    portal.connection.execute(
        "UPDATE uploads SET created_at = created_at - interval '1 min' WHERE id = %s", [sent.id]
    )

    page = portal.user().get(f"/uploads/{sent.id}").get_data(as_text=True)

    assert "The stage “sightings” is not running." in page


def test_a_stage_that_has_passed_the_frame_counts_as_done(portal: Portal) -> None:
    sent = uploaded(portal)
    assert sent.frame_position is not None
    place = TopicPartition("frames", sent.frame_position["partition"], sent.frame_position["offset"] + 2)
    commit(portal, "sightings", place)
    portal.connection.execute(
        "UPDATE uploads SET created_at = created_at - interval '1 min' WHERE id = %s", [sent.id]
    )

    page = portal.user().get(f"/uploads/{sent.id}").get_data(as_text=True)

    assert '<li class="done">Finding vehicles, plates, characters' in page


def test_results_are_watched_for_more_until_every_stage_is_through(portal: Portal) -> None:
    sent = uploaded(portal)
    assert sent.frame_position is not None
    user, part = portal.user(), {"HX-Target": "result"}
    insert_passage(portal.connection, "KA05MJ4410", camera=sent.camera, origin="upload")
    assert "may still follow" in user.get(f"/uploads/{sent.id}").get_data(as_text=True)
    assert user.get(f"/uploads/{sent.id}?shown=1", headers=part).status_code == 204
    assert "KA 05 MJ 4410" in user.get(f"/uploads/{sent.id}?shown=1").get_data(as_text=True)

    insert_passage(portal.connection, "DL3CAY9324", camera=sent.camera, origin="upload")
    second = user.get(f"/uploads/{sent.id}?shown=1", headers=part).get_data(as_text=True)
    assert "2 plates" in second
    assert "may still follow" in second

    for stage in STAGES:
        commit_all(portal, stage, partition=sent.frame_position["partition"])
    third = user.get(f"/uploads/{sent.id}?shown=2", headers=part).get_data(as_text=True)
    assert "2 plates" in third
    assert "may still follow" not in third


def test_nobody_waits_for_ever_for_more_of_a_picture(portal: Portal) -> None:
    sent = uploaded(portal)
    insert_passage(portal.connection, camera=sent.camera, origin="upload")
    portal.connection.execute(
        "UPDATE uploads SET created_at = created_at - interval '11 min' WHERE id = %s", [sent.id]
    )

    assert "may still follow" not in portal.user().get(f"/uploads/{sent.id}").get_data(as_text=True)


def test_the_last_frame_of_a_camera_is_found_among_others(portal: Portal) -> None:
    kafka = portal.settings.kafka
    for sequence in range(3):
        send_frame(kafka, "gate", sequence, jpeg(a_frame_picture(f"MH12AB000{sequence}")))
        send_frame(kafka, "bridge", sequence, b"\xff\xd8 not looked at")

    frame = LastFrames(kafka).of(camera="gate")

    assert frame is not None
    assert frame.header.sequence == 2
    assert frame.picture == jpeg(a_frame_picture("MH12AB0002"))


def test_a_camera_without_frames_has_no_last_one(portal: Portal) -> None:
    assert LastFrames(portal.settings.kafka).of(camera="nobody") is None


def test_the_cameras_page_shows_the_frame_and_nobody_else_may_see_it(portal: Portal) -> None:
    picture = jpeg(a_frame_picture("MH12AB0009"))
    insert_camera(portal.connection, "square", now=datetime.now(UTC))
    send_frame(portal.settings.kafka, "square", 1, picture)

    answer = portal.user().get("/cameras/square/frame.jpg")

    assert answer.data == picture
    assert answer.headers["Cache-Control"] == "private, max-age=2"
    assert portal.visitor().get("/cameras/square/frame.jpg").status_code == 302
    assert portal.user().get("/cameras/upload-1/frame.jpg").status_code == 404


def test_the_portal_is_well_when_both_answer(portal: Portal) -> None:
    assert portal.visitor().get("/healthz").status_code == 200
