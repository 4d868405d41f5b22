"""One line on the terminal for every final plate, as the topic `plates` tells it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from zoneinfo import ZoneInfo

from confluent_kafka import Consumer, TopicPartition

from contracts.codec import decode
from contracts.errors import Rejected
from contracts.messages.plate import PlateEvent
from contracts.plate_number import spaced
from contracts.topics import Topic
from deploy.measure.log import Offsets

INDIA = ZoneInfo("Asia/Kolkata")
_POLL_SEC = 0.3


def line_for(event: PlateEvent) -> str:
    """A passage in one line, with the time on the camera's street."""
    time = event.best_captured_at.astimezone(INDIA)
    camera = "an upload" if event.origin == "upload" else event.camera
    reading = event.reading
    text = spaced(reading.text) if reading else "no plate"
    confidence = f"{reading.confidence:6.1%}" if reading else "      "
    mark = " " if reading and reading.accepted else "?"
    vehicle = event.vehicle.kind if event.vehicle else "-"
    return (
        f"{time:%H:%M:%S}  {camera:<18.18}  {text:<15}{mark} {confidence}  "
        f"{vehicle:<13}  {event.direction or '':<11}  {event.reads} reads"
    )


class Ticker:
    """Follows `plates` in a thread of its own and gives every final to `show`, once."""

    def __init__(self, bootstrap: str, *, since: Offsets, show: Callable[[PlateEvent], None]) -> None:
        self._consumer = Consumer(
            {"bootstrap.servers": bootstrap, "group.id": "platestream-ticker", "enable.auto.commit": False},
            logger=logging.getLogger("librdkafka"),
        )
        self._consumer.assign(
            [TopicPartition(Topic.PLATES, partition, offset) for partition, offset in since.items()]
        )
        self._show = show
        self._shown: set[str] = set()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="ticker", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._stopping.set()
        self._thread.join()
        self._consumer.close()

    def _follow(self) -> None:
        while not self._stopping.is_set():
            message = self._consumer.poll(_POLL_SEC)
            if message is None or message.error() is not None:
                continue
            try:
                event = decode(PlateEvent, message.value())
            except Rejected:
                continue  # junk on the topic is set aside by the stage that reads it
            if event.state == "final" and event.event_id not in self._shown:
                self._shown.add(event.event_id)
                self._show(event)
