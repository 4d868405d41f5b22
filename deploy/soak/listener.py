"""Reads the topic `frames` as it grows: when each frame of each camera came."""

from __future__ import annotations

import threading
import time
from collections import Counter
from typing import cast

from confluent_kafka import Consumer, TopicPartition

from contracts.messages.frame import decode_headers
from contracts.topics import ALL_TOPICS, Topic

_POLL_SEC = 0.2


class Listener:
    """A thread of its own. `pairs`: capture and arrival in seconds since 1970 of frames stamped by their
    camera; `last`: the arrival of each camera's newest frame; `frames`: how many of each camera."""

    def __init__(self, bootstrap: str) -> None:
        self.pairs: list[tuple[float, float]] = []
        self.last: dict[str, float] = {}
        self.frames: Counter[str] = Counter()
        self._consumer = Consumer(
            {"bootstrap.servers": bootstrap, "group.id": "platestream-soak", "enable.auto.commit": False,
             "fetch.wait.max.ms": 10}
        )  # fmt: skip
        partitions = next(spec.partitions for spec in ALL_TOPICS if spec.name == Topic.FRAMES)
        self._consumer.assign([TopicPartition(Topic.FRAMES, number, 0) for number in range(partitions)])
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="soak-listener", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Reads what is still there, then ends."""
        self._stopping.set()
        self._thread.join()
        self._consumer.close()

    def _listen(self) -> None:
        quiet = 0
        while not self._stopping.is_set() or quiet < 10:
            message = self._consumer.poll(_POLL_SEC)
            quiet = quiet + 1 if message is None else 0
            if message is None or message.error() is not None:
                continue
            header = decode_headers(cast("list[tuple[str, bytes]]", message.headers() or []))
            if header.end:
                continue
            now = time.time()
            self.frames[header.camera] += 1
            self.last[header.camera] = now
            if header.clock == "rtcp":
                self.pairs.append((header.captured_at.timestamp(), now))
