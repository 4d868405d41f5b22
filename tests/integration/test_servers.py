"""The fixtures of the real parts do what their names say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import psycopg
from confluent_kafka import Consumer, Producer
from playwright.sync_api import Browser

from contracts.topics import ALL_TOPICS, PARTITIONER
from deploy.local.parts.topics import create_topics


def test_a_message_comes_back_from_the_broker(
    kafka: str, fresh_topic: Callable[..., str], fresh_name: Callable[[str], str]
) -> None:
    topic = fresh_topic("echo")
    producer = Producer({"bootstrap.servers": kafka, "partitioner": PARTITIONER})
    producer.produce(topic, key=b"north-gate", value=b"hello")
    assert producer.flush(20) == 0

    consumer = Consumer(
        {"bootstrap.servers": kafka, "group.id": fresh_name("group"), "auto.offset.reset": "earliest"}
    )
    consumer.subscribe([topic])
    message = consumer.poll(20)
    consumer.close()

    assert message is not None
    assert message.value() == b"hello"


def test_all_topics_of_the_contract_are_made_once(topics: str) -> None:
    assert create_topics(topics) == []
    assert len(ALL_TOPICS) > 0


def test_a_test_file_has_an_empty_database(database: str) -> None:
    with psycopg.connect(database) as connection:
        count = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()

    assert count == (0,)


def test_the_rtsp_server_plays_a_video_file(rtsp: Callable[[Path], str], tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    write_film(film, frames=40)

    with av.open(rtsp(film), options={"rtsp_transport": "tcp"}, timeout=10) as stream:
        frame = next(stream.decode(video=0))

    assert (frame.width, frame.height) == (320, 240)


def test_the_browser_renders_a_page(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content("<title>plates</title>")

    assert page.title() == "plates"


def write_film(path: Path, frames: int) -> None:
    with av.open(path, "w") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        for number in range(frames):
            picture = np.full((240, 320, 3), number * 5 % 256, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
