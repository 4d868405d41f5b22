"""Counting what became of frames and plates, on a real broker."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime

from confluent_kafka import Producer

from contracts.cameras import Camera
from contracts.codec import encode
from contracts.messages.common import LogPosition
from contracts.partition import partition_of
from contracts.topics import PARTITIONER, Topic
from deploy.drill.scene.filming import silent_cameras
from deploy.measure.flow import marks, wait_until_drained
from deploy.measure.log import LogReader
from tests.contracts.builders import a_sighting


def test_a_topic_is_read_from_one_mark_to_another(topics: str, fresh_name: Callable[[str], str]) -> None:
    producer = Producer({"bootstrap.servers": topics, "partitioner": PARTITIONER})
    cameras = [fresh_name("camera") for _ in range(40)]
    with closing(LogReader(topics)) as log:
        since = log.ends(Topic.SIGHTINGS)
        began = datetime.now(UTC)
        for camera in cameras:
            value = encode(
                a_sighting(camera=camera, frame=LogPosition(topic="frames", partition=0, offset=1))
            )
            producer.produce(Topic.SIGHTINGS, key=camera.encode(), value=value)
        producer.flush()
        until = log.ends(Topic.SIGHTINGS)
        read = {
            message.key(): message.partition()
            for message in log.read(Topic.SIGHTINGS, since=since, until=until)
        }
        assert sorted(key.decode() for key in read) == sorted(cameras)
        assert read == {key: partition_of(key, partitions=12) for key in read}
        assert log.at(Topic.SIGHTINGS, began) == since
        before_all_times = log.at(Topic.SIGHTINGS, datetime(1960, 1, 1, tzinfo=UTC))
        assert before_all_times == log.at(Topic.SIGHTINGS, datetime(1971, 1, 1, tzinfo=UTC))
        assert list(log.read(Topic.SIGHTINGS, since=until, until=until)) == []


def test_what_a_group_has_not_acknowledged_is_its_lag(topics: str, fresh_name: Callable[[str], str]) -> None:
    producer = Producer({"bootstrap.servers": topics})
    with closing(LogReader(topics)) as log:
        since = marks(log)
        producer.produce(Topic.COVERAGE, value=b"one")
        producer.produce(Topic.COVERAGE, value=b"two")
        producer.flush()
        assert log.lag(fresh_name("group"), Topic.COVERAGE, since=since[Topic.COVERAGE]) == 2


def test_waiting_for_stages_that_have_nothing_to_do_ends_at_once(topics: str) -> None:
    with closing(LogReader(topics)) as log:
        assert wait_until_drained(log, marks(log), within_sec=20, stopping=threading.Event()) == {}


def test_a_camera_that_gives_no_frame_any_more_is_named(
    topics: str, fresh_name: Callable[[str], str]
) -> None:
    filming, silent, over = (fresh_name("camera") for _ in range(3))
    cameras = [
        Camera(id=filming, source="rtsp://127.0.0.1:1/street"),
        Camera(id=silent, source="street.mp4", pace="real", repeat=True),
        Camera(id=over, source="yard.mp4", pace="real"),
    ]
    producer, done = Producer({"bootstrap.servers": topics}), threading.Event()

    def film() -> None:
        while not done.wait(0.1):
            producer.produce(Topic.FRAMES, key=filming.encode(), value=b"frame")
            producer.flush()

    thread = threading.Thread(target=film)
    thread.start()
    try:
        with closing(LogReader(topics)) as log:
            assert silent_cameras(log, cameras, within_sec=3.0) == [silent]
    finally:
        done.set()
        thread.join()
