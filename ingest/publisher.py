"""JPEG frames and coverage reports to Kafka, every delivery report counted."""

from __future__ import annotations

import functools
import logging
import threading
import time
from collections.abc import Callable

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from contracts.codec import encode
from contracts.errors import TryAgain
from contracts.messages.coverage import Coverage
from contracts.messages.frame import FrameHeader, encode_headers
from contracts.topics import MAX_MESSAGE_BYTES, PARTITIONER, Topic

# A broker may be away for a minute without loss: the queue holds about a minute of four cameras' frames,
# and a message is given up only after five. Beyond that, frames are shed and counted.
QUEUE_KBYTES = 256 * 1024
MESSAGE_TIMEOUT_MS = 300_000
_POLL_SEC = 0.2
_WAIT_FOR_ROOM_SEC = 0.05

log = logging.getLogger(__name__)


class Publisher:
    """The one producer of an ingest process. Thread-safe."""

    def __init__(self, bootstrap: str) -> None:
        self._producer = Producer(
            {
                "bootstrap.servers": bootstrap,
                "partitioner": PARTITIONER,
                "enable.idempotence": True,
                "compression.type": "none",  # JPEG does not compress
                "linger.ms": 5,
                "message.max.bytes": MAX_MESSAGE_BYTES,
                "batch.size": 1_000_000,
                "queue.buffering.max.kbytes": QUEUE_KBYTES,
                "queue.buffering.max.messages": 20_000,
                "message.timeout.ms": MESSAGE_TIMEOUT_MS,
                "reconnect.backoff.max.ms": 2_000,
            },
            logger=logging.getLogger("librdkafka"),
        )
        self._stopping = threading.Event()
        self._poller = threading.Thread(target=self._poll, name="kafka-delivery", daemon=True)
        self._poller.start()

    def send_frame(
        self, header: FrameHeader, data: bytes, *, delivered: Callable[[bool], None], wait: bool
    ) -> None:
        """Hand a frame to Kafka; `delivered` is called once with its fate, from another thread.

        With `wait` (files, whose frames do not run away) a full queue is waited for; without, the frame
        is given up at once.
        """
        report = functools.partial(_report, header.camera, delivered)
        while not self._stopping.is_set():
            try:
                self._producer.produce(
                    Topic.FRAMES,
                    key=header.camera.encode(),
                    value=data,
                    headers=list(encode_headers(header)),
                    on_delivery=report,
                )
            except BufferError:
                if not wait:
                    break
                time.sleep(_WAIT_FOR_ROOM_SEC)
            except KafkaException as error:  # a single frame larger than any message may be
                log.warning("camera %s frame %d: %s", header.camera, header.sequence, error)
                break
            else:
                return
        delivered(False)

    def send_coverage(self, coverage: Coverage) -> None:
        """Hand a report to Kafka; the next one replaces it, so a lost one is no loss."""
        try:
            self._producer.produce(Topic.COVERAGE, key=coverage.camera.encode(), value=encode(coverage))
        except BufferError:
            log.warning(
                "camera %s: coverage of %s not sent, the queue is full", coverage.camera, coverage.minute
            )

    def check(self, timeout_sec: float) -> None:
        """One round trip to the broker.

        Raises:
            TryAgain: it does not answer, or the topic is not there.
        """
        try:
            found = self._producer.list_topics(Topic.FRAMES, timeout=timeout_sec).topics[Topic.FRAMES]
        except KafkaException as error:
            raise TryAgain("Kafka", str(error.args[0].str())) from error
        if found.error is not None:
            raise TryAgain("Kafka", f"topic {Topic.FRAMES}: {found.error.str()}")

    def close(self, timeout_sec: float) -> int:
        """Flush; returns how many messages could not be delivered in time."""
        left = self._producer.flush(timeout_sec)
        self._stopping.set()
        self._poller.join()
        return left

    def _poll(self) -> None:
        while not self._stopping.is_set():
            self._producer.poll(_POLL_SEC)


def _report(
    camera: str, delivered: Callable[[bool], None], error: KafkaError | None, _message: Message
) -> None:
    if error is not None:
        log.warning("camera %s: frame not delivered: %s", camera, error.str())
    delivered(error is None)
